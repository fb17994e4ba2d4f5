"""Rows of the journal. References are opaque, without foreign key: the apps that own the objects stand above."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from habilis.common.workflow import Stateful
from habilis.journal.enums import EntryKind
from habilis.journal.tree.canonical import leaf_data
from habilis.journal.tree.notes import Verifier, decode

# Columns that an entry's bytes carry: all of them, save the hash that they give.
LEAF_COLUMNS = (
    *("id", "seq", "kind", "recorded_at", "effective_on", "actor_ref", "org_ref", "object_ref"),
    *("payload", "subject_commits", "evidence", "prev_state_commit"),
)


class EntryQuerySet(models.QuerySet["Entry"]):
    def pending(self) -> Self:
        """Committed, not yet in the tree."""
        return self.filter(seq__isnull=True)

    def about(self, object_ref: str) -> Self:
        return self.filter(object_ref=object_ref)

    def late(self, now: datetime, interval: timedelta) -> Self:
        """Still outside the tree after two intervals: nothing protects them, somebody must look at the worker."""
        return self.pending().filter(recorded_at__lt=now - 2 * interval)


class Entry(models.Model):
    """An act, written in the transaction of the change that it tells. Written by `journal.services` alone.

    `seq` is its place in the tree, given once by the sequencer. `recorded_at` comes from the clock of the database,
    `effective_on` from the act. `subject_commits` are keyed commitments, `evidence` SHA-256 of documents that nobody
    can guess. Everything but `leaf_hash` is in `leaf_data`.
    """

    seq = models.PositiveBigIntegerField("rang", null=True, blank=True, unique=True, editable=False)
    kind = models.CharField("nature", max_length=40, choices=EntryKind.choices)
    recorded_at = models.DateTimeField("inscrit le", db_default=Now(), editable=False)
    effective_on = models.DateField("prend effet le")
    actor_ref = models.CharField("auteur", max_length=64)
    org_ref = models.CharField("organisme", max_length=64, blank=True)
    object_ref = models.CharField("objet", max_length=100)
    payload = models.JSONField("contenu", default=dict)
    subject_commits = models.JSONField("engagements", default=list)
    evidence = models.JSONField("preuves", default=list)
    prev_state_commit = models.CharField("engagement de l’état précédent", max_length=64, blank=True)
    leaf_hash = models.BinaryField("empreinte", null=True, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "entrées du journal"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(seq__isnull=True), name="journal_entry_pending"),
            models.Index(fields=["object_ref", "id"], name="journal_entry_object"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="journal_entry_known_kind"),
            models.CheckConstraint(
                condition=Q(seq__isnull=True, leaf_hash__isnull=True) | Q(seq__isnull=False, leaf_hash__isnull=False),
                name="journal_entry_numbered_is_hashed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.object_ref}"

    def leaf_data(self) -> bytes:
        return row_leaf_data({name: getattr(self, name) for name in LEAF_COLUMNS})


def row_leaf_data(row: dict[str, Any]) -> bytes:
    """Canonical bytes of an entry given by its columns."""
    return leaf_data(
        {
            "id": row["id"],
            "seq": row["seq"],
            "kind": row["kind"],
            "at": row["recorded_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "effective_on": row["effective_on"].isoformat(),
            "actor_ref": row["actor_ref"],
            "org_ref": row["org_ref"],
            "object_ref": row["object_ref"],
            "payload": row["payload"],
            "subject_commit": row["subject_commits"],
            "doc_sha256": row["evidence"],
            "prev_state_commit": row["prev_state_commit"],
        }
    )


class TreeState(models.Model):
    """The one row (pk 1) that the sequencer locks: size and compact range of the tree."""

    size = models.PositiveBigIntegerField("taille", default=0)
    hashes = models.BinaryField("empreintes", default=b"")

    class Meta:
        verbose_name = "état de l’arbre"
        verbose_name_plural = "états de l’arbre"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="journal_treestate_alone")]

    def __str__(self) -> str:
        return str(self.size)


class SigningKey(models.Model):
    """Public part of a key of the log; the private part is a file of the home. Kept for ever, to verify old checkpoints.

    It counts from `created_at` to `retired_at` (excluded). All keys bear the name of the first one: the origin.
    """

    origin = models.CharField("origine", max_length=200)
    verifier = models.CharField("clé publique", max_length=300, unique=True)
    created_at = models.DateTimeField("créée le")
    retired_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "clé du journal"
        verbose_name_plural = "clés du journal"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["origin"], condition=Q(retired_at__isnull=True), name="journal_signingkey_one_active"
            )
        ]

    def __str__(self) -> str:
        return self.verifier

    def as_verifier(self) -> Verifier:
        key = Verifier.parse(self.verifier)
        return Verifier(key.name, key.public, key.algorithm, self.created_at, self.retired_at)


class Checkpoint(models.Model):
    """A signed statement of the root of the tree at a size."""

    tree_size = models.PositiveBigIntegerField("taille", db_index=True)
    root_hash = models.CharField("racine", max_length=44)
    note = models.TextField("note signée")
    signed_at = models.DateTimeField("signé le")
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="checkpoints", verbose_name="clé")

    class Meta:
        verbose_name = "point de contrôle"
        verbose_name_plural = "points de contrôle"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.tree_size} {self.root_hash}"

    @property
    def root(self) -> bytes:
        return decode(self.root_hash)


class SubjectKey(models.Model):
    """The secret key of a person's commitments, or of an object's notes. Deleting it is what erasure means here:
    the entries stay and verify, and nobody can tell any more what they commit to."""

    subject_ref = models.CharField("personne ou objet", max_length=100, unique=True)
    key = models.BinaryField("clé")

    class Meta:
        verbose_name = "clé d’engagement"
        verbose_name_plural = "clés d’engagement"

    def __str__(self) -> str:
        return self.subject_ref


class TransitionRecord(models.Model):
    """A transition of a workflow, told to the people who may read it. Abstract: one table a workflow, append-only.

    A subclass adds `row`, a foreign key to its `Stateful` model with `related_name="history"`. The note is text of a
    person: the journal entry carries a keyed commitment of it, never the words.
    """

    name = models.CharField("action", max_length=40)
    source = models.CharField("état de départ", max_length=20)
    target = models.CharField("état d’arrivée", max_length=20)
    actor_ref = models.CharField("auteur", max_length=64)
    org_ref = models.CharField("organisme", max_length=64, blank=True)
    role = models.CharField("rôle", max_length=40, blank=True)
    recorded_at = models.DateTimeField("inscrit le", db_default=Now(), editable=False)
    effective_on = models.DateField("prend effet le")
    reason = models.CharField("motif", max_length=60, blank=True)
    note = models.TextField("note", blank=True)
    evidence = models.CharField("preuve", max_length=64, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+", verbose_name="entrée du journal")

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} {self.source} → {self.target}"


def history_of(row: Stateful) -> type[TransitionRecord]:
    """The history table of a workflow's model."""
    relation: str = "history"  # named apart: not every workflow has one, which the types would refuse
    model = type(row)._meta.get_field(relation).related_model
    if not (isinstance(model, type) and issubclass(model, TransitionRecord)):
        raise TypeError(f"{type(row).__name__}.history is not a TransitionRecord")
    return model
