"""The facts that search filters, counts and sorts by, kept in the process: one value per certification, in lists.

Joins over the hits of a frequent word cost ten times what these lists do. They are read on first use, column by column,
and again when the register has changed. At national size: see `bench`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

from django.db import connection

from habilis.organisations.models import Organisation
from habilis.registers.enums import CodeSystem, LinkState
from habilis.registers.models import (
    Certification,
    CertificationVersion,
    CertifierLink,
    Code,
    PublishedHabilitation,
    VersionCode,
)
from habilis.registers.queries.spelling import Vocabulary

Values = list[tuple[Any, ...]]  # by place
COUNTED = (CodeSystem.NSF, CodeSystem.ROME)
NSF_GROUP = 3  # the digits of a speciality; the letters after them are functions of it
REMEMBERED = 32  # questions; at most 0.25 MB each at national size
DAYS = 4

# The last run, and the last row of each kind. The number and title tell apart two states of a database that went back.
STATE = """SELECT
    (SELECT MAX(heartbeat_at) FROM registers_importrun),
    (SELECT MAX(id) FROM registers_certifierlink),
    (SELECT MAX(id) FROM registers_publishedhabilitation),
    (SELECT number FROM registers_certification ORDER BY id DESC LIMIT 1),
    (SELECT MAX(id) FROM registers_certification),
    (SELECT title FROM registers_certificationversion ORDER BY id DESC LIMIT 1),
    (SELECT MAX(id) FROM registers_certificationversion)"""
COLUMNS = (
    "id",
    "register",
    "withdrawn_on",
    "current_version_id",
    "current_version__title",
    "current_version__level",
    "current_version__kind",
    "current_version__is_active",
    "current_version__end_date",
    "current_version__effect_date",
    "current_version__decision_date",
    "current_version__publication_date",
)


@dataclass
class Snapshot:
    """Certifications by place, the newest registration first. `places` gives the place of a certification."""

    key: tuple[Any, ...]
    ids: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)  # current version -> place
    registers: list[str] = field(default_factory=list)
    levels: list[int | None] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)  # characters of the title
    ends: list[tuple[bool | None, date]] = field(default_factory=list)  # active, and last day of it
    remembered: dict[str, Any] = field(default_factory=dict)
    days: dict[date, list[bool | None]] = field(default_factory=dict)

    def active(self, on: date) -> list[bool | None]:
        """Whether each certification is active on a day; None when the source does not say."""
        found = self.days.get(on)
        if found is None:
            found = [active if active is None else active and on <= end for active, end in self.ends]
            if len(self.days) >= DAYS:
                self.days.clear()
            self.days[on] = found
        return found

    def placed(self, certifications: Iterable[int]) -> list[int]:
        """Places of certifications, sorted; one that appeared since the snapshot was taken has none yet."""
        known = self.places
        return sorted([known[each] for each in certifications if each in known])

    def once(self, question: str, answer: Callable[[], Any]) -> Any:
        """Answer to a question, remembered until the register changes: a page asks it for its hits and for its facets."""
        found = self.remembered.pop(question, None) or answer()
        self.remembered[question] = found  # last in, last out
        if len(self.remembered) > REMEMBERED:
            self.remembered.pop(next(iter(self.remembered)), None)
        return found

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Words of the titles, of the labels of codes and of the names of certifiers."""
        titles = CertificationVersion.objects.current().order_by().values_list("title", "abbreviation_label")
        labels = Code.objects.order_by().values_list("label", flat=True)
        names = CertifierLink.objects.current().order_by().values_list("name", flat=True).distinct()
        return Vocabulary(chain(chain.from_iterable(titles.iterator(10_000)), labels, names))

    @cached_property
    def labels(self) -> dict[tuple[str, str], str]:
        """Label of each NSF group and ROME code; a group without a label of its own takes that of its first function."""
        rows = Code.objects.filter(system__in=COUNTED).order_by("system", "code", "id")
        found: dict[tuple[str, str], str] = {}
        for system, code, label in rows.values_list("system", "code", "label"):
            found.setdefault((system, grouped(system, code)), label)
        return found

    @cached_property
    def codes(self) -> dict[str, Values]:
        """NSF groups and ROME codes of each certification."""
        sets: dict[str, list[dict[str, None]]] = {system: [{} for _ in self.ids] for system in COUNTED}
        kept = Code.objects.filter(system__in=COUNTED).values_list("id", "system", "code")
        known = {pk: (system, grouped(system, code)) for pk, system, code in kept}
        for version, code in VersionCode.objects.order_by("id").values_list("version_id", "code_id").iterator(10_000):
            if version in self.versions and code in known:
                system, value = known[code]
                sets[system][self.versions[version]][value] = None
        return {system: shared(map(tuple, rows)) for system, rows in sets.items()}

    @cached_property
    def certifiers(self) -> Values:
        links = CertifierLink.objects.current().order_by("position", "id")
        return self.gathered(links.values_list("certification_id", "organisation_id").iterator(10_000))

    @cached_property
    def departments(self) -> Values:
        """Departments of the partners of each certification, withdrawn habilitations left out."""
        located = Organisation.objects.exclude(department="").values_list("id", "department")
        department = dict(located)
        if not department:
            return [()] * len(self.ids)
        links = PublishedHabilitation.objects.current().exclude(state=LinkState.REMOVED).order_by()
        pairs = links.values_list("certification_id", "organisation_id").iterator(10_000)
        return self.gathered((each, department[body]) for each, body in pairs if body in department)

    def gathered(self, pairs: Iterable[tuple[int, Any]]) -> Values:
        rows: list[dict[Any, None]] = [{} for _ in self.ids]
        for certification, value in pairs:
            if certification in self.places:
                rows[self.places[certification]][value] = None
        return shared(map(tuple, rows))


def grouped(system: str, code: str) -> str:
    return code[:NSF_GROUP] if system == CodeSystem.NSF else code


def shared(rows: Iterable[tuple[Any, ...]]) -> Values:
    """Equal rows as one object: many fiches have the same codes."""
    seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    return [seen.setdefault(row, row) for row in rows]


_current: dict[str, Snapshot] = {}


def snapshot() -> Snapshot:
    """The facts as the database has them now. One query when nothing changed."""
    key = state()
    found = _current.get(connection.alias)
    if found is None or found.key != key:
        found = _current[connection.alias] = taken(key)
    return found


def state() -> tuple[Any, ...]:
    """What moves whenever an import changes something."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return tuple(cursor.fetchone())


def taken(key: tuple[Any, ...]) -> Snapshot:
    """Reads the facts of all certifications: one query, about 10 µs a certification."""
    rows = list(Certification.objects.filter(current_version__isnull=False).order_by().values_list(*COLUMNS))
    rows.sort(key=lambda row: (row[-3] or row[-2] or row[-1] or date.min, row[0]), reverse=True)
    new = Snapshot(key)
    for place, (pk, register, gone, version, title, level, kind, active, end, *_) in enumerate(rows):
        new.ids.append(pk)
        new.places[pk] = place
        new.versions[version] = place
        new.registers.append(register)
        new.levels.append(level)
        new.kinds.append(kind)
        new.lengths.append(len(title))
        new.ends.append((active and gone is None, end or date.max))
    return new
