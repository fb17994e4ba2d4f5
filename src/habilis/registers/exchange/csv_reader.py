"""Reader of the CSV package: any of its files, in any order of rows, to one record per fiche.

Rows are laid down by number in a SQLite file of the working directory, then read back fiche by fiche: memory stays flat
and nothing is applied before every row of every file has been seen. A file of the package is a list of the whole
register, yet a fiche is said to have no row in it only when `Standard`, which lists every fiche, came along; otherwise
a fiche absent from a file is left as it is in the database. A file without any row says nothing.
"""

import csv
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from habilis.registers.exchange.csv_sheets import Sheet, open_sheets
from habilis.registers.exchange.csv_tables import ACTIVITY, CELLS, KINDS, ROUTE_LABELS, SYSTEMS, unguarded
from habilis.registers.exchange.xml_reader import KINDS as REGISTRATION_KINDS
from habilis.registers.exchange.xml_reader import (
    LEVELS,
    ROLES,
    Unreadable,
    clean_siret,
    parse_boolean,
    parse_choice,
    parse_date,
    parse_number,
)
from habilis.registers.records import NUMBER, Fiche, Refused, Rejected
from habilis.registers.records import Sentence as _

ROWS_OF_A_PACKAGE = 5_000_000  # seven times the national package
ROWS_OF_A_FICHE = 20_000  # the largest network has 471 partners
REJECTED_NUMBERS = 1_000
RS_KEYS = 10**11  # above every RNCP number, so that RS fiches come after
SEPARATOR = "\x1f"  # never inside a cell: control characters are removed before

Cells = Sequence[str]


@dataclass(slots=True)
class CsvPackage:
    """What was found in the files; `fiches` reads the spool once, unreadable numbers first."""

    kinds: tuple[str, ...]
    export_date: date | None
    total: int
    fiches: Iterator[Fiche | Rejected]


def read_csv_package(paths: Iterable[Path], workdir: Path) -> CsvPackage:
    """Read files of the package. Raises `Refused`; the spool left in `workdir` goes with that directory."""
    sheets = open_sheets(paths)
    with tempfile.NamedTemporaryFile(dir=workdir, suffix=".sqlite3", delete=False) as spool:
        connection = sqlite3.connect(spool.name, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;"
        "CREATE TABLE line (key INTEGER, kind INTEGER, line INTEGER, cells TEXT, PRIMARY KEY (key, kind, line))"
        " WITHOUT ROWID; BEGIN"
    )
    strays: Counter[str] = Counter()
    kinds = [sheet.kind for sheet in sheets if fill(connection, sheet, strays)]
    (total,) = connection.execute("SELECT COUNT(*) FROM (SELECT DISTINCT key FROM line)").fetchone()
    names = {KINDS.index(sheet.kind): sheet.name for sheet in sheets}
    return CsvPackage(
        kinds=tuple(sheet.kind for sheet in sheets),
        export_date=common_date(sheets),
        total=total,
        fiches=read_fiches(connection, strays, kinds, names),
    )


def common_date(sheets: Sequence[Sheet]) -> date | None:
    dates = {sheet.export_date for sheet in sheets if sheet.export_date}
    if len(dates) > 1:
        days = ", ".join(f"{day:%d/%m/%Y}" for day in sorted(dates)[:2])
        raise Refused(
            _("Ces fichiers CSV ne sont pas du même jour (%(days)s) : importez un jour à la fois.", days=days)
        )
    return dates.pop() if dates else None


# Files to spool


def fill(connection: sqlite3.Connection, sheet: Sheet, strays: Counter[str]) -> bool:
    """Lay down the rows of a file; False when it has none."""
    before = connection.total_changes
    with sheet.open_text() as text:
        rows = keyed_rows(sheet, text, strays)
        connection.executemany("INSERT INTO line VALUES (?, ?, ?, ?)", rows)
    if connection.total_changes > ROWS_OF_A_PACKAGE:
        raise sheet.refusal(_("trop de lignes pour un paquet national ; importez les fichiers d’un seul jour."))
    return connection.total_changes > before


