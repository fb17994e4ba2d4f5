"""What the imports brought: the changes, page by page, and how fresh each register is.

Changes are read in the order in which they were applied, which is that of their ids: one import runs at a time. A page
is bounded by an id, so that it stays the same while imports add changes, and a reader who keeps the last id misses none,
even of an export older than one already applied.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from habilis.registers.enums import ChangeKind, Register, RunState
from habilis.registers.models import OPEN_LICENCE, Certification, Change, ImportRun

COUNTED = 10_000  # changes counted at most: past it, a total is only said to be larger


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from, as the licence wants it said beside it."""

    name: str
    licence: str
    export_date: date

    @classmethod
    def of(cls, run: ImportRun) -> "Source":
        return cls(run.source, run.licence, run.export_date)

    @property
    def is_official(self) -> bool:
        """Published by the regulator, under its licence."""
        return self.licence == OPEN_LICENCE

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Freshness:
    """The last import applied to a register; `source` is None as long as nothing was imported."""

    register: str
    source: Source | None
    applied_at: datetime | None
    counts: dict[str, Any]


def last_run(register: str) -> ImportRun | None:
    """The applied run with the latest export that covers the register. One query."""
    covering = ImportRun.objects.filter(state=RunState.APPLIED, registers__contains=register)
    return covering.order_by("-export_date", "-id").first()


def freshness(registers: Sequence[str] = Register.values) -> list[Freshness]:
    """One line and one query per register."""
    return [_freshness(register) for register in registers]


def _freshness(register: str) -> Freshness:
    run = last_run(register)
    if run is None:
        return Freshness(register, None, None, {})
    return Freshness(register, Source.of(run), run.finished_at, run.counts)


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """What a reader asks for; empty asks for nothing. `since` is a date of export, that day included."""

    since: date | None = None
    register: str = ""
    kind: str = ""
    key_only: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Consecutive changes. `cursor` is the id that bounds the next page, None on the last one; `total` is that of all
    the pages, `COUNTED` + 1 meaning more than can be counted cheaply."""

    changes: list[Change]
    cursor: int | None
    total: int


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The changes that one import made to one fiche."""

    certification: Certification
    run: ImportRun
    on: date
    changes: list[Change] = field(default_factory=list)


def changes_since(asked: ChangeFilter, *, after: int = 0, limit: int = 100) -> ChangePage:
    """Oldest first, for those who follow: what was applied after the change `after`. Two or three queries."""
    rows = _matching(asked)
    return _page(rows, rows.filter(id__gt=after).order_by("id") if after else rows.order_by("id"), limit)


def latest_changes(asked: ChangeFilter, *, before: int | None = None, limit: int = 100) -> ChangePage:
    """Newest first, for those who look: what was applied before the change `before`. Two or three queries."""
    rows = _matching(asked)
    return _page(rows, rows.filter(id__lt=before).order_by("-id") if before else rows.order_by("-id"), limit)


def grouped(changes: Iterable[Change]) -> Iterator[ChangeGroup]:
    """Consecutive changes of one fiche by one run; a group cut by the end of a page goes on in the next."""
    for _, rows in groupby(changes, key=lambda row: (row.run_id, row.certification_id)):
        group = list(rows)
        yield ChangeGroup(group[0].certification, group[0].run, group[0].on, group)


def _page(matching: QuerySet[Change], rest: QuerySet[Change], limit: int) -> ChangePage:
    rows = list(rest.select_related("certification__current_version", "run")[: limit + 1])
    more = len(rows) > limit
    return ChangePage(rows[:limit], rows[limit - 1].pk if more else None, matching.order_by()[: COUNTED + 1].count())


def _matching(asked: ChangeFilter) -> QuerySet[Change]:
    rows = Change.objects.all()
    if asked.since:
        first = _first_applied(asked.since)
        rows = rows.filter(on__gte=asked.since, id__gte=first) if first else rows.none()
    if asked.number:
        rows = rows.filter(certification__number=asked.number)
    if asked.register in Register.values:
        # Asked row by row: a join lets the engine start from the register and sort its changes.
        rows = rows.filter(Exists(Certification.objects.filter(pk=OuterRef("certification"), register=asked.register)))
    if asked.kind in ChangeKind.values:
        rows = rows.filter(kind=asked.kind)
    return rows.filter(is_key=True) if asked.key_only else rows


def _first_applied(since: date) -> int | None:
    """The first change of the first run of an export of that day or later: where to enter the table by its key."""
    runs = ImportRun.objects.filter(export_date__gte=since, changes__isnull=False)
    return runs.order_by("id", "changes__id").values_list("changes__id", flat=True).first()
