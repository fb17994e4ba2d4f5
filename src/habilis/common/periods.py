"""Periods of validity, half-open: a row holds from `valid_from` (included) to `valid_to` (excluded, null = still holds)."""

from datetime import date
from typing import Any, Self, TypeVar

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.models import F, Q

Row = TypeVar("Row", bound=models.Model)


class PeriodQuerySet(models.QuerySet[Row]):
    def valid_at(self, day: date) -> Self:
        """Rows that hold on that day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def current(self) -> Self:
        """Rows whose end is not known: the last state of each thing."""
        return self.filter(valid_to__isnull=True)


class Period(models.Model):
    """A row that holds for a while. An empty period (`valid_from == valid_to`) is a state replaced on its first day."""

    valid_from = models.DateField("valable à partir du")
    valid_to = models.DateField("n’est plus valable à partir du", null=True, blank=True)

    class Meta:
        abstract = True

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def ordered_period(table: str) -> models.CheckConstraint:
    """CHECK that a period does not end before it starts."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
        name=f"{table}_ordered_period",
        violation_error_message="La fin de la période précède son début.",
    )


def one_current(table: str, *fields: str) -> models.UniqueConstraint:
    """At most one row without an end for each combination of the fields."""
    return models.UniqueConstraint(fields=list(fields), condition=Q(valid_to__isnull=True), name=f"{table}_one_current")


def forbid_overlap(table: str, *columns: str) -> list[Operation]:
    """Migration operations: two rows of `table` that agree on the columns never hold on the same day.

    An exclusion constraint on PostgreSQL, two triggers and one index on SQLite; an IntegrityError on both. Rows already
    there are checked on PostgreSQL only. A null column agrees with nothing; an empty period overlaps nothing. The index
    holds closed rows only, so that loading current ones costs little: two of these are refused by `one_current` alone,
    which the model declares on the same columns.
    On SQLite a later migration that rebuilds the table (a field altered or removed) drops the triggers without a word:
    such a migration repeats these operations, which may run twice; a test per table notices.
    """

    def forbid(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        allow(_, editor)
        write = _exclusion if editor.connection.vendor == "postgresql" else _triggers
        for statement in write(table, columns):
            editor.execute(statement)

    def allow(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_no_overlap")
            return
        for event in ("insert", "update"):
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_overlap_{event}")
        editor.execute(f"DROP INDEX IF EXISTS {table}_closed")

    return [migrations.RunPython(forbid, allow)]


def _exclusion(table: str, columns: tuple[str, ...]) -> list[str]:
    keys = "".join(f"{column} WITH =, " for column in columns)
    return [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_no_overlap"
        f" EXCLUDE USING gist ({keys}daterange(valid_from, valid_to, '[)') WITH &&)",
    ]


def _triggers(table: str, columns: tuple[str, ...]) -> list[str]:
    """An insert is judged before it happens and fails alone, which spares SQLite a journal per row (4 µs) when the
    statement says INSERT OR FAIL.
    """
    keys = ", ".join(columns)
    match = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    same = f"SELECT 1 FROM {table} WHERE {match}"  # noqa: S608 our own names
    starts = "(NEW.valid_to IS NULL OR valid_from < NEW.valid_to)"
    lasts = "valid_to IS NOT NULL AND valid_to > NEW.valid_from AND valid_from < valid_to"

    def trigger(event: str, moment: str, others: str, effect: str) -> str:
        return f"""
            CREATE TRIGGER {table}_no_overlap_{event} {moment} ON {table}
            WHEN (NEW.valid_to IS NULL OR NEW.valid_from < NEW.valid_to) AND (
                NEW.valid_to IS NOT NULL AND EXISTS ({others} AND valid_to IS NULL AND valid_from < NEW.valid_to)
                OR EXISTS ({others} AND {lasts} AND {starts})
            ) BEGIN SELECT RAISE({effect}, '{table}: overlapping periods'); END"""

    return [
        f"CREATE INDEX {table}_closed ON {table} ({keys}, valid_to) WHERE valid_to IS NOT NULL",
        trigger("insert", "BEFORE INSERT", same, "FAIL"),
        trigger("update", f"AFTER UPDATE OF {keys}, valid_from, valid_to", f"{same} AND rowid <> NEW.rowid", "ABORT"),
    ]