def keyed_rows(sheet: Sheet, text: Iterable[str], strays: Counter[str]) -> Iterator[tuple[int, int, int, str]]:
    kind = KINDS.index(sheet.kind)
    reader = csv.reader(text, delimiter=sheet.delimiter, strict=True)
    pick = itemgetter(sheet.columns["number"], *(sheet.columns[cell] for cell in CELLS[sheet.kind]))
    last, key = "", 0
    try:
        next(reader)
        for count, row in enumerate(reader):
            if len(row) != sheet.width or count > ROWS_OF_A_PACKAGE:
                if not row:
                    continue
                raise wrong_row(sheet, reader.line_num, row)
            number, *cells = map(str.strip, pick(row))
            if number != last:
                last, key = number, key_of(number)
            if key:
                yield key, kind, reader.line_num, packed(cells)
            else:
                note_stray(sheet, strays, number[:40])
    except csv.Error as problem:
        raise malformed(sheet, reader.line_num, problem) from None


def packed(cells: list[str]) -> str:
    """The cells as one text, guards against formulas taken off and line ends as in the XML."""
    text = SEPARATOR.join([unguarded(cell) if cell[:1] == "'" else cell for cell in cells])
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def key_of(number: str) -> int:
    """The order of a fiche among all; 0 for what is not a number."""
    if not NUMBER.fullmatch(number):
        return 0
    return RS_KEYS + int(number[2:]) if number.startswith("RS") else int(number[4:])


def number_of(key: int) -> str:
    return f"RS{key - RS_KEYS}" if key > RS_KEYS else f"RNCP{key}"


def note_stray(sheet: Sheet, strays: Counter[str], number: str) -> None:
    strays[number] += 1
    if len(strays) > REJECTED_NUMBERS:
        problem = _("plus de %(n)d numéros de fiche illisibles ; vérifiez leur colonne.", n=REJECTED_NUMBERS)
        raise sheet.refusal(problem)


def wrong_row(sheet: Sheet, line: int, row: Cells) -> Refused:
    if len(row) == sheet.width:
        return sheet.refusal(_("trop de lignes pour un fichier national ; importez le fichier d’un seul jour."), line)
    problem = _(
        "%(found)d colonnes au lieu de %(expected)d ; téléchargez le fichier à nouveau, il est sans doute coupé.",
        found=len(row),
        expected=sheet.width,
    )
    return sheet.refusal(problem, line)


def malformed(sheet: Sheet, line: int, problem: csv.Error) -> Refused:
    if "unexpected end of data" in str(problem):
        return sheet.refusal(_("guillemet jamais refermé ; téléchargez le fichier à nouveau, il est coupé."), line)
    if "field larger than field limit" in str(problem):
        size = csv.field_size_limit()
        return sheet.refusal(
            _("cellule de plus de %(n)d caractères ; vérifiez les guillemets de la ligne.", n=size), line
        )
    return sheet.refusal(_("guillemets mal placés ; enregistrez en CSV avec « ; » et des guillemets."), line)


# Spool to fiches


def read_fiches(
    connection: sqlite3.Connection, strays: Counter[str], kinds: Iterable[str], names: dict[int, str]
) -> Iterator[Fiche | Rejected]:
    for number, count in strays.items():
        reason = _("numéro de fiche absent ou mal formé « %(text)s » (lignes : %(n)d)", text=number, n=count)
        yield Rejected(number, reason)
    listed_in = {KINDS.index(kind) for kind in kinds}
    lists_all = not listed_in.isdisjoint((KINDS.index("standard"), KINDS.index("standard_2021")))
    with closing(connection):
        rows = connection.execute("SELECT key, kind, line, cells FROM line ORDER BY key, kind, line")
        for key, group in groupby(rows, key=itemgetter(0)):
            fiche = Fiche(number=number_of(key))
            for kind in listed_in if lists_all else ():
                cover(fiche, KINDS[kind])
            yield read_rows(fiche, group, names) or finished(fiche)


def read_rows(fiche: Fiche, rows: Iterable[tuple[int, int, int, str]], names: dict[int, str]) -> Rejected | None:
    """Read the rows of one fiche; an unreadable one rejects the fiche."""
    current = -1
    for count, (_key, kind, line, cells) in enumerate(rows):
        if kind != current:
            current, reader = kind, READERS[KINDS[kind]]
            cover(fiche, KINDS[kind])
        try:
            if count == ROWS_OF_A_FICHE:
                raise Unreadable(_("plus de %(n)d lignes pour une fiche", n=ROWS_OF_A_FICHE))
            reader(cells.split(SEPARATOR), fiche)
        except Unreadable as problem:
            place = {"name": names[kind], "line": line}
            return Rejected(fiche.number, _("%(name)s, ligne %(line)d : %(problem)s", problem=problem, **place))
    return None


