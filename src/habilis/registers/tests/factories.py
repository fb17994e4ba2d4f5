"""Small invented registers for tests: each function writes one thing with plausible defaults, any column can be given."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

from habilis.organisations.models import Organisation
from habilis.registers.enums import (
    AccessRoute,
    ChangeKind,
    ChangeVerb,
    CodeSystem,
    HabilitationRole,
    LegalTextKind,
    LineageDirection,
    LinkState,
    RegistrationKind,
    RunState,
)
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Change,
    Code,
    Correspondence,
    ImportRun,
    LegalText,
    LineageLink,
    PromotionStatistics,
    PublishedHabilitation,
    Route,
    SearchEntry,
    VersionCode,
    VersionText,
)
from habilis.registers.queries.stored import stored_by_number
from habilis.registers.queries.words import search_document

EXPORT = date(2026, 8, 16)
serial = count(1)


def luhn_key(digits: str) -> str:
    """The digit that makes `digits` + key pass the Luhn test."""
    total = sum(sum(divmod(int(digit) * (2 - position % 2), 10)) for position, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def a_siret(rank: int, establishment: int = 1) -> str:
    """An invented SIRET with exact keys; two establishments of one rank share their SIREN."""
    siren = f"9990{rank:04d}"
    siren += luhn_key(siren)
    nic = f"{establishment:04d}"
    return siren + nic + luhn_key(siren + nic)


def a_run(on: date = EXPORT, **fields: Any) -> ImportRun:
    defaults = {
        "digest": f"{on:%Y%m%d}" + "0" * 56,
        "source": f"export_fiches_RNCP_V4_1_{on:%Y-%m-%d}.xml",
        "format": "xml",
        "registers": "RNCP RS",
        "export_date": on,
        "state": RunState.APPLIED,
        "counts": {"fiches": {"added": 1, "updated": 0, "removed": 0, "unchanged": 0}},
    }
    return ImportRun.objects.create(**defaults | fields)


def the_run(on: date = EXPORT) -> ImportRun:
    return ImportRun.objects.filter(export_date=on).order_by("id").first() or a_run(on)


def a_body(name: str = "", siret: str | None = "", **fields: Any) -> Organisation:
    """An organisation; a SIRET is invented unless given (None: a body that the source does not number)."""
    number = next(serial)
    siret = a_siret(number % 10_000) if siret == "" else siret
    defaults = {
        "siren": (siret or "")[:9],
        "has_valid_siret": bool(siret),
        "department": (fields.get("postal_code") or "")[:2],
    }
    return Organisation.objects.create(name=name or f"Organisme {number}", siret=siret, **defaults | fields)


def add_blocks(version: CertificationVersion, blocks: Sequence[Mapping[str, Any] | str]) -> None:
    for position, block in enumerate(blocks):
        columns = {"title": block} if isinstance(block, str) else dict(block)
        code = f"{version.certification.number}BC{position + 1:02d}"
        Block.objects.create(version=version, position=position, **{"code": code} | columns)


def add_routes(version: CertificationVersion, routes: Mapping[AccessRoute, str | None]) -> None:
    for route, jury in routes.items():
        Route.objects.create(version=version, route=route, is_open=jury is not None, jury=jury or "")


def add_codes(version: CertificationVersion, codes: Iterable[tuple[CodeSystem, str, str]]) -> None:
    ranks: Counter[CodeSystem] = Counter()
    for system, code, label in codes:
        ranks[system] += 1
        row, _ = Code.objects.get_or_create(system=system, code=code, label=label)
        VersionCode.objects.create(version=version, code=row, position=ranks[system])


def add_lineage(direction: LineageDirection) -> Callable[[CertificationVersion, Sequence[str]], None]:
    def add(version: CertificationVersion, numbers: Sequence[str]) -> None:
        for position, number in enumerate(numbers):
            LineageLink.objects.create(version=version, direction=direction, position=position, number=number)

    return add


def add_correspondences(version: CertificationVersion, rows: Sequence[tuple[str, str, str]]) -> None:
    for n, (source, number, target) in enumerate(rows):
        Correspondence.objects.create(
            version=version, position=n, source_codes=source, target_number=number, target_codes=target
        )


def add_statistics(version: CertificationVersion, rows: Sequence[Mapping[str, Any]]) -> None:
    for n, row in enumerate(rows):
        PromotionStatistics.objects.create(version=version, position=n, **row)


def add_legal_texts(version: CertificationVersion, rows: Sequence[Mapping[str, Any]]) -> None:
    for n, row in enumerate(rows):
        LegalText.objects.create(version=version, position=n, **{"kind": LegalTextKind.GENERAL} | dict(row))


PARTS: dict[str, Callable[[CertificationVersion, Any], None]] = {
    "blocks": add_blocks,  # titles, or columns
    "routes": add_routes,  # open route -> composition of its jury (None: closed)
    "codes": add_codes,  # (system, code, label)
    "replaces": add_lineage(LineageDirection.REPLACES),  # numbers
    "replaced_by": add_lineage(LineageDirection.REPLACED_BY),  # numbers
    "correspondences": add_correspondences,  # (codes of this fiche, other number, codes of the other)
    "statistics": add_statistics,  # columns
    "legal_texts": add_legal_texts,  # columns
}


def a_version(
    certification: Certification,
    *,
    run: ImportRun | None = None,
    since: date = EXPORT,
    until: date | None = None,
    texts: Mapping[str, str] | None = None,
    **columns: Any,
) -> CertificationVersion:
    """A version of a fiche with its parts (see `PARTS`) and columns; it becomes the current one when it has no end."""
    parts = {name: columns.pop(name) for name in PARTS if name in columns}
    defaults = {
        "title": "Développeur web",
        "level": 5,
        "level_code": "NIV5",
        "level_label": "Niveau 5",
        "is_active": True,
        "kind": RegistrationKind.ON_REQUEST,
        "editorial_state": "Publiée",
        "decision_date": date(2025, 1, 15),
        "duration_years": 3,
        "end_date": date(2028, 1, 15),
    }
    version = CertificationVersion.objects.create(
        certification=certification, run=run or the_run(since), valid_from=since, valid_to=until, **defaults | columns
    )
    VersionText.objects.create(version=version, **texts or {})
    for name, rows in parts.items():
        PARTS[name](version, rows)
    if until is None:
        Certification.objects.filter(pk=certification.pk).update(current_version=version)
        certification.current_version = version
    return version


def a_certification(
    number: str = "", *, since: date = EXPORT, withdrawn_on: date | None = None, **version: Any
) -> Certification:
    """A certification with one version that holds from `since` on; the other arguments are those of `a_version`."""
    number = number or f"RNCP{90_000 + next(serial)}"
    register = "RS" if number.startswith("RS") else "RNCP"
    certification = Certification.objects.create(
        number=number,
        register=register,
        rank=int(number.removeprefix(register)),
        first_seen_on=since,
        withdrawn_on=withdrawn_on,
    )
    a_version(certification, since=since, **version)
    return certification


def a_certifier(certification: Certification, organisation: Organisation | None = None, **fields: Any) -> CertifierLink:
    organisation = organisation or a_body("Certificateur d’essai")
    defaults = {"run": the_run(), "name": organisation.name, "state": LinkState.ACTIVE, "valid_from": EXPORT}
    return CertifierLink.objects.create(certification=certification, organisation=organisation, **defaults | fields)


def a_partner(
    certification: Certification,
    organisation: Organisation | None = None,
    role: HabilitationRole = HabilitationRole.BOTH,
    **fields: Any,
) -> PublishedHabilitation:
    organisation = organisation or a_body()
    defaults = {"run": the_run(), "name": organisation.name, "state": LinkState.ACTIVE, "valid_from": EXPORT}
    return PublishedHabilitation.objects.create(
        certification=certification, organisation=organisation, role=role, **defaults | fields
    )


def a_change(certification: Certification, on: date = EXPORT, **fields: Any) -> Change:
    defaults = {"run": the_run(on), "kind": ChangeKind.FICHE, "verb": ChangeVerb.UPDATED}
    return Change.objects.create(certification=certification, on=on, **defaults | fields)


def make_searchable(*certifications: Certification) -> None:
    """Write the search entries that an import writes."""
    for certification in certifications:
        fiche = stored_by_number([certification.number])[certification.number].fiche
        title, keywords, body = search_document(fiche)
        SearchEntry.objects.create(certification=certification, title=title, keywords=keywords, body=body)
