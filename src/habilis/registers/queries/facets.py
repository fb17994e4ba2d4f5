"""Filters of a search, and how many hits each value of each filter would leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from habilis.organisations.models import Organisation
from habilis.registers.enums import Register, RegistrationKind
from habilis.registers.queries.departments import DEPARTMENTS
from habilis.registers.queries.snapshot import Snapshot, grouped

MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader ticked; an empty value asks for nothing. `active`: in force on the day of the search only."""

    register: str = ""
    active: bool = False
    level: int | None = None
    kind: str = ""
    nsf: str = ""
    rome: str = ""
    certifier: int | None = None
    department: str = ""

    @property
    def asked(self) -> dict[str, Any]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.nsf:
            values["nsf"] = grouped("NSF", self.nsf.strip())
        if self.rome:
            values["rome"] = self.rome.strip().upper()
        return {name: value for name, value in values.items() if value not in ("", None, False)}


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is the field of `Filters`; values come by decreasing count, levels in order."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


Column = Sequence[Any]  # by place: a value, or a tuple of values


def column(name: str, facts: Snapshot, on: date) -> Column:
    columns: dict[str, Callable[[], Column]] = {
        "register": lambda: facts.registers,
        "active": lambda: facts.active(on),
        "level": lambda: facts.levels,
        "kind": lambda: facts.kinds,
        "nsf": lambda: facts.codes["NSF"],
        "rome": lambda: facts.codes["ROME"],
        "certifier": lambda: facts.certifiers,
        "department": lambda: facts.departments,
    }
    return columns[name]()


MANY = frozenset(["nsf", "rome", "certifier", "department"])  # filters of which a certification has several values


def passing(places: Sequence[int], filters: Filters, facts: Snapshot, on: date) -> list[int]:
    """The places that every filter lets through, in the order given."""
    kept = list(places)
    for name, value in filters.asked.items():
        kept = accepted(kept, name, value, column(name, facts, on))
    return kept


def accepted(places: Iterable[int], name: str, value: Any, values: Column) -> list[int]:
    if name in MANY:
        return [place for place in places if value in values[place]]
    return [place for place in places if values[place] == value]


def count_facets(places: Sequence[int], filters: Filters, facts: Snapshot, on: date) -> list[Facet]:
    """Each facet counted over the hits that the other filters let through."""
    asked = filters.asked
    kept = passing(places, filters, facts, on)
    counted = {}
    for name in LABELS:
        others = Filters(**{other: value for other, value in asked.items() if other != name})
        within = passing(places, others, facts, on) if name in asked else kept
        counted[name] = counts(within, name, column(name, facts, on))
    return [facet(name, counted[name], asked.get(name), facts) for name in LABELS]


def counts(places: list[int], name: str, values: Column) -> Counter[Any]:
    found = map(values.__getitem__, places)
    return Counter(chain.from_iterable(found) if name in MANY else found)


def facet(name: str, counted: Counter[Any], chosen: Any, facts: Snapshot) -> Facet:
    if name == "active":
        kept: list[Any] = [True]
    elif name == "level":
        kept = sorted(value for value in counted if value)
    else:
        kept = [value for value, _count in sorted(counted.items(), key=decreasing) if value][:MOST_VALUES]
    if chosen is not None and chosen not in kept:
        kept.append(chosen)
    named = LABELS[name](kept, facts)
    values = [FacetValue(as_text(value), named[value], counted[value], value == chosen) for value in kept]
    return Facet(name, title_of(name), tuple(each for each in values if each.count or each.selected))


def decreasing(item: tuple[Any, int]) -> tuple[int, str]:
    return -item[1], str(item[0])


def as_text(value: Any) -> str:
    return "1" if value is True else str(value)


def title_of(name: str) -> str:
    return {
        "register": _("Répertoire"),
        "active": _("En vigueur"),
        "level": _("Niveau"),
        "kind": _("Type d’enregistrement"),
        "nsf": _("Spécialité (NSF)"),
        "rome": _("Métier (ROME)"),
        "certifier": _("Certificateur"),
        "department": _("Département des partenaires"),
    }[name]


Labels = dict[Any, str]


def coded(system: str) -> Callable[[list[Any], Snapshot], Labels]:
    return lambda kept, facts: {code: f"{code} {facts.labels.get((system, code), '')}".strip() for code in kept}


def certifier_names(kept: list[Any], facts: Snapshot) -> Labels:
    names = dict(Organisation.objects.filter(pk__in=kept).values_list("pk", "name"))
    return {pk: names.get(pk, str(pk)) for pk in kept}


# Fields of `Filters` in the order of the page, and how their values are named.
LABELS: dict[str, Callable[[list[Any], Snapshot], Labels]] = {
    "register": lambda kept, _facts: {value: str(dict(Register.choices).get(value, value)) for value in kept},
    "active": lambda _kept, _facts: {True: _("En vigueur")},
    "level": lambda kept, _facts: {value: _("Niveau %(level)s") % {"level": value} for value in kept},
    "kind": lambda kept, _facts: {value: str(dict(RegistrationKind.choices).get(value, value)) for value in kept},
    "nsf": coded("NSF"),
    "rome": coded("ROME"),
    "certifier": certifier_names,
    "department": lambda kept, _facts: {code: f"{code} {DEPARTMENTS.get(code, '')}".strip() for code in kept},
}
