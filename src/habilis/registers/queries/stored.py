"""The present state of fiches as records, in the very shape that sources are read into: diffs and exports use it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import QuerySet

from habilis.common.bulk import batches
from habilis.common.periods import PeriodQuerySet
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Correspondence,
    LegalText,
    LineageLink,
    PromotionStatistics,
    PublishedHabilitation,
    Route,
    VersionCode,
    VersionText,
)
from habilis.registers.records import CERTIFIER, FIELDS, HABILITATION, LISTS, TEXTS, Fiche, Row

# Columns of each list as the records order them; the children of a version are read in their stored order.
LIST_COLUMNS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "blocks": (Block, LISTS["blocks"]),
    "routes": (Route, LISTS["routes"]),
    "codes": (VersionCode, ("code__system", "code__code", "code__label", "position")),
    "legal_texts": (LegalText, LISTS["legal_texts"]),
    "statistics": (PromotionStatistics, LISTS["statistics"]),
    "correspondences": (Correspondence, LISTS["correspondences"]),
    "lineage": (LineageLink, LISTS["lineage"]),
}
LIST_ORDER = {
    "routes": ("route",),
    "codes": ("code__system", "position"),
    "legal_texts": ("kind", "position"),
    "lineage": ("direction", "position"),
}
BATCH = 500
BodyKey = tuple[int, int, int, date]  # row, organisation, rank, start of the row's period


@dataclass(slots=True)
class Stored:
    """A fiche of the database with the keys of its rows; `certifier_keys` and `habilitation_keys` follow the records."""

    certification_id: int
    version_id: int
    since: date
    withdrawn: bool
    fiche: Fiche
    certifier_keys: list[BodyKey] = field(default_factory=list)
    habilitation_keys: list[BodyKey] = field(default_factory=list)


def stored_by_number(numbers: Iterable[str]) -> dict[str, Stored]:
    """The current state of those numbers that exist; 11 queries whatever their count."""
    return {item.fiche.number: item for item in read_batch(Certification.objects.filter(number__in=list(numbers)))}


def stored_fiches(certifications: "QuerySet[Certification]") -> Iterator[Fiche]:
    """Records of the certifications, in their order, read by batches: flat memory."""
    keys = certifications.values_list("pk", flat=True).iterator(chunk_size=5000)
    for batch in batches(keys, BATCH):
        found = {item.certification_id: item.fiche for item in read_batch(Certification.objects.filter(pk__in=batch))}
        yield from (found[key] for key in batch if key in found)


def read_batch(certifications: "QuerySet[Certification]") -> list[Stored]:
    columns = [f"current_version__{name}" for name in FIELDS]
    rows = certifications.order_by().values_list(
        "pk", "number", "digest", "withdrawn_on", "current_version_id", "current_version__valid_from", *columns
    )
    found: dict[int, Stored] = {}  # by version
    for key, number, digest, withdrawn_on, version, since, *values in rows:
        fiche = Fiche(number=number, digest=digest, fields=dict(zip(FIELDS, values, strict=True)))
        found[version] = Stored(key, version, since, withdrawn_on is not None, fiche)
    read_texts(found)
    for name in LISTS:
        read_list(name, found)
    read_bodies({item.certification_id: item for item in found.values()})
    return list(found.values())


def read_texts(found: dict[int, Stored]) -> None:
    for version, *texts in VersionText.objects.filter(version__in=list(found)).values_list("version_id", *TEXTS):
        found[version].fiche.texts = dict(zip(TEXTS, texts, strict=True))


def read_list(name: str, found: dict[int, Stored]) -> None:
    model, columns = LIST_COLUMNS[name]
    rows = model._default_manager.filter(version__in=list(found))
    by_version: dict[int, list[Row]] = defaultdict(list)
    for version, *values in rows.order_by("version", *LIST_ORDER.get(name, ("position",))).values_list(
        "version_id", *columns
    ):
        by_version[version].append(tuple(values))
    for version, item in found.items():
        item.fiche.lists[name] = by_version[version]


def read_bodies(found: dict[int, Stored], on: date | None = None) -> None:
    certifiers, certifier_keys = body_rows(CertifierLink, CERTIFIER, found, on)
    habilitations, habilitation_keys = body_rows(PublishedHabilitation, HABILITATION, found, on)
    for key, item in found.items():
        item.fiche.certifiers, item.certifier_keys = certifiers[key], certifier_keys[key]
        item.fiche.habilitations, item.habilitation_keys = habilitations[key], habilitation_keys[key]


def body_rows(
    model: type[CertifierLink] | type[PublishedHabilitation],
    columns: Sequence[str],
    found: Iterable[int],
    on: date | None,
) -> tuple[dict[int, list[Row]], dict[int, list[BodyKey]]]:
    """Rows of the bodies of each certification (current, or of a day), and their keys, in the order of the fiche."""
    records: dict[int, list[Row]] = defaultdict(list)
    keys: dict[int, list[BodyKey]] = defaultdict(list)
    links = PeriodQuerySet[Any](model).filter(certification__in=list(found))
    rows = (
        (links.valid_at(on) if on else links.current())
        .order_by("certification", "position", "pk")
        .values_list(
            "certification_id", "pk", "organisation_id", "rank", "valid_from", "organisation__siret", *columns[1:]
        )
    )
    for certification, key, organisation, rank, since, siret, *values in rows:
        records[certification].append((siret or "", *values))
        keys[certification].append((key, organisation, rank, since))
    return records, keys


def fiche_of_version(version: CertificationVersion, on: date | None) -> Fiche:
    """The record of one version, with the bodies of that day, or the present ones without a day."""
    certification = version.certification
    fiche = Fiche(certification.number, fields={name: getattr(version, name) for name in FIELDS})
    found = {version.pk: Stored(certification.pk, version.pk, version.valid_from, False, fiche)}
    read_texts(found)
    for name in LISTS:
        read_list(name, found)
    by_certification = {certification.pk: found[version.pk]}
    read_bodies(by_certification, on)
    return fiche
