"""Periods of validity, half-open: a row holds from `valid_from` (included) to `valid_to` (excluded, null = still holds)."""

from datetime import date
from typing import Self, TypeVar

from django.db import models
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
