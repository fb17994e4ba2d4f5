"""Jobs: enqueued with the transaction, followed, given to another worker, scheduled once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone, translation
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from habilis.common import jobs
from habilis.common.jobs import Worker, enqueue, enqueue_due, prune, reap, schedule, start
from habilis.common.models import JobProgress, ScheduledSlot, WorkerBeat
from habilis.common.tests import tasks

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def french():
    with translation.override("fr"):
        yield


def run_ready():
    """Run the ready tasks in this process."""
    for task in DBTaskResult.objects.ready():
        task.claim("here")
        Worker(["default", "long"]).run_task(task)


# Enqueueing


def test_forgets_the_task_of_a_rolled_back_act():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(tasks.nothing)
        raise ZeroDivisionError
    assert DBTaskResult.objects.count() == 0
    with transaction.atomic():
        enqueue(tasks.nothing)
    assert DBTaskResult.objects.count() == 1


def test_leaves_no_row_of_a_rolled_back_start():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        start(tasks.count, 3, key="count", title="Compter")
        raise ZeroDivisionError
    assert (DBTaskResult.objects.count(), JobProgress.objects.count()) == (0, 0)


def test_starts_one_job_per_key():
    one = start(tasks.count, 3, key="count", title="Compter", requested_by="u7")
    two = start(tasks.count, 3, key="count", title="Compter")
    assert (one.pk, one.task_id, one.requested_by) == (two.pk, two.task_id, "u7")
    assert DBTaskResult.objects.count() == 1
    run_ready()
    assert start(tasks.count, 3, key="count", title="Compter").state == "done"
    assert DBTaskResult.objects.count() == 1
    assert start(tasks.count, 3, key="other", title="Compter").pk != one.pk


def test_starts_a_failed_job_again():
    first = start(tasks.count, 3, "broken", key="count", title="Compter")
    run_ready()
    again = start(tasks.count, 3, key="count", title="Compter")
    assert (again.pk, again.state, again.done, again.message) == (first.pk, "waiting", 0, "")
    run_ready()
    again.refresh_from_db()
    assert again.state == "done"


# Following


def test_follows_a_job_to_its_end():
    job = start(tasks.count, 3, key="count", title="Compter")
    assert (job.state, job.percent, job.is_finished) == ("waiting", None, False)
    run_ready()
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.percent, job.result_url) == ("done", 3, 3, 100, "/result/")
    assert job.started_at <= job.finished_at
    assert DBTaskResult.objects.get(pk=job.task_id).status == "SUCCESSFUL"


def test_tells_a_refusal_as_it_is():
    job = start(tasks.count, 1, "refused", key="count", title="Compter")
    run_ready()
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "Ce fichier n’en est pas un : envoyez-en un autre.")
    assert DBTaskResult.objects.get(pk=job.task_id).status == "FAILED"


def test_keeps_the_details_of_an_error_to_the_operator():
    job = start(tasks.count, 1, "broken", key="count", title="Compter")
    run_ready()
    job.refresh_from_db()
    assert job.message == (
        "Une erreur imprévue a arrêté ce travail : relancez-le, et prévenez l’exploitant si elle revient"
        f" (travail {job.pk})."
    )
    assert "a detail for nobody" in DBTaskResult.objects.get(pk=job.task_id).traceback


def test_speaks_the_language_of_the_person_who_asked():
    with translation.override("en"):
        job = start(tasks.count, 1, key="count", title="Count")
    assert job.language == "en"
    seen = []
    jobs.follow(str(job.pk), lambda progress: seen.append(translation.get_language()) or "")
    assert seen == ["en"]


def test_does_not_work_twice_when_the_end_was_already_told():
    job = start(tasks.count, 1, key="count", title="Compter")
    done = []
    for _ in range(2):
        jobs.follow(str(job.pk), lambda progress: done.append(1) or "")
    assert done == [1]


def test_writes_progress_twice_a_second_at_most(django_assert_num_queries):
    job = start(tasks.count, 1, key="count", title="Compter")
    progress = jobs.Progress(str(job.pk))
    with django_assert_num_queries(2):
        for number in range(1001):
            progress.step(number, 1000)
    job.refresh_from_db()
    assert (job.done, job.total) == (1000, 1000)


def test_refuses_a_progress_that_ends_without_a_date():
    with pytest.raises(IntegrityError), transaction.atomic():
        JobProgress.objects.create(key="x", title="x", state="done")
    with pytest.raises(IntegrityError), transaction.atomic():
        JobProgress.objects.create(key="x", title="x", state="eaten")


# Reaping


def running(workers, started_at=NOW):
    pk = enqueue(tasks.nothing)
    DBTaskResult.objects.filter(pk=pk).update(status="RUNNING", started_at=started_at, worker_ids=workers)
    return DBTaskResult.objects.get(pk=pk)


def beat(worker_id, ago=0):
    seen_at = timezone.now() - timedelta(seconds=ago)
    WorkerBeat.objects.create(
        worker_id=worker_id, host="h", pid=1, queues="default", started_at=seen_at, seen_at=seen_at
    )


@pytest.mark.parametrize(
    ("ago", "status"), [(None, "READY"), (3600, "READY"), (61, "READY"), (55, "RUNNING"), (0, "RUNNING")]
)
def test_takes_the_task_of_a_silent_worker(ago, status):
    task = running(["w1"])
    if ago is not None:
        beat("w1", ago)
    assert reap() == (int(status == "READY"), 0)
    task.refresh_from_db()
    assert task.status == status
    assert (task.started_at is None) == (status == "READY")


def test_looks_at_the_last_worker():
    beat("w1")
    assert reap() == (0, 0)
    running(["w1", "w2"])
    assert reap() == (1, 0)


def test_gives_up_at_the_third_loss():
    job = start(tasks.count, 3, key="count", title="Compter")
    row = DBTaskResult.objects.filter(pk=job.task_id)
    row.update(status="RUNNING", started_at=NOW, worker_ids=["w1", "w2", "w3"])
    assert reap() == (0, 1)
    task = row.get()
    assert (task.status, task.exception_class_path) == ("FAILED", "habilis.common.jobs.WorkerLost")
    assert task.task_result.errors[0].exception_class is jobs.WorkerLost
    assert task.finished_at is not None
    job.refresh_from_db()
    assert job.state == "failed"
    assert "prévenez l’exploitant" in job.message
    assert reap() == (0, 0)


def test_lets_one_of_two_reapers_win(monkeypatch):
    """The second one read the task before the first one gave it away, and another worker took it since."""
    stale = running(["w1"])
    DBTaskResult.objects.filter(pk=stale.pk).update(started_at=NOW + timedelta(seconds=5), worker_ids=["w1", "w2"])
    monkeypatch.setattr(DBTaskResult.objects, "running", lambda: [stale])
    assert reap() == (0, 0)
    assert DBTaskResult.objects.get(pk=stale.pk).status == "RUNNING"


# The schedule


def test_enqueues_once_per_period(settings):
    settings.SCHEDULE = [("habilis.common.tests.tasks.nothing", timedelta(hours=1), "long")]
    assert enqueue_due(NOW) == 2
    assert enqueue_due(NOW + timedelta(minutes=29)) == 0
    assert enqueue_due(NOW + timedelta(minutes=30)) == 1
    assert enqueue_due(NOW + timedelta(days=1)) == 2
    slots = ScheduledSlot.objects.filter(job__endswith="nothing").order_by("slot").values_list("slot", flat=True)
    assert [f"{slot:%d %H:%M}" for slot in slots] == ["04 10:00", "04 11:00", "05 10:00"]
    names = sorted(DBTaskResult.objects.values_list("task_path", "queue_name"))
    assert (
        names == [("habilis.common.jobs.prune", "default")] * 2 + [("habilis.common.tests.tasks.nothing", "long")] * 3
    )


def test_enqueues_nothing_when_another_worker_was_faster(monkeypatch):
    enqueue_due(NOW)
    monkeypatch.setattr(ScheduledSlot.objects, "filter", lambda **_: ScheduledSlot.objects.none())
    assert enqueue_due(NOW) == 0  # it saw no row, and the unique one stopped it
    assert DBTaskResult.objects.count() == 1


def test_schedules_jobs_that_exist():
    for one in schedule():
        assert jobs.import_string(one.job).using(queue_name=one.queue)


def test_forgets_what_ended_long_ago():
    old = timezone.now() - timedelta(days=31)
    running([])
    for status in ("SUCCESSFUL", "FAILED"):
        DBTaskResult.objects.filter(pk=enqueue(tasks.nothing)).update(status=status, finished_at=old)
        DBTaskResult.objects.filter(pk=enqueue(tasks.nothing)).update(status=status, finished_at=timezone.now())
    JobProgress.objects.create(key="old", title="", state="done", finished_at=old)
    JobProgress.objects.create(key="new", title="")
    beat("w1", ago=31 * 86400)
    beat("w2")
    prune.call()
    assert DBTaskResult.objects.count() == 3
    assert [job.key for job in JobProgress.objects.all()] == ["new"]
    assert [worker.pk for worker in WorkerBeat.objects.all()] == ["w2"]


# The worker, in this process


def test_beats_then_sweeps():
    task = running(["gone"])
    worker = Worker(["default"])
    worker.tick()
    worker.tick()
    assert WorkerBeat.objects.get().pk == worker.worker_id
    task.refresh_from_db()
    assert task.status == "READY"
    assert ScheduledSlot.objects.count() == 1


def test_does_not_accuse_the_others_after_a_wait(monkeypatch):
    """A long write kept the database: their silence proves nothing until they could speak again."""
    running(["silenced"])
    clock = iter([0.0, 6.0, 10.0, 10.1])
    monkeypatch.setattr(jobs.time, "monotonic", lambda: next(clock))
    worker = Worker(["default"])
    worker.tick()
    assert DBTaskResult.objects.running().count() == 1
    worker.tick()
    assert DBTaskResult.objects.running().count() == 0


def test_survives_a_locked_database(monkeypatch):
    outcomes = iter([OperationalError("database is locked"), None])

    def run(self):
        if outcome := next(outcomes):
            raise outcome

    monkeypatch.setattr(db_worker.Worker, "run", run)
    Worker(["default"]).work()
    assert list(outcomes) == []
    monkeypatch.setattr(db_worker.Worker, "run", lambda self: (_ for _ in ()).throw(OperationalError("no such host")))
    with pytest.raises(OperationalError, match="no such host"):
        Worker(["default"]).work()


def test_refuses_an_unknown_queue():
    with pytest.raises(CommandError, match="Files inconnues : fast"):
        call_command("worker", "--queues", "default,fast")