def cover(fiche: Fiche, kind: str) -> None:
    """Say what a file of this kind knows of a fiche, row or no row."""
    if kind == "certifiers":
        fiche.certifiers = fiche.certifiers or []
        fiche.covers["certifiers"] = ("siret", "name")
    elif kind == "partners":
        fiche.habilitations = fiche.habilitations or []
        fiche.covers["habilitations"] = ("siret", "name", "role")
    elif kind == "blocks":
        fiche.lists.setdefault("blocks", [])
        fiche.covers["blocks"] = ("code", "title")
    elif kind == "routes":
        fiche.lists.setdefault("routes", [])
        fiche.covers["routes"] = ("route", "is_open")
    elif system := SYSTEMS.get(kind):
        fiche.lists.setdefault("codes", [])
        known = fiche.code_systems or ()
        fiche.code_systems = known if system in known else (*known, system)
    elif kind in ("lineage", "standard_2021"):
        fiche.lists.setdefault("lineage", [])


def finished(fiche: Fiche) -> Fiche:
    """Give the lists of a fiche their final form: no duplicate, positions, the six routes."""
    if "codes" in fiche.lists:
        fiche.lists["codes"] = placed(fiche.lists["codes"])
    if "routes" in fiche.lists:
        fiche.lists["routes"] = all_routes(fiche)
    if "lineage" in fiche.lists:
        # Successors first, as in the XML.
        fiche.lists["lineage"] = sorted(dict.fromkeys(fiche.lists["lineage"]), key=itemgetter(0))
    return fiche


def placed(codes: Iterable[tuple[str, ...]]) -> list[tuple[str | int, ...]]:
    """Codes without duplicates, with their position; that of a collective agreement is its slot."""
    ranks: Counter[str] = Counter()
    rows: list[tuple[str | int, ...]] = []
    for system, code, label, *slot in dict.fromkeys(codes):
        ranks[system] += 1
        rows.append((system, code, label, int(slot[0]) if slot else ranks[system]))
    return rows


def all_routes(fiche: Fiche) -> list[tuple[str | bool | None, ...]]:
    """Open and closed routes. The RS has no apprenticeship: there the XML leaves that route out, so do we."""
    opened = {row[0] for row in fiche.lists["routes"]}
    routes = [route for route in ROUTE_LABELS if route in opened or route != "CA" or fiche.register == "RNCP"]
    return [(route, route in opened, None, None) for route in routes]


# One row of each kind


def read_standard(cells: Cells, fiche: Fiche) -> None:
    row = dict(zip(CELLS["standard"], cells, strict=True))
    fields = {
        "fiche_id": parse_number(row["fiche_id"]),
        "title": row["title"][:1000],
        "abbreviation": row["abbreviation"][:60],
        "abbreviation_label": row["abbreviation_label"][:300],
        "level": LEVELS.get(row["level_code"]),
        "level_code": row["level_code"][:10],
        "level_label": row["level_label"][:60],
        "in_new_caledonia": parse_boolean(row["in_new_caledonia"]),
        "in_french_polynesia": parse_boolean(row["in_french_polynesia"]),
        "last_official_journal_date": parse_date(row["last_official_journal_date"]),
        "decision_date": parse_date(row["decision_date"]),
        "end_date": parse_date(row["end_date"]),
        "effect_date": parse_date(row["effect_date"]),
        "kind": parse_choice(REGISTRATION_KINDS, row["kind"]),
        "partial_validation": parse_boolean(row["partial_validation"]),
        "is_active": parse_activity(row["is_active"]),
    }
    set_fields(fiche, fields)


