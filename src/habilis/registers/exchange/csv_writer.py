"""Writer of the CSV package: the ten files with the columns, quotes and TAB-prefixed SIRETs of the national one.

Its slips are not reproduced: neither doubled apostrophes nor labels that repeat their code. A text that a spreadsheet
would compute gets an apostrophe in front, which the reader removes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from itertools import zip_longest
from pathlib import Path

from habilis.registers.exchange.csv_tables import ACTIVITY, PACKAGE, ROUTE_LABELS, SYSTEMS, guarded
from habilis.registers.exchange.xml_reader import BOOLEANS, KINDS, ROLES
from habilis.registers.records import Fiche, shown

ACTIVITY_LABELS = {value: label for label, value in ACTIVITY.items()}
BOOLEAN_LABELS = {value: label for label, value in BOOLEANS.items()}
KIND_LABELS = {value: label for label, value in KINDS.items()}
ROLE_LABELS = {value: label for label, value in ROLES.items()}

Cells = Mapping[str, str]


def write_csv_package(fiches: Iterable[Fiche], directory: Path, on: date) -> dict[str, int]:
    """Write the ten files of that day into an existing directory; returns their numbers of rows."""
    counts = {table.kind: 0 for table in PACKAGE}
    with ExitStack() as files:
        outs = {
            table.kind: files.enter_context(
                (directory / file_name(table.name, on)).open("w", encoding="utf-8", newline="")
            )
            for table in PACKAGE
        }
        for table in PACKAGE:
            outs[table.kind].write(line(table.columns))
        for fiche in fiches:
            for table in PACKAGE:
                for cells in ROWS[table.kind](fiche):
                    values = {"number": fiche.number, **cells}
                    outs[table.kind].write(line(values[cell] for cell in table.columns.values()))
                    counts[table.kind] += 1
    return counts


def file_name(name: str, on: date) -> str:
    return f"export_fiches_CSV_{name}_{on:%Y_%m_%d}.csv"


def line(cells: Iterable[str]) -> str:
    """One row; an empty cell has no quotes, as in the national files."""
    return ";".join([quoted(cell) if cell else "" for cell in cells]) + "\r\n"


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def siret_cell(siret: str) -> str:
    return f"\t{siret}" if siret else ""


def standard_rows(fiche: Fiche) -> Iterator[Cells]:
    fields = fiche.fields
    yield {
        "fiche_id": shown(fields["fiche_id"]),
        **{name: guarded(fields[name]) for name in STANDARD_TEXTS},
        **{name: BOOLEAN_LABELS[fields[name]] for name in STANDARD_BOOLEANS},
        **{name: shown(fields[name]) for name in STANDARD_DATES},
        "kind": KIND_LABELS.get(fields["kind"], ""),
        "is_active": ACTIVITY_LABELS[fields["is_active"]],
    }


def certifier_rows(fiche: Fiche) -> Iterator[Cells]:
    for siret, name, *_ in fiche.certifiers or ():
        if siret:  # the national file leaves the others out
            yield {"siret": siret_cell(siret), "name": guarded(name)}


def partner_rows(fiche: Fiche) -> Iterator[Cells]:
    for siret, name, role, *_ in fiche.habilitations or ():
        yield {"siret": siret_cell(siret), "name": guarded(name), "role": ROLE_LABELS.get(role, "")}


def block_rows(fiche: Fiche) -> Iterator[Cells]:
    for code, title, *_ in fiche.lists["blocks"]:
        yield {"code": guarded(code), "title": guarded(title)}


def code_rows(kind: str) -> Callable[[Fiche], Iterator[Cells]]:
    def rows(fiche: Fiche) -> Iterator[Cells]:
        for system, code, label, _ in fiche.lists["codes"]:
            if system == SYSTEMS[kind]:
                yield {"code": guarded(code), "label": guarded(label)}

    return rows


def agreement_rows(fiche: Fiche) -> Iterator[Cells]:
    """One row with three slots, each in its place."""
    slots = {slot: (code, label) for system, code, label, slot in fiche.lists["codes"] if system == "CCN"}
    if slots:
        yield {
            f"{name}_{slot}": guarded(slots.get(slot, ("", ""))[index])
            for slot in (1, 2, 3)
            for index, name in enumerate(("code", "label"))
        }


def route_rows(fiche: Fiche) -> Iterator[Cells]:
    for route, is_open, *_ in fiche.lists["routes"]:
        if is_open:
            yield {"route": ROUTE_LABELS[route]}


def lineage_rows(fiche: Fiche) -> Iterator[Cells]:
    rows = fiche.lists["lineage"]
    old = [number for direction, number in rows if direction == "replaces"]
    new = [number for direction, number in rows if direction == "replaced_by"]
    for before, after in zip_longest(old, new, fillvalue=""):
        yield {"old": before, "new": after}


STANDARD_TEXTS = ("title", "abbreviation", "abbreviation_label", "level_code", "level_label")
STANDARD_BOOLEANS = ("in_new_caledonia", "in_french_polynesia", "partial_validation")
STANDARD_DATES = ("last_official_journal_date", "decision_date", "end_date", "effect_date")
ROWS: dict[str, Callable[[Fiche], Iterator[Cells]]] = {
    "standard": standard_rows,
    "certifiers": certifier_rows,
    "partners": partner_rows,
    "blocks": block_rows,
    "formacode": code_rows("formacode"),
    "nsf": code_rows("nsf"),
    "rome": code_rows("rome"),
    "ccn": agreement_rows,
    "routes": route_rows,
    "lineage": lineage_rows,
}
