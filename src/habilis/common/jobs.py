"""Background work. The only module that knows which library runs it: apps take `task`, `enqueue`, `start`, `follow`.

A task is enqueued in the caller's transaction and may run twice (a worker that is killed, or silent too long, loses its
task to another one): every job is safe to run again. Arguments are identifiers, never names: they are stored in clear.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from logging import getLogger
from types import FrameType
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, OperationalError, close_old_connections, transaction
from django.db.models.functions import Now
from django.db.utils import DatabaseError
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django_tasks import TaskResultStatus as Status
from django_tasks import task as task
from django_tasks.base import Task
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import is_locked_database_exception

from habilis.common.enums import JobState
from habilis.common.models import JobProgress, ScheduledSlot, WorkerBeat

BEAT = 10  # seconds between two signs of life
SILENCE = timedelta(seconds=60)  # after which a worker counts as dead
ATTEMPTS = 3
KEPT = timedelta(days=30)  # what is finished stays readable that long
log = getLogger(__name__)


class JobFailed(Exception):
    """Ends a job with a sentence for the person who asked for it."""


class WorkerLost(Exception):
    """Named in the failure of a task whose worker died at each attempt; never raised."""


# What apps use


def enqueue(job: Task[..., Any], *args: Any, **kwargs: Any) -> UUID:
    """Have the task run once the current transaction is committed; a rollback forgets it."""
    return UUID(job.enqueue(*args, **kwargs).id)


def start(job: Task[..., Any], *args: Any, key: str, title: str, requested_by: str = "") -> JobProgress:
    """Enqueue `job(progress_id, *args)` and the row that follows it. The same key gives the same row, and no second
    task unless the first one failed."""
    fresh = {"title": title, "requested_by": requested_by, "language": translation.get_language() or "fr"}
    with transaction.atomic():
        progress, is_new = JobProgress.objects.get_or_create(key=key, defaults=fresh)
        if not is_new:
            restarted = JobProgress.objects.filter(pk=progress.pk, state=JobState.FAILED).update(
                **fresh, state=JobState.WAITING, done=0, total=0, message="", started_at=None, finished_at=None
            )
            if not restarted:
                return progress
        task_id = enqueue(job, str(progress.pk), *args)
        JobProgress.objects.filter(pk=progress.pk).update(task_id=task_id)
    progress.refresh_from_db()
    return progress


class Progress:
    """Handed to the work by `follow`. Call `step` as often as you like, outside transactions: it writes twice a second."""

    def __init__(self, pk: str) -> None:
        self.rows, self.written = JobProgress.objects.filter(pk=pk), float("-inf")

    def step(self, done: int, total: int, message: str = "") -> None:
        if done >= total or time.monotonic() - self.written >= 0.5:
            self.rows.update(done=done, total=total, message=message)
            self.written = time.monotonic()


def follow(progress_id: str, work: Callable[[Progress], str]) -> None:
    """Do the work of a task and keep its row up to date. `work` returns the address of the result, or "".

    Texts are in the language of the person who asked. A `JobFailed` is shown to them as it is, another error is not.
    """
    rows = JobProgress.objects.filter(pk=progress_id)
    job = rows.get()
    if job.state == JobState.DONE:  # its worker died between the end of the work and the end of the task
        return
    rows.update(state=JobState.RUNNING, started_at=timezone.now(), finished_at=None, message="")
    with translation.override(job.language):
        try:
            url = work(Progress(progress_id))
        except Exception as error:
            _fail(job, str(error) if isinstance(error, JobFailed) else _unexpected(job))
            raise
    rows.update(state=JobState.DONE, finished_at=timezone.now(), result_url=url)


def _unexpected(job: JobProgress) -> str:
    return gettext(
        "Une erreur imprévue a arrêté ce travail : relancez-le, et prévenez l’exploitant si elle revient (travail %(id)s)."
    ) % {"id": job.pk}


def _fail(job: JobProgress, message: str) -> None:
    JobProgress.objects.filter(pk=job.pk).exclude(state=JobState.DONE).update(
        state=JobState.FAILED, finished_at=timezone.now(), message=message
    )


# What keeps it running


def reap() -> tuple[int, int]:
    """Give the tasks of silent workers to others, or fail them at the third attempt; how many of each.

    Several workers may do it at once: the condition on `started_at` lets one of them win.
    """
    alive = set(WorkerBeat.objects.filter(seen_at__gte=Now() - SILENCE).values_list("worker_id", flat=True))
    again = lost = 0
    for found in DBTaskResult.objects.running():
        if found.worker_ids[-1] in alive:
            continue
        seen = DBTaskResult.objects.filter(pk=found.pk, status=Status.RUNNING, started_at=found.started_at)
        job = JobProgress.objects.filter(task_id=found.pk).first()
        if len(found.worker_ids) < ATTEMPTS:
            again += seen.update(status=Status.READY, started_at=None)
        elif seen.update(
            status=Status.FAILED,
            finished_at=timezone.now(),
            exception_class_path=f"{WorkerLost.__module__}.{WorkerLost.__qualname__}",
            traceback=f"The worker died or fell silent {ATTEMPTS} times.",
        ):
            lost += 1
            log.error("task %s (%s) lost its worker %s times", found.pk, found.task_path, ATTEMPTS)
            if job:
                with translation.override(job.language):
                    _fail(job, _unexpected(job))
    return again, lost


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Enqueue the task `job` (a dotted name) once per period, counted from 1970 in UTC."""

    job: str
    every: timedelta
    queue: str = "default"


