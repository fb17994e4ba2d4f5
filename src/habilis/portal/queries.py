"""What the way in says of the registers: how much they hold on a day, and how fresh they are."""

from dataclasses import asdict, dataclass
from datetime import date

from django.core.cache import cache

from habilis.registers.enums import LinkState, Register
from habilis.registers.models import Block, Certification, PublishedHabilitation
from habilis.registers.queries.changes import Freshness, freshness

HOUR = 3600


@dataclass(frozen=True)
class Figures:
    """Counts on a day; partners are bodies with at least one habilitation that is not published as ended."""

    active_rncp: int
    active_rs: int
    blocks: int
    partners: int


def figures(on: date, lines: list[Freshness]) -> Figures:
    """Four counts over whole tables, kept for an hour or until another import is applied: no query while kept."""
    key = f"portal-figures-{on}-{'-'.join(str(line.applied_at and line.applied_at.timestamp()) for line in lines)}"
    if (kept := cache.get(key)) is None:
        cache.set(key, kept := asdict(_count(on)), HOUR)
    return Figures(**kept)


def _count(on: date) -> Figures:
    active = Certification.objects.active_on(on)
    habilitations = PublishedHabilitation.objects.valid_at(on).filter(state__in=["", LinkState.ACTIVE])
    return Figures(
        active_rncp=active.filter(register=Register.RNCP).count(),
        active_rs=active.filter(register=Register.RS).count(),
        blocks=Block.objects.filter(version__in=active.values("current_version")).count(),
        partners=habilitations.values("organisation").distinct().count(),
    )


def sources() -> list[Freshness]:
    """The registers of which something was imported. Two queries."""
    return [line for line in freshness() if line.source]
