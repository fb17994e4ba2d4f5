"""What the imports brought: how fresh each register is."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from habilis.registers.enums import Register, RunState
from habilis.registers.models import ImportRun


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from, as the licence wants it said beside it."""

    name: str
    licence: str
    export_date: date

    @classmethod
    def of(cls, run: ImportRun) -> "Source":
        return cls(run.source, run.licence, run.export_date)

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


def freshness() -> list[Freshness]:
    """One line per register, in the order of `Register`. One query per register."""
    return [_freshness(register) for register in Register.values]


def _freshness(register: str) -> Freshness:
    run = last_run(register)
    if run is None:
        return Freshness(register, None, None, {})
    return Freshness(register, Source.of(run), run.finished_at, run.counts)
