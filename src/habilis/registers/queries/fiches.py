"""Everything one fiche says, as last known or as published on a past day, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from habilis.registers.enums import AccessRoute, CodeSystem
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Code,
    Correspondence,
    LegalText,
    PromotionStatistics,
    Route,
    VersionCode,
)
from habilis.registers.queries import bodies
from habilis.registers.records import NUMBER

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

OFFICIAL = "https://www.francecompetences.fr/recherche/{register}/{rank}/"  # formats.md §2.1


@dataclass(frozen=True, slots=True)
class Correspondences:
    """What a block (or, without code, the whole fiche) is declared equivalent to: (other fiche, its blocks, is known)."""

    codes: str
    targets: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Fiche:
    """One fiche on one page. `on` is None for its last known state; `day` is the day its rights are judged on."""

    certification: Certification
    version: CertificationVersion
    on: date | None
    day: date
    blocks: list[Block]
    routes: list[Route]
    codes: dict[str, list[Code]]
    legal_texts: list[LegalText]
    statistics: list[PromotionStatistics]
    correspondences: list[Correspondences]
    certifiers: list[CertifierLink]

    @property
    def official_url(self) -> str:
        return official_url(self.certification)


def official_url(certification: Certification) -> str:
    """The page of the fiche on the regulator's site."""
    return OFFICIAL.format(register=certification.register.lower(), rank=certification.rank)


def canonical(text: str) -> str | None:
    """The number that a text stands for ("rncp 37674", "RS-5875", "RNCP037674"), or None; digits alone are no number."""
    compact = "".join(char for char in text.upper() if char.isalnum())
    for register in ("RNCP", "RS"):
        digits = compact.removeprefix(register)
        if digits != compact and digits.isdecimal():
            number = f"{register}{digits.lstrip('0')}"
            return number if NUMBER.fullmatch(number) else None
    return None


def find(number: str) -> Certification | None:
    """The certification and its current version, texts included (one query)."""
    return (
        Certification.objects.select_related("current_version__texts", "current_version__run")
        .filter(number=number)
        .first()
    )


def version_on(certification: Certification, on: date | None) -> CertificationVersion | None:
    """The version that held on a day, the current one without a day; None before the fiche was known (0 or 1 query)."""
    if on is None:
        return certification.current_version
    held: QuerySet[CertificationVersion] = CertificationVersion.objects.valid_at(on).filter(certification=certification)
    return held.select_related("texts", "run").order_by("-valid_from", "-id").first()


def read(certification: Certification, version: CertificationVersion, *, on: date | None, today: date) -> Fiche:
    """Eight queries, whatever the fiche holds; partners, lineage and changes are read apart."""
    return Fiche(
        certification=certification,
        version=version,
        on=on,
        day=on or today,
        blocks=list(version.blocks.all()),
        routes=routes(version),
        codes=codes(version),
        legal_texts=list(version.legal_texts.all()),
        statistics=sorted(version.statistics.all(), key=lambda row: row.year),
        correspondences=correspondences(version),
        certifiers=list(bodies.certifiers(certification, on)),
    )


def routes(version: CertificationVersion) -> list[Route]:
    """The six ways in the order of the enum; one that the source does not give is neither open nor closed."""
    known = {row.route: row for row in version.routes.all()}
    return [known.get(route) or Route(version=version, route=route) for route in AccessRoute]


def codes(version: CertificationVersion) -> dict[str, list[Code]]:
    links = VersionCode.objects.filter(version=version).select_related("code").order_by("position", "id")
    found: dict[str, list[Code]] = {system: [] for system in CodeSystem}
    for link in links:
        found[link.code.system].append(link.code)
    return found


def correspondences(version: CertificationVersion) -> list[Correspondences]:
    """Grouped by the blocks they start from, in the order of the fiche (two queries)."""
    rows: list[Correspondence] = list(version.correspondences.all())
    numbers = {row.target_number for row in rows}
    known = set(Certification.objects.filter(number__in=numbers).values_list("number", flat=True))
    groups: dict[str, Correspondences] = {}
    for row in rows:
        group = groups.setdefault(row.source_codes, Correspondences(row.source_codes, []))
        group.targets.append((row.target_number, row.target_codes, row.target_number in known))
    return list(groups.values())


def versions(certification: Certification) -> QuerySet[CertificationVersion]:
    """Versions of a fiche, latest first, with the columns that a list shows; one replaced on its first day is left out."""
    return (
        CertificationVersion.objects.filter(certification=certification)
        .exclude(valid_to__isnull=False, valid_to__lte=F("valid_from"))
        .select_related("run")
        .only(
            "certification",
            "valid_from",
            "valid_to",
            "title",
            "is_active",
            "end_date",
            "run__export_date",
            "run__source",
        )
        .order_by("-valid_from", "-id")
    )


# --- is it active, until when ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """What to say of a certification on a day: a colour of the badges, a word, a sentence."""

    tone: str
    label: StrOrPromise
    detail: StrOrPromise


EXPIRED = Status("danger", _("Échue"), _("L’enregistrement a pris fin."))
INACTIVE = Status("secondary", _("Inactive"), _("Le répertoire la publie comme inactive."))
WITHDRAWN = Status("danger", _("Retirée"), _("Elle ne figure plus dans l’export complet du répertoire."))
ACTIVE = Status("success", _("Active"), _("Enregistrée et publiée comme active."))
UNKNOWN = Status("secondary", _("État non publié"), _("La source importée ne dit pas si la fiche est active."))


def status(certification: Certification, version: CertificationVersion, day: date) -> Status:
    if certification.withdrawn_on and certification.withdrawn_on <= day:
        return WITHDRAWN
    if version.end_date and version.end_date < day:
        return EXPIRED
    return {True: ACTIVE, False: INACTIVE, None: UNKNOWN}[version.is_active]


@dataclass(frozen=True, slots=True)
class Mark:
    """A date on the validity bar, at `x` thousandths of its width."""

    key: str
    label: StrOrPromise
    on: date
    x: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The validity bar, in thousandths: the registration from `start` to `end`, the time left to deliver until `tail`.

    `open_start` and `open_end` say that the source gives no date there.
    """

    start: int
    end: int
    tail: int
    open_start: bool
    open_end: bool
    marks: list[Mark]


LABELS: dict[str, StrOrPromise] = {
    "start": _("Début"),
    "day": _("Jour lu"),
    "end": _("Fin d’enregistrement"),
    "issue": _("Délivrance possible jusqu’au"),
}
MARGIN = 40  # thousandths kept free at both ends, so that a mark is never cut


def timeline(version: CertificationVersion, day: date) -> Timeline | None:
    """None when the source gives no date to draw."""
    dates = {"start": version.start_date, "end": version.end_date, "issue": version.last_issue_date}
    known = {key: value for key, value in dates.items() if value} | {"day": day}
    if len(known) == 1:
        return None
    first, last = min(known.values()), max(known.values())
    span = (last - first).days or 1

    def x(when: date) -> int:
        return MARGIN + round((when - first).days / span * (1000 - 2 * MARGIN))

    marks = [Mark(key, LABELS[key], known[key], x(known[key])) for key in LABELS if key in known]
    start = x(known["start"]) if "start" in known else 0
    end = x(known["end"]) if "end" in known else 1000
    return Timeline(
        start=min(start, end),
        end=end,
        tail=max(end, x(known["issue"])) if "issue" in known else end,
        open_start="start" not in known,
        open_end="end" not in known,
        marks=sorted(marks, key=lambda mark: mark.on),
    )
