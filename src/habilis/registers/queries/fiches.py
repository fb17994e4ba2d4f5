"""Everything one fiche says, as last known or as published on a past day, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Case, F, IntegerField, QuerySet, When
from django.utils.translation import gettext_lazy as _

from habilis.registers.enums import AccessRoute, CodeSystem
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Change,
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
class FicheBlock:
    block: Block
    correspondences: list[Correspondences]


@dataclass(frozen=True, slots=True)
class Fiche:
    """One fiche on one page. `on` is None for its last known state; `day` is the day its rights are judged on."""

    certification: Certification
    version: CertificationVersion
    on: date | None
    day: date
    blocks: list[FicheBlock]
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
    equivalences = correspondences(version)
    return Fiche(
        certification=certification,
        version=version,
        on=on,
        day=on or today,
        blocks=[
            FicheBlock(block, [group for group in equivalences if block.code and block.code in group.codes.split()])
            for block in version.blocks.all()
        ],
        routes=routes(version),
        codes=codes(version),
        legal_texts=list(version.legal_texts.all()),
        statistics=sorted(version.statistics.all(), key=lambda row: row.year),
        correspondences=equivalences,
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


def changes(certification: Certification, *, key_only: bool = False) -> QuerySet[Change]:
    """What imports changed in a fiche: latest export first; within it key changes first, those of the fiche itself first."""
    rows = Change.objects.filter(certification=certification).select_related("certification")
    if key_only:
        rows = rows.filter(is_key=True)
    order = [When(kind=kind, then=rank) for rank, kind in enumerate(("fiche", "block", "certifier"))]
    return rows.order_by("-on", "-run_id", "-is_key", Case(*order, default=9, output_field=IntegerField()), "id")


@dataclass(frozen=True, slots=True)
class Status:
    """What to say of a certification on a day: tone and icon of its badge, a word, a sentence."""

    key: str
    tone: str
    icon: str
    label: "StrOrPromise"
    detail: "StrOrPromise"


STATUSES = {
    row.key: row
    for row in (
        Status("active", "good", "check", _("Active"), _("Enregistrée et publiée comme active.")),
        Status("inactive", "neutral", "minus", _("Inactive"), _("Le répertoire la publie comme inactive.")),
        Status("expired", "bad", "stop", _("Échue"), _("Son enregistrement a pris fin.")),
        Status("withdrawn", "bad", "cross", _("Retirée"), _("Elle ne figure plus dans le répertoire.")),
        Status("unknown", "warn", "question", _("État non publié"), _("La source ne dit pas si elle est active.")),
    )
}


def status(certification: Certification, version: CertificationVersion, day: date) -> Status:
    """The end of registration prevails over the state published; a withdrawal over both. No query."""
    if certification.withdrawn_on and certification.withdrawn_on <= day:
        return STATUSES["withdrawn"]
    if version.end_date and version.end_date < day:
        return STATUSES["expired"]
    return STATUSES[{True: "active", False: "inactive", None: "unknown"}[version.is_active]]
