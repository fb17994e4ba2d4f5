"""Writing the plans of a batch: set-based, in the caller's transaction. Dates travel as ISO strings (see `common.bulk`)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import models

from habilis.common.bulk import load, reserve_ids, update
from habilis.common.diff import Difference, Verb
from habilis.organisations.services import register_published
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
from habilis.registers.queries.stored import BodyKey, Stored
from habilis.registers.queries.words import search_document
from habilis.registers.records import FIELDS, LISTS, TEXTS, Fiche, Row
from habilis.registers.services.differences import Key, Plan, keyed

# What a field holds when no source has given it yet.
EMPTY = {name: None if CertificationVersion._meta.get_field(name).null else "" for name in FIELDS}
DATE_PLACES = [place for place, name in enumerate(FIELDS) if name.endswith("_date")]
# Lists of a version that keep their order in a position; routes and codes have an order of their own.
POSITIONED: tuple[tuple[str, type[models.Model]], ...] = (
    ("blocks", Block),
    ("statistics", PromotionStatistics),
    ("correspondences", Correspondence),
    ("legal_texts", LegalText),
    ("lineage", LineageLink),
)
GROUPED = frozenset(("legal_texts", "lineage"))  # their positions start again with each first cell
LINK = ("certification_id", "organisation_id", "run_id", "rank", "position", "valid_from", "name")
CERTIFIER_LINK = (*LINK, "state", "state_changed_on", "commercial_name", "website")
HABILITATION_LINK = (*LINK, "role", "state", "active_since", "state_changed_on")
CHANGE = ("run_id", "certification_id", "on", "kind", "verb", "key", "field", "before", "after", "is_key")

Numbered = Sequence[tuple[int, Plan]]  # with the id of the certification, or of its version


class Days(dict[date | None, str | None]):
    """Days as the drivers of both engines take them, each computed once; None stays None."""

    def __missing__(self, day: date | None) -> str | None:
        self[day] = text = day.isoformat() if day else None
        return text


ISO = Days()


def plain(value: Any) -> Any:
    """A value as the drivers of both engines take it."""
    if isinstance(value, date):
        return ISO[value]
    return str(value) if isinstance(value, Decimal) else value


# A row of a list ready for the drivers, where some cells are not: texts, numbers and booleans are.
READY: dict[str, Callable[[Row], Row]] = {
    "statistics": lambda row: tuple(map(plain, row)),
    "legal_texts": lambda row: (*row[:2], ISO[row[2]]),
}


def field_cells(fiche: Fiche) -> list[Any]:
    """The fields of a version in the order of `FIELDS`, ready for the drivers."""
    cells = list(map((EMPTY | fiche.fields).__getitem__, FIELDS))
    for place in DATE_PLACES:
        cells[place] = ISO[cells[place]]
    return cells


def certifier_cells(row: Row) -> Row:
    return (row[1], row[2], ISO[row[3]], row[4], row[5])


def habilitation_cells(row: Row) -> Row:
    return (row[1], row[2], row[3], ISO[row[4]], ISO[row[5]])


class Loader:
    """Writes the batches of one run. Remembers the bodies and codes already met: about 15 MB at national scale."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.on = run, run.export_date.isoformat()
        self.bodies: dict[str, int] = {}
        self.codes: dict[tuple[str, str, str], int] = {}

    def write(self, plans: Sequence[Plan]) -> None:
        self.register_bodies(plans)
        versioned = [plan for plan in plans if plan.new_version]
        self.register_codes(versioned)
        versions = list(zip(reserve_ids(CertificationVersion, len(versioned)), versioned, strict=True))
        self.close_versions(versioned)
        numbered = self.write_certifications(plans, {plan.target.number: key for key, plan in versions})
        certifications = {plan.target.number: key for key, plan in numbered}
        self.write_versions(versions, certifications)
        self.write_lists(versions)
        new = [(key, plan.target) for key, plan in numbered if plan.is_new]
        old = [(key, plan.stored, plan) for key, plan in numbered if plan.stored is not None and not plan.is_new]
        certifiers = [(key, fiche.certifiers or ()) for key, fiche in new]
        load(CertifierLink, CERTIFIER_LINK, self.new_links(certifiers, certifier_cells))
        habilitations = [(key, fiche.habilitations or ()) for key, fiche in new]
        load(PublishedHabilitation, HABILITATION_LINK, self.new_links(habilitations, habilitation_cells))
        self.change_links(CertifierLink, [(key, stored, plan.certifiers) for key, stored, plan in old])
        self.change_links(PublishedHabilitation, [(key, stored, plan.habilitations) for key, stored, plan in old])
        load(Change, CHANGE, self.change_rows(numbered))
        self.write_search(numbered)

    def register_bodies(self, plans: Sequence[Plan]) -> None:
        bodies = self.bodies
        wanted: dict[str, tuple[str, str, str]] = {}
        for plan in plans:
            for row in plan.target.certifiers or ():
                if (key := row[0] or row[1]) not in bodies:
                    wanted.setdefault(key, (row[1], row[4], row[5]))
            for row in plan.target.habilitations or ():
                if (key := row[0] or row[1]) not in bodies:
                    wanted.setdefault(key, (row[1], "", ""))
        if wanted:
            self.bodies |= register_published(wanted)

    def register_codes(self, plans: Sequence[Plan]) -> None:
        wanted = {row[:3] for plan in plans for row in plan.target.lists["codes"]} - self.codes.keys()
        if not wanted:
            return
        known = Code.objects.filter(code__in={key[1] for key in wanted}).values_list("system", "code", "label", "pk")
        self.codes |= {(system, code, label): key for system, code, label, key in known}
        missing = sorted(wanted - self.codes.keys())
        ids = reserve_ids(Code, len(missing))
        load(Code, ("id", "system", "code", "label"), [(key, *row) for key, row in zip(ids, missing, strict=True)])
        self.codes |= dict(zip(missing, ids, strict=True))

    def close_versions(self, plans: Iterable[Plan]) -> None:
        """End the versions about to be replaced, before their successors come: one without an end per certification."""
        old = [plan.stored.version_id for plan in plans if plan.stored and not plan.stored.withdrawn]
        if old:
            CertificationVersion.objects.filter(pk__in=old).update(valid_to=self.run.export_date)

    def write_certifications(self, plans: Sequence[Plan], versions: dict[str, int]) -> list[tuple[int, Plan]]:
        """Create or update the certifications; the plans again, each with the id of its own."""
        new = [plan for plan in plans if plan.stored is None]
        numbered = list(zip(reserve_ids(Certification, len(new)), new, strict=True))
        load(
            Certification,
            ("id", "number", "register", "rank", "current_version_id", "digest", "first_seen_on"),
            [
                (key, fiche.number, fiche.register, fiche.rank, versions[fiche.number], fiche.digest, self.on)
                for key, plan in numbered
                if (fiche := plan.target)
            ],
        )
        old = [(plan.stored, plan) for plan in plans if plan.stored is not None]
        update(
            Certification,
            ("current_version_id", "digest", "withdrawn_on"),
            [
                (versions.get(fiche.number, stored.version_id), fiche.digest, None, stored.certification_id)
                for stored, plan in old
                if (fiche := plan.target)
            ],
        )
        return numbered + [(stored.certification_id, plan) for stored, plan in old]

    def write_versions(self, versions: Numbered, certifications: dict[str, int]) -> None:
        run, on = self.run.pk, self.on
        load(
            CertificationVersion,
            ("id", "certification_id", "run_id", "valid_from", *FIELDS),
            [(key, certifications[plan.target.number], run, on, *field_cells(plan.target)) for key, plan in versions],
        )
        load(
            VersionText,
            ("version_id", *TEXTS),
            [(key, *(plan.target.texts.get(name, "") for name in TEXTS)) for key, plan in versions],
        )

    def write_lists(self, versions: Numbered) -> None:
        for name, model in POSITIONED:
            load(model, ("version_id", "position", *LISTS[name]), positioned(versions, name))
        load(
            Route,
            ("version_id", *LISTS["routes"]),
            [
                (key, route, is_open, jury, ISO[changed_on])
                for key, plan in versions
                for route, is_open, jury, changed_on in plan.target.lists["routes"]
            ],
        )
        codes = self.codes
        load(
            VersionCode,
            ("version_id", "code_id", "position"),
            [(key, codes[row[:3]], row[3]) for key, plan in versions for row in plan.target.lists["codes"]],
        )

    def new_links(self, lists: Sequence[tuple[int, Sequence[Row]]], cells: Callable[[Row], Row]) -> list[Row]:
        """Rows of all the bodies of fiches that had none."""
        run, on, bodies = self.run.pk, self.on, self.bodies
        return [
            (certification, bodies[key], run, rank, position, on, *cells(row))
            for certification, rows in lists
            for position, ((key, rank), row) in enumerate(keyed(rows))
        ]

    def change_links(
        self,
        model: type[CertifierLink] | type[PublishedHabilitation],
        found: Sequence[tuple[int, Stored | None, Sequence[Difference[Key]]]],
    ) -> None:
        certifiers = model is CertifierLink
        columns, cells = (CERTIFIER_LINK, certifier_cells) if certifiers else (HABILITATION_LINK, habilitation_cells)
        ended: list[int] = []
        rows: list[Row] = []
        for certification, stored, differences in found:
            keys = stored_keys(model, stored)
            ended += [keys[one.key][0] for one in differences if one.verb in (Verb.UPDATED, Verb.REMOVED)]
            rows += self.link_rows(certification, keys, differences, cells)
        if ended:
            model._default_manager.filter(pk__in=ended).update(valid_to=self.run.export_date)
        load(model, columns, rows)

    def link_rows(
        self,
        certification: int,
        keys: dict[Key, BodyKey],
        differences: Sequence[Difference[Key]],
        cells: Callable[[Row], Row],
    ) -> Iterator[Row]:
        """Rows that begin: added bodies, and the new state of those that changed, which keep their rank."""
        taken = {(organisation, rank) for _, organisation, rank, _ in keys.values()}
        run, on, bodies = self.run.pk, self.on, self.bodies
        for position, one in enumerate(differences):  # removals come last: the index is the place in the fiche
            if one.after is None or one.verb is Verb.UNCHANGED:
                continue
            organisation, rank = bodies[one.key[0]], one.key[1]
            if one.verb is Verb.UPDATED:
                rank = keys[one.key][2]
            else:
                while (organisation, rank) in taken:
                    rank += 1
                taken.add((organisation, rank))
            yield (certification, organisation, run, rank, position, on, *cells(one.after))

    def change_rows(self, numbered: Numbered) -> list[Row]:
        run, on = self.run.pk, self.on
        return [
            (run, key, on, one.kind.value, one.verb.value, one.key, one.field, one.before, one.after, one.is_key)
            for key, plan in numbered
            for one in plan.changes
        ]

    def write_search(self, numbered: Numbered) -> None:
        stale = [(key, plan) for key, plan in numbered if plan.new_version or plan.certifiers]
        old = [key for key, plan in stale if plan.stored is not None]
        if old:
            SearchEntry.objects.filter(pk__in=old).delete()
        load(
            SearchEntry,
            ("certification_id", "title", "keywords", "body"),
            [(key, *(plan.target.search or search_document(plan.target))) for key, plan in stale],
        )


def stored_keys(model: type[CertifierLink] | type[PublishedHabilitation], stored: Stored | None) -> dict[Key, BodyKey]:
    if stored is None or stored.withdrawn:
        return {}
    if model is CertifierLink:
        rows, keys = stored.fiche.certifiers, stored.certifier_keys
    else:
        rows, keys = stored.fiche.habilitations, stored.habilitation_keys
    return {key: found for (key, _), found in zip(keyed(rows or ()), keys, strict=True)}


def positioned(versions: Numbered, name: str) -> list[Row]:
    """Rows of a list as (version, position from 0, cells…), ready for the drivers."""
    ready = READY.get(name)
    result: list[Row] = []
    for key, plan in versions:
        rows = plan.target.lists[name]
        if ready:
            rows = [ready(row) for row in rows]
        groups = [list(group) for _, group in groupby(rows, itemgetter(0))] if name in GROUPED else [rows]
        for group in groups:
            result += [(key, position, *row) for position, row in enumerate(group)]
    return result
