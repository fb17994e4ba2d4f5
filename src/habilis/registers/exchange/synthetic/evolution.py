"""A register some days later: what happened to each fiche, and the count of the differences, made independently of any
importer."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from habilis.registers.exchange.synthetic import bodies, builder
from habilis.registers.exchange.synthetic.builder import Profile
from habilis.registers.exchange.synthetic.register import SyntheticRegister, randomness
from habilis.registers.records import Fiche, Row

EVERY = 500  # one fiche in 500 for each event: about three in a hundred change
Event = Callable[[Fiche, date], None]


def correct_title(fiche: Fiche, later: date) -> None:
    fiche.fields["title"] = f"{fiche.fields['title']} (nouvelle dénomination)"


def rewrite_text(fiche: Fiche, later: date) -> None:
    fiche.texts["objectives"] += "\nLa certification prend désormais en compte l’évolution des outils numériques."


def respace(fiche: Fiche, later: date) -> None:
    """White space alone: nobody should hear of it."""
    for name, text in fiche.texts.items():
        fiche.texts[name] = text.replace(". ", ".  ").replace("\n", "\n\n")
    fiche.lists["blocks"] = [(row[0], row[1], row[2].replace("\n", " \n"), *row[3:]) for row in fiche.lists["blocks"]]


def add_partners(fiche: Fiche, later: date) -> None:
    """Three newcomers, at the end of the list."""
    known = {row[0] for row in fiche.habilitations or ()}
    newcomers = [body for index in range(600, 640) if (body := bodies.body(index)).siret not in known][:3]
    fiche.habilitations = [
        *(fiche.habilitations or ()),
        *((body.siret, body.name, "both", "active", later, later) for body in newcomers),
    ]


def drop_partners(fiche: Fiche, later: date) -> None:
    fiche.habilitations = (fiche.habilitations or [])[2:]


def withdraw_partner(fiche: Fiche, later: date) -> None:
    rows = fiche.habilitations or []
    fiche.habilitations = [(*row[:3], "removed", None, later) for row in rows[:1]] + rows[1:]


def change_role(fiche: Fiche, later: date) -> None:
    rows = fiche.habilitations or []
    fiche.habilitations = [
        (*row[:2], "prepare" if row[2] == "both" else "both", *row[3:5], later) for row in rows[:2]
    ] + rows[2:]


def add_certifier(fiche: Fiche, later: date) -> None:
    body = bodies.body(801)
    fiche.certifiers = [*(fiche.certifiers or ()), (body.siret, body.name, "active", later, "", "")]


def change_certifier(fiche: Fiche, later: date) -> None:
    rows = fiche.certifiers or []
    fiche.certifiers = [(*row[:2], "inactive" if row[2] == "active" else "active", later, *row[4:]) for row in rows]


def rewrite_block(fiche: Fiche, later: date) -> None:
    rows = fiche.lists["blocks"]
    fiche.lists["blocks"] = [
        (*row[:3], f"{row[3]}\nUn entretien avec le jury complète l’évaluation.", *row[4:]) for row in rows[:1]
    ] + rows[1:]


def add_block(fiche: Fiche, later: date) -> None:
    if fiche.lists["blocks"]:
        code = f"{fiche.number}BC{len(fiche.lists['blocks']) + 20}"
        row = (
            code,
            "Agir pour la transition écologique",
            "C1. Réduire l’impact de son activité.",
            "Étude de cas.",
            "",
            "",
        )
        fiche.lists["blocks"] = [*fiche.lists["blocks"], row]


def drop_block(fiche: Fiche, later: date) -> None:
    fiche.lists["blocks"] = fiche.lists["blocks"][:-1]


def add_statistics(fiche: Fiche, later: date) -> None:
    fiche.lists["statistics"] = [*fiche.lists["statistics"], (later.year, 17, None, None, None)]


def extend(fiche: Fiche, later: date) -> None:
    """A registration prolonged by a year."""
    if end := fiche.fields["end_date"]:
        fiche.fields["end_date"] = end + timedelta(days=365)


def replace_by(fiche: Fiche, later: date) -> None:
    fiche.lists["lineage"] = [("replaced_by", NEWCOMER), *fiche.lists["lineage"]]


NEWCOMER, REPLACED = "RNCP99001", "RNCP98042"
# Rank of a fiche, modulo `EVERY`. The first of each are anchors that have what the event takes.
EVENTS: dict[int, Event] = {
    40: replace_by,
    68: drop_partners,
    69: add_partners,
    70: withdraw_partner,
    71: change_role,
    73: drop_block,
    78: correct_title,
    80: rewrite_text,
    81: respace,
    85: rewrite_block,
    86: add_block,
    93: change_certifier,
    94: add_certifier,
    120: add_statistics,
    122: extend,
}
REMOVED = 128


@dataclass(frozen=True)
class Evolution:
    register: SyntheticRegister
    later: date

    def __iter__(self) -> Iterator[Fiche]:
        return (after for _, after in self.pairs() if after)

    def of(self, register: str) -> Iterator[Fiche]:
        """The fiches of one of the two registers."""
        return (after for _, after in self.pairs(register) if after)

    def pairs(self, register: str | None = None) -> Iterator[tuple[Fiche | None, Fiche | None]]:
        """Each fiche before and after; none on one side for those that left or came."""
        for rank in self.register.ranks(register):
            before = self.register.fiche(rank)
            yield before, self.after(rank, before)
        if register != "RS":
            yield from ((None, fiche) for fiche in self.newcomers)

    def after(self, rank: int, before: Fiche) -> Fiche | None:
        if rank % EVERY == REMOVED:
            return None
        fiche = copy(before)
        if event := EVENTS.get(rank % EVERY):
            event(fiche, self.later)
        self.expire(fiche)
        return fiche

    def expire(self, fiche: Fiche) -> None:
        """ACTIF turns to Non the day after the end, and the habilitations of an inactive fiche are inactive."""
        end = fiche.fields["end_date"]
        if fiche.fields["is_active"] and end and end < self.later:
            fiche.fields["is_active"] = False
            fiche.habilitations = [
                (*row[:3], "inactive", None, self.later) if row[3] == "active" else row
                for row in fiche.habilitations or ()
            ]
        fiche.fields["has_partners"] = bool(fiche.habilitations)

    @cached_property
    def newcomers(self) -> list[Fiche]:
        """New registrations, one for 400 fiches, numbered after everything else."""
        return [self.newcomer(rank) for rank in range(max(self.register.fiches // 400, 1))]

    def newcomer(self, rank: int) -> Fiche:
        title = f"Conseiller en sobriété {('énergétique', 'numérique', 'hydrique')[rank % 3]}, promotion {rank + 1}"
        profile = Profile(
            f"RNCP{99_001 + rank}", "TITRE", 6, title, "environment", ("A1204",), True, 1.0, self.register.pool,
            ancestors=() if rank else (REPLACED,),
        )  # fmt: skip
        return builder.build(profile, randomness(900_000 + rank), self.later)


def copy(fiche: Fiche) -> Fiche:
    """Deep enough: rows are tuples."""
    return replace(
        fiche,
        fields=dict(fiche.fields),
        texts=dict(fiche.texts),
        lists={name: list(rows) for name, rows in fiche.lists.items()},
        certifiers=list(fiche.certifiers or ()),
        habilitations=list(fiche.habilitations or ()),
    )


@dataclass(slots=True)
class Differences:
    """Counts per kind and verb."""

    counts: dict[str, dict[str, int]] = field(
        default_factory=lambda: {
            kind: dict.fromkeys(("added", "updated", "removed", "unchanged"), 0)
            for kind in ("fiches", "blocks", "habilitations", "certifiers")
        }
    )

    def add(self, before: Fiche | None, after: Fiche | None) -> None:
        for kind, rows in PARTS.items():
            for verb, count in compare(rows(before), rows(after)).items():
                self.counts[kind][verb] += count
        self.counts["fiches"][verb_of(before and content(before), after and content(after))] += 1


def by_code(fiche: Fiche | None) -> dict[tuple[str, int], Row]:
    return ranked((row[0], row) for row in fiche.lists["blocks"]) if fiche else {}


def by_body(rows: Iterable[Row] | None) -> dict[tuple[str, int], Row]:
    return ranked((row[0] or row[1], row) for row in rows or ())


def ranked(rows: Iterable[tuple[str, Row]]) -> dict[tuple[str, int], Row]:
    """Rows under their key and their rank among the rows that share it."""
    seen: Counter[str] = Counter()
    found = {}
    for key, row in rows:
        found[key, seen[key]] = row
        seen[key] += 1
    return found


PARTS: dict[str, Callable[[Fiche | None], dict[tuple[str, int], Row]]] = {
    "blocks": by_code,
    "habilitations": lambda fiche: by_body(fiche.habilitations if fiche else ()),
    "certifiers": lambda fiche: by_body(fiche.certifiers if fiche else ()),
}


def compare(before: dict[tuple[str, int], Row], after: dict[tuple[str, int], Row]) -> Counter[str]:
    return Counter(verb_of(before.get(key), after.get(key)) for key in before.keys() | after.keys())


def verb_of(before: object, after: object) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "unchanged" if before == after or plain(before) == plain(after) else "updated"


def plain(value: object) -> object:
    """The value with every run of white space as one space."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, tuple | list):
        return tuple(plain(item) for item in value)
    return value


def content(fiche: Fiche) -> object:
    """All that a fiche says, in an order of its own."""
    values = [*sorted(fiche.fields.items()), *sorted(fiche.texts.items()), *sorted(fiche.lists.items())]
    return [*values, fiche.certifiers, fiche.habilitations]