def read_standard_2021(cells: Cells, fiche: Fiche) -> None:
    """One row per predecessor: the same fiche comes back with another lineage."""
    row = dict(zip(CELLS["standard_2021"], cells, strict=True))
    code = row["level_code"].replace("niveau", "NIV")
    fields = {
        "title": row["title"][:1000],
        "abbreviation": row["abbreviation"][:60],
        "abbreviation_label": row["abbreviation_label"][:300],
        "editorial_state": row["editorial_state"][:60],
        "level": LEVELS.get(code),
        "level_code": code[:10],
        "end_date": parse_month_first(row["end_date"]),
        "kind": parse_choice(REGISTRATION_KINDS, row["kind"]),
        "is_active": parse_activity(row["is_active"]),
    }
    set_fields(fiche, fields)
    read_lineage((row["old"], row["new"]), fiche)


def set_fields(fiche: Fiche, fields: dict[str, object]) -> None:
    if not fields["title"]:
        raise Unreadable(_("intitulé absent"))
    if fiche.fields and fiche.fields != fields:
        raise Unreadable(_("deuxième ligne de la même fiche, différente de la première"))
    fiche.fields = fields


def parse_activity(text: str) -> bool | None:
    try:
        return ACTIVITY[text]
    except KeyError:
        raise Unreadable(_("« %(text)s » au lieu de ACTIVE ou INACTIVE", text=text[:20])) from None


def parse_month_first(text: str) -> date | None:
    """M/J/AA of the 2021 files; no date of theirs is before 1969."""
    if not text:
        return None
    try:
        month, day, year = map(int, text.split("/"))
        return date(year + (1900 if year >= 69 else 2000), month, day)
    except ValueError:
        raise Unreadable(_("date illisible « %(text)s », attendu M/J/AA", text=text[:20])) from None


def read_certifier(cells: Cells, fiche: Fiche) -> None:
    siret, name = cells
    if fiche.certifiers is not None and (siret or name):
        fiche.certifiers.append((clean_siret(siret), name[:300], None, None, None, None))


def read_partner(cells: Cells, fiche: Fiche) -> None:
    name, siret, role = cells
    if fiche.habilitations is not None and (siret or name):
        fiche.habilitations.append((clean_siret(siret), name[:300], parse_choice(ROLES, role), None, None, None))


def read_block(cells: Cells, fiche: Fiche) -> None:
    code, title = cells
    fiche.lists["blocks"].append((code[:40], title[:1000], None, None, None, None))


def code_reader(system: str) -> Callable[[Cells, Fiche], None]:
    def read_code(cells: Cells, fiche: Fiche) -> None:
        code, label = cells
        if code or label:
            fiche.lists["codes"].append((system, code[:20], clean_label(system, code, label)[:300]))

    return read_code


def clean_label(system: str, code: str, label: str) -> str:
    """The label alone: NSF, and Formacode of some years, repeat the code; ROME doubles its apostrophes."""
    if system == "ROME":
        return label.replace("''", "'")
    prefix, colon, rest = label.partition(":")
    return rest.strip() if colon and prefix.strip() == code else label


def read_agreements(cells: Cells, fiche: Fiche) -> None:
    for slot, (code, label) in enumerate(zip(cells[::2], cells[1::2], strict=True), 1):
        if code or label:
            fiche.lists["codes"].append(("CCN", code[:20], label[:300], slot))


def read_route(cells: Cells, fiche: Fiche) -> None:
    label = re.sub(r"\s+", " ", cells[0].replace("’", "'"))
    if not label:
        return
    if label not in ROUTES_BY_LABEL:
        raise Unreadable(_("voie d’accès inconnue « %(text)s »", text=cells[0][:40]))
    fiche.lists["routes"].append((ROUTES_BY_LABEL[label], True, None, None))


def read_lineage(cells: Cells, fiche: Fiche) -> None:
    old, new = cells
    if new:
        fiche.lists["lineage"].append(("replaced_by", new[:16]))
    if old:
        fiche.lists["lineage"].append(("replaces", old[:16]))


ROUTES_BY_LABEL = {label.replace("’", "'"): route for route, label in ROUTE_LABELS.items()}
READERS: dict[str, Callable[[Cells, Fiche], None]] = {
    "standard": read_standard,
    "standard_2021": read_standard_2021,
    "certifiers": read_certifier,
    "partners": read_partner,
    "blocks": read_block,
    "formacode": code_reader("FORMACODE"),
    "nsf": code_reader("NSF"),
    "rome": code_reader("ROME"),
    "ccn": read_agreements,
    "routes": read_route,
    "lineage": read_lineage,
}