def schedule() -> list[Scheduled]:
    """Our own sweep, then what the settings add (SCHEDULE: a list of tuples in the order of `Scheduled`)."""
    return [Scheduled(f"{__name__}.prune", timedelta(days=1)), *(Scheduled(*one) for one in settings.SCHEDULE)]


def enqueue_due(now: datetime) -> int:
    """Enqueue what the current periods still lack, whatever the number of workers that try; how many this one did."""
    count = 0
    for one in schedule():
        period = one.every.total_seconds()
        slot = datetime.fromtimestamp(now.timestamp() // period * period, UTC)
        if ScheduledSlot.objects.filter(job=one.job, slot=slot).exists():
            continue
        try:
            with transaction.atomic():
                task_id = enqueue(import_string(one.job).using(queue_name=one.queue))
                ScheduledSlot.objects.create(job=one.job, slot=slot, task_id=task_id)
            count += 1
        except IntegrityError:
            log.debug("%s: another worker was faster", one.job)
    return count


@task()
def prune() -> None:
    """Forget what was finished a month ago."""
    before = timezone.now() - KEPT
    DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()
    JobProgress.objects.filter(finished_at__lt=before).delete()
    ScheduledSlot.objects.filter(slot__lt=before).delete()
    WorkerBeat.objects.filter(seen_at__lt=before).delete()


class Worker(db_worker.Worker):
    """A worker of django_tasks_db with a heartbeat; its second thread also reaps and enqueues what is due.

    The first signal ends it after the current task. The second one ends it at once: the task goes to another worker.
    """

    def __init__(self, queues: list[str], *, once: bool = False) -> None:
        super().__init__(
            queue_names=queues,
            excluded_queue_names=[],
            interval=1,
            batch=once,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid4().hex,
        )
        self.was_told = False
        self.stopping = threading.Event()

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        if self.was_told:
            os._exit(1)
        self.was_told = True
        super().shutdown(signum, frame)

    def run(self) -> None:
        self.tick()
        pulse = threading.Thread(target=self.beat_on, daemon=True)
        pulse.start()
        try:
            self.work()
        finally:
            self.stopping.set()
            pulse.join()
            WorkerBeat.objects.filter(pk=self.worker_id).delete()

    def work(self) -> None:
        """Run tasks until told to stop. SQLite may be locked by a long write when we look for a task: look again."""
        while True:
            try:
                return super().run()
            except OperationalError as error:
                if not is_locked_database_exception(error):
                    raise
                log.warning("the database is locked by a long write; trying again")

    def beat_on(self) -> None:
        while not self.stopping.wait(BEAT):
            close_old_connections()
            try:
                self.tick()
            except DatabaseError:
                log.exception("no sign of life could be given")

    def tick(self) -> None:
        """One sign of life, then the sweeps; unless the database kept us waiting: it silenced the others too."""
        started = time.monotonic()
        WorkerBeat.objects.update_or_create(
            worker_id=self.worker_id,
            defaults={"seen_at": Now()},
            create_defaults={
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "queues": ",".join(self.queue_names),
                "started_at": Now(),
                "seen_at": Now(),
            },
        )
        if time.monotonic() - started < BEAT / 2:
            reap()
            enqueue_due(timezone.now())
