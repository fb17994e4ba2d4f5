"""What the public list of training organisations says of known bodies: compared, then written when told."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import connection, models
from django.utils.translation import gettext as _

from habilis.common.bulk import batches, load, update
from habilis.organisations.enums import TrainingAction
from habilis.organisations.models import (
    SINCE_EVER,
    FormerName,
    Organisation,
    QualiopiMark,
    Site,
    has_valid_key,
    is_nda,
)
from habilis.organisations.services.guards import refusing
from habilis.organisations.services.published import department_of

ADDRESS = ("address", "postal_code", "city", "department")
BODY = (*ADDRESS, "name", "nda")
MARK = ("organisation_id", "action", "valid_from")
NAME = ("organisation_id", "name", "valid_from", "valid_to")
SITE = ("organisation_id", "siret", "uai", "name", *ADDRESS, "valid_from")
BATCH = 1_000
Counts = dict[str, Counter[str]]
Place = tuple[str, str, str, str]
Rows = tuple[type[models.Model], Sequence[str], list[tuple[object, ...]]]


class Address(NamedTuple):
    siret: str
    street: str = ""
    postal_code: str = ""
    city: str = ""

    @property
    def is_given(self) -> bool:
        return bool(self.city or self.postal_code)

    @property
    def columns(self) -> Place:
        return self.street[:300], self.postal_code[:5], self.city[:120], department_of(self.postal_code)


class ListedBody(NamedTuple):
    """A row of the list. What its file has no column for is empty; `qualiopi` says only the actions that it tells."""

    address: Address
    name: str = ""
    nda: str = ""
    qualiopi: Mapping[TrainingAction, bool] = {}


@dataclass(slots=True)
class Known:
    """A body of the database, with the key of its mark for each action."""

    pk: int
    columns: dict[str, str]  # those of BODY
    marks: dict[str, int] = field(default_factory=dict)
    changed: bool = False

    def set(self, columns: Mapping[str, str]) -> bool:
        """Take new values; tells whether any differs."""
        different = any(self.columns[name] != value for name, value in columns.items())
        self.columns.update(columns)
        self.changed |= different
        return different


@dataclass(slots=True)
class Changes:
    """Rows to write for one batch, values as the drivers take them; nothing is written by comparing."""

    bodies: list[tuple[object, ...]] = field(default_factory=list)
    names: list[tuple[object, ...]] = field(default_factory=list)
    marks: list[tuple[object, ...]] = field(default_factory=list)
    ended: list[tuple[object, ...]] = field(default_factory=list)
    sites: list[tuple[object, ...]] = field(default_factory=list)
    moved: list[tuple[object, ...]] = field(default_factory=list)

    def write(self) -> None:
        new: list[Rows] = [
            (FormerName, NAME, self.names),
            (QualiopiMark, MARK, self.marks),
            (Site, SITE, self.sites),
        ]
        for model, columns, rows in new:
            if rows:
                load(model, columns, rows)
        changed: list[Rows] = [
            (Organisation, BODY, self.bodies),
            (QualiopiMark, ("valid_to",), self.ended),
            (Site, ADDRESS, self.moved),
        ]
        for model, columns, rows in changed:
            if rows:
                update(model, columns, rows)


def record_training_list(rows: Iterable[ListedBody], *, apply: bool, on: date) -> dict[str, dict[str, int]]:
    """Give known bodies what the list of that day says of them; count what changes, and write it when told.

    The first row of a SIRET counts, and an empty cell changes nothing. An establishment that no source named becomes a
    site of the one body of its SIREN; of several, none is chosen. All or nothing; a constant number of queries for a
    thousand rows. A list older than what is written is refused where it contradicts it.
    """
    counts: Counts = {
        "addresses": Counter(updated=0, unchanged=0, unknown=0),
        "declarations": Counter(updated=0, unchanged=0, invalid=0),
        "names": Counter(updated=0, unchanged=0),
        "qualiopi": Counter(added=0, removed=0, unchanged=0),
        "sites": Counter(added=0, updated=0, unchanged=0, ambiguous=0, invalid=0),
    }
    reading = Reading(on, counts)
    # Rows loaded in bulk meet the driver, whose refusals Django has not translated.
    with (
        refusing(
            _("Une liste plus récente a déjà été enregistrée : donnez la dernière, ou le jour de celle-ci avec --on.")
        ),
        connection.wrap_database_errors,
    ):
        for batch in batches(rows, BATCH):
            changes = reading.compare(batch)
            if apply:
                changes.write()
    return {name: dict(found) for name, found in counts.items()}


class Reading:
    """One passage over a list. Remembers the numbers already met: some 10 MB at national scale."""

    def __init__(self, on: date, counts: Counts) -> None:
        self.on, self.counts = on, counts
        self.placed: set[str] = set()  # SIRET whose address is known by now
        self.met: set[str] = set()  # SIRET whose other facts are

    def compare(self, batch: Sequence[ListedBody]) -> Changes:
        known = known_bodies({row.address.siret for row in batch})
        changes, names, strangers = Changes(), dict[int, tuple[Known, str]](), dict[str, ListedBody]()
        for row in batch:
            siret = row.address.siret
            body = known.get(siret)
            self.compare_address(row.address, body)
            if siret in self.met:
                continue
            self.met.add(siret)
            if body is None:
                strangers[siret] = row
                continue
            self.compare_declaration(row.nda, body)
            self.compare_marks(row.qualiopi, body, changes)
            if row.name:
                names[body.pk] = body, row.name[:300]
        self.compare_names(names, changes)
        self.compare_sites(strangers, changes)
        changes.bodies = [(*map(body.columns.__getitem__, BODY), body.pk) for body in known.values() if body.changed]
        return changes

    def compare_address(self, address: Address, body: Known | None) -> None:
        if not address.is_given or address.siret in self.placed:
            return
        if body is None:
            self.counts["addresses"]["unknown"] += 1
            return
        self.placed.add(address.siret)
        changed = body.set(dict(zip(ADDRESS, address.columns, strict=True)))
        self.counts["addresses"]["updated" if changed else "unchanged"] += 1

    def compare_declaration(self, nda: str, body: Known) -> None:
        if not nda:
            return
        if not is_nda(nda):
            self.counts["declarations"]["invalid"] += 1
            return
        self.counts["declarations"]["updated" if body.set({"nda": nda}) else "unchanged"] += 1

    def compare_marks(self, told: Mapping[TrainingAction, bool], body: Known, changes: Changes) -> None:
        counts, on = self.counts["qualiopi"], self.on
        for action, certified in told.items():
            mark = body.marks.get(action)
            if certified == (mark is not None):
                counts["unchanged"] += certified
            elif mark is None:
                counts["added"] += 1
                changes.marks.append((body.pk, action.value, on.isoformat()))
            else:
                counts["removed"] += 1
                changes.ended.append((on.isoformat(), mark))  # before its start, the table refuses: an older list

    def compare_names(self, names: Mapping[int, tuple[Known, str]], changes: Changes) -> None:
        """A name that differs by more than case, accents or punctuation, and that the body has not left already."""
        counts = self.counts["names"]
        new = {pk: pair for pk, pair in names.items() if folded(pair[1]) != folded(pair[0].columns["name"])}
        counts["unchanged"] += len(names) - len(new)
        former = former_names(new)
        for pk, (body, name) in new.items():
            left, since = former[pk]
            if folded(name) in left:
                counts["unchanged"] += 1
                continue
            counts["updated"] += 1
            changes.names.append((pk, body.columns["name"], since.isoformat(), self.on.isoformat()))
            body.set({"name": name})

    def compare_sites(self, strangers: Mapping[str, ListedBody], changes: Changes) -> None:
        """Only the address of a known site follows the list: its name may be the one that its body chose."""
        counts, placed = self.counts["sites"], {key: row for key, row in strangers.items() if row.address.is_given}
        owners, sites = owners_of({siret[:9] for siret in placed}), sites_of(placed)
        for siret, row in placed.items():
            bodies = owners.get(siret[:9], [])
            if len(bodies) != 1 or not has_valid_key(siret):
                counts["ambiguous"] += len(bodies) > 1
                counts["invalid"] += len(bodies) == 1
                continue
            pk, name = bodies[0]
            if (pk, siret) not in sites:
                counts["added"] += 1
                cells = (pk, siret, "", row.name[:300] or name, *row.address.columns, self.on.isoformat())
                changes.sites.append(cells)
                continue
            key, columns = sites[pk, siret]
            counts["unchanged" if columns == row.address.columns else "updated"] += 1
            if columns != row.address.columns:
                changes.moved.append((*row.address.columns, key))


def known_bodies(sirets: Iterable[str]) -> dict[str, Known]:
    """Bodies of those numbers with their current marks; two queries."""
    rows = Organisation.objects.filter(siret__in=sirets).order_by().values_list("siret", "pk", *BODY)
    known = {siret: Known(pk, dict(zip(BODY, columns, strict=True))) for siret, pk, *columns in rows if siret}
    by_key = {body.pk: body for body in known.values()}
    marks = QualiopiMark.objects.current().filter(organisation__in=by_key).order_by()
    for pk, action, key in marks.values_list("organisation", "action", "pk"):
        by_key[pk].marks[action] = key
    return known


def former_names(keys: Iterable[int]) -> dict[int, tuple[set[str], date]]:
    """Folded names that each body has left, and the day when it left the last one; one query."""
    found: dict[int, tuple[set[str], date]] = defaultdict(lambda: (set(), SINCE_EVER))
    rows = FormerName.objects.filter(organisation__in=list(keys)).order_by()
    for pk, name, end in rows.values_list("organisation", "name", "valid_to"):
        left, since = found[pk]
        found[pk] = left | {folded(name)}, max(since, end or SINCE_EVER)
    return found


def owners_of(sirens: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = Organisation.objects.standing().filter(siren__in=sirens).order_by()
    for siren, pk, name in rows.values_list("siren", "pk", "name"):
        found[siren].append((pk, name))
    return found


def sites_of(sirets: Iterable[str]) -> dict[tuple[int, str], tuple[int, Place]]:
    """Open sites of those numbers, by body and number; one query."""
    rows = Site.objects.current().filter(siret__in=list(sirets)).order_by()
    return {
        (owner, siret): (pk, (street, postal_code, city, department))
        for owner, siret, pk, street, postal_code, city, department in rows.values_list(
            "organisation", "siret", "pk", *ADDRESS
        )
        if siret
    }


def folded(name: str) -> str:
    """Letters and digits alone, without accents nor case: the list writes names in capitals."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(filter(str.isalnum, plain))
