"""Bodies and fiches: who serves a certification, and what one body certifies or prepares for."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, OrderBy, Q, QuerySet, When

from habilis.organisations.models import Organisation
from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.models import Certification, CertifierLink, PublishedHabilitation

IDLE = (LinkState.INACTIVE, LinkState.REMOVED)  # a row without a state is listed and not withdrawn: it counts as active


def certifiers(certification: Certification, on: date | None) -> QuerySet[CertifierLink]:
    """Certifiers of a fiche on a day, last known without a day, in the order of the fiche."""
    links = CertifierLink.objects.filter(certification=certification).select_related("organisation")
    held: QuerySet[CertifierLink] = links.valid_at(on) if on else links.current()
    return held.order_by("position", "id")


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """What the reader asks of the partners of a fiche; an empty string asks for nothing."""

    text: str = ""
    role: str = ""
    state: str = ""
    department: str = ""
    sort: str = ""


SORTS = {"": ("name", "id"), "-state_changed_on": ("-state_changed_on", "name", "id"), "position": ("position", "id")}


def named(text: str) -> Q:
    """The beginning of a SIRET, or a part of a name. SQLite folds the case of plain letters only: both cases are asked."""
    compact = "".join(text.split())
    if compact.isdecimal():
        return Q(organisation__siret__startswith=compact)
    match = Q()
    for variant in sorted({text, text.upper(), text.lower()}):
        match |= Q(name__icontains=variant)
    return match


def partners(
    certification: Certification, on: date | None, asked: PartnerFilter | None = None
) -> QuerySet[PublishedHabilitation]:
    """Habilitations published on a fiche on a day, last known without a day."""
    asked = asked or PartnerFilter()
    links = PublishedHabilitation.objects.filter(certification=certification).select_related("organisation")
    rows: QuerySet[PublishedHabilitation] = links.valid_at(on) if on else links.current()
    if asked.text.strip():
        rows = rows.filter(named(asked.text.strip()))
    if asked.role in HabilitationRole.values:
        rows = rows.filter(role=asked.role)
    if asked.state in LinkState.values:
        rows = rows.filter(state=asked.state)
    if asked.department:
        rows = rows.filter(organisation__department=asked.department)
    return rows.order_by(*SORTS.get(asked.sort, SORTS[""]))


@dataclass(frozen=True, slots=True)
class PartnerCounts:
    """Partners of a fiche: all, active, (role, label, active, all) for each role met, departments known."""

    total: int
    active: int
    roles: list[tuple[str, Any, int, int]]
    departments: list[str]


def partner_counts(certification: Certification, on: date | None) -> PartnerCounts:
    """Two queries."""
    rows = partners(certification, on).order_by()
    grouped = rows.values("role").annotate(total=Count("id"), active=Count("id", filter=~Q(state__in=IDLE)))
    counts = {row["role"]: (row["active"], row["total"]) for row in grouped}
    departments = rows.exclude(organisation__department="").values_list("organisation__department", flat=True)
    return PartnerCounts(
        total=sum(total for _, total in counts.values()),
        active=sum(active for active, _ in counts.values()),
        roles=[(role.value, role.label, *counts[role]) for role in HabilitationRole if role in counts],
        departments=sorted(departments.distinct()),
    )


# --- one body -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BodyFilter:
    """`active`: only fiches in force and links neither inactive nor removed. `past`: links that ended too."""

    text: str = ""
    role: str = ""
    active: bool = False
    past: bool = False


@dataclass(frozen=True, slots=True)
class BodyCounts:
    certified: int
    certified_active: int
    habilitations: int
    habilitations_active: int
    past: int


def in_force(day: date) -> Q:
    """The linked certification is published as active and its registration runs on that day."""
    running = Q(certification__current_version__end_date__isnull=True) | Q(
        certification__current_version__end_date__gte=day
    )
    return running & Q(certification__withdrawn_on__isnull=True, certification__current_version__is_active=True)


def asked_links(asked: BodyFilter, day: date) -> Q:
    """The condition on links of one body that a reader asks for."""
    match = Q() if asked.past else Q(valid_to__isnull=True)
    if asked.active:
        match &= in_force(day) & ~Q(state__in=IDLE)
    if text := asked.text.strip():
        match &= Q(certification__number__istartswith=text) | titled(text)
    if asked.role in HabilitationRole.values:
        match &= Q(role=asked.role)
    return match


def titled(text: str) -> Q:
    match = Q()
    for variant in sorted({text, text.upper(), text.lower(), text.capitalize()}):
        match |= Q(certification__current_version__title__icontains=variant)
    return match


def by_interest(day: date) -> list[OrderBy | str]:
    """Fiches in force first, then the most recent numbers."""
    rank = Case(When(in_force(day), then=0), default=1, output_field=IntegerField())
    return [rank.asc(), "certification__register", "-certification__rank", "id"]


def certified_by(organisation: Organisation, day: date, asked: BodyFilter) -> QuerySet[CertifierLink]:
    """What a body certifies (the role asked is about partners: it is ignored)."""
    return (
        CertifierLink.objects.filter(asked_links(replace(asked, role=""), day), organisation=organisation)
        .select_related("certification__current_version")
        .order_by(*by_interest(day))
    )


def habilitations_of(organisation: Organisation, day: date, asked: BodyFilter) -> QuerySet[PublishedHabilitation]:
    """Where a body is a partner."""
    return (
        PublishedHabilitation.objects.filter(asked_links(asked, day), organisation=organisation)
        .select_related("certification__current_version")
        .order_by(*by_interest(day))
    )


def body_counts(organisation: Organisation, day: date) -> BodyCounts:
    """Current and past links of a body (two queries)."""
    current = Q(valid_to__isnull=True)
    active = current & in_force(day) & ~Q(state__in=IDLE)
    shape = {
        "current": Count("id", filter=current),
        "active": Count("id", filter=active),
        "past": Count("id", filter=~current),
    }
    certified = CertifierLink.objects.filter(organisation=organisation).aggregate(**shape)
    partner = PublishedHabilitation.objects.filter(organisation=organisation).aggregate(**shape)
    return BodyCounts(
        certified=certified["current"],
        certified_active=certified["active"],
        habilitations=partner["current"],
        habilitations_active=partner["active"],
        past=certified["past"] + partner["past"],
    )


@dataclass(frozen=True, slots=True)
class Establishment:
    """One establishment of a legal unit, with the number of its current links."""

    organisation: Organisation
    certified: int
    habilitations: int


def establishments(siren: str) -> list[Establishment]:
    """Establishments of a legal unit, by SIRET: one query for the bodies, one for each kind of link.

    The largest legal units of the registers have a few hundred establishments.
    """
    bodies = list(Organisation.objects.filter(siren=siren).order_by("siret", "id"))
    certified = _per_body(CertifierLink.objects.filter(organisation__siren=siren))
    habilitations = _per_body(PublishedHabilitation.objects.filter(organisation__siren=siren))
    return [Establishment(body, certified.get(body.pk, 0), habilitations.get(body.pk, 0)) for body in bodies]


def _per_body(links: QuerySet[Any]) -> dict[int, int]:
    rows = links.filter(valid_to__isnull=True).order_by().values("organisation").annotate(total=Count("id"))
    return {row["organisation"]: row["total"] for row in rows}
