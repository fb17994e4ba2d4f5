"""Long jobs as their users see them, the workers that run them, and the slots of the schedule."""

import uuid

from django.db import models
from django.db.models import Q

from habilis.common.enums import JobState


class JobProgress(models.Model):
    """How far a job is, for the person who asked for it. Written by `jobs.start` and `jobs.following` only.

    The id is random because it is in the address of the page. `key` names what is asked ("import:<digest>"): asking
    twice gives the same row. `total` is 0 as long as it is unknown. Texts are in `language`, the language of the asker.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField("clé", max_length=200, unique=True)
    title = models.CharField("intitulé", max_length=300)
    state = models.CharField("état", max_length=8, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveIntegerField("fait", default=0)
    total = models.PositiveIntegerField("à faire", default=0)
    message = models.TextField("message", blank=True)
    language = models.CharField("langue", max_length=10, default="fr")
    requested_by = models.CharField("demandé par", max_length=100, blank=True)  # an opaque identifier, never a name
    result_url = models.CharField("adresse du résultat", max_length=500, blank=True)
    task_id = models.UUIDField("tâche", null=True, blank=True, db_index=True)
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "avancement d’un travail"
        verbose_name_plural = "avancements des travaux"
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_known_state"),
            models.CheckConstraint(
                condition=Q(state__in=[JobState.DONE, JobState.FAILED], finished_at__isnull=False)
                | Q(state__in=[JobState.WAITING, JobState.RUNNING], finished_at__isnull=True),
                name="job_finished_has_date",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_finished(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)

    @property
    def percent(self) -> int | None:
        """0 to 100, or None while the size of the work is unknown."""
        if self.state == JobState.DONE:
            return 100
        return min(100, 100 * self.done // self.total) if self.total else None


class WorkerBeat(models.Model):
    """Last sign of life of a worker process, by the clock of the database."""

    worker_id = models.CharField("ouvrier", max_length=64, primary_key=True)
    host = models.CharField("machine", max_length=100)
    pid = models.PositiveIntegerField("processus")
    queues = models.CharField("files", max_length=200)
    started_at = models.DateTimeField("démarré le")
    seen_at = models.DateTimeField("dernier signe", db_index=True)

    class Meta:
        verbose_name = "signe de vie d’un ouvrier"
        verbose_name_plural = "signes de vie des ouvriers"
        ordering = ["worker_id"]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class ScheduledSlot(models.Model):
    """A period of a scheduled job for which its task was enqueued: the unique row is what makes N workers enqueue once."""

    job = models.CharField("travail", max_length=200)
    slot = models.DateTimeField("créneau")
    task_id = models.UUIDField("tâche")

    class Meta:
        verbose_name = "créneau planifié"
        verbose_name_plural = "créneaux planifiés"
        ordering = ["-slot", "job"]
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="scheduled_slot_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.slot:%Y-%m-%d %H:%M}"
