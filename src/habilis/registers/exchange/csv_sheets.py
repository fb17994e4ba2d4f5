"""Files of the CSV package before their rows are read: which is which, encoding, delimiter, header, hostile content."""

import codecs
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from habilis.registers.exchange.csv_tables import TABLES, Table
from habilis.registers.records import Refused, Sentence, refusal
from habilis.registers.records import Sentence as _

SIZE = 500_000_000  # bytes of one file: about ten times the largest of the national package
CHUNK = 1 << 20  # also the longest line
COLUMNS = 100
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FILE_NAME = re.compile(r"(?:export_fiches_csv_)?(?P<name>.+?)(?:_(?P<day>\d{4}[_-]\d\d[_-]\d\d))?\.csv")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A recognised file. `columns` gives the index of each cell in a row of `width` columns."""

    path: Path
    kind: str
    export_date: date | None
    encoding: str
    has_controls: bool
    delimiter: str
    width: int
    columns: dict[str, int]

    @property
    def name(self) -> str:
        return self.path.name

    def refusal(self, problem: Sentence, line: int | None = None) -> Refused:
        return refusal(self.name, problem, line)

    @contextmanager
    def open_text(self) -> Iterator[Iterable[str]]:
        """Lines of the file, control characters replaced by a blank (a word processor leaves some)."""
        with self.path.open(encoding=self.encoding, newline="") as text:
            yield (CONTROLS.sub(" ", line) for line in text) if self.has_controls else text


def open_sheets(paths: Iterable[Path]) -> list[Sheet]:
    """Recognise the files, archives opened; raises `Refused`. Each file is read through once, rows not parsed."""
    sheets = [recognise(path) for path in paths]
    seen: dict[str, Sheet] = {}
    for sheet in sheets:
        if other := seen.get(sheet.kind):
            raise sheet.refusal(_("même contenu que %(other)s ; gardez l’un des deux fichiers.", other=other.name))
        seen[sheet.kind] = sheet
    return sheets


def recognise(path: Path) -> Sheet:
    encoding, has_controls = examine(path)
    with path.open(encoding=encoding, newline="") as text:
        first = text.readline(CHUNK)
    delimiter = max(";,\t", key=first.count)
    header = [fold(cell.strip().strip('"')) for cell in CONTROLS.sub(" ", first).rstrip("\r\n").split(delimiter)]
    if not any(header):
        raise refusal(path.name, _("le fichier est vide ; téléchargez-le à nouveau."))
    if header[-1] and ends_with(path, delimiter):
        raise refusal(path.name, _("dernière ligne coupée ; téléchargez le fichier à nouveau."))
    if len(header) > COLUMNS:
        problem = _("plus de %(n)d colonnes ; donnez un fichier du paquet CSV des répertoires.", n=COLUMNS)
        raise refusal(path.name, problem, 1)
    found = FILE_NAME.fullmatch(fold(path.name))
    table = table_of(path, found["name"] if found else "", header)
    day = found["day"] if found else None
    return Sheet(
        path=path,
        kind=table.kind,
        export_date=date_of(path, day) if day else None,
        encoding=encoding,
        has_controls=has_controls,
        delimiter=delimiter,
        width=len(header),
        columns={cell: header.index(fold(column)) for column, cell in table.columns.items() if cell},
    )


def ends_with(path: Path, delimiter: str) -> bool:
    """Whether the file stops after a delimiter, without a line end: a cut that would leave a row of the right width."""
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read() == delimiter.encode()


def fold(text: str) -> str:
    """Lower case without accents, composed or not (macOS decomposes file names)."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(sign))


def date_of(path: Path, day: str) -> date:
    try:
        return date.fromisoformat(day.replace("_", "-"))
    except ValueError:
        problem = _("date impossible « %(day)s » dans le nom du fichier ; rendez-lui son nom d’origine.", day=day)
        raise refusal(path.name, problem) from None


def table_of(path: Path, name: str, header: list[str]) -> Table:
    """The table that the name announces, else the one that has this header."""
    columns = header
    while columns and not columns[-1]:  # empty columns at the end of every row, in the files of 2021
        columns = columns[:-1]
    for column in columns:
        if columns.count(column) > 1:
            problem = _(
                "colonne « %(column)s » en double ; rendez au fichier son en-tête d’origine.", column=column[:40]
            )
            raise refusal(path.name, problem, 1)
    by_name = next((table for table in TABLES if fold(table.name) == name), None)
    by_header = next((table for table in TABLES if set(map(fold, table.columns)) == set(columns)), None)
    if by_header and by_name in (None, by_header):
        return by_header
    if by_name is None:
        problem = _(
            "colonnes inconnues (%(columns)s) ; donnez un fichier du paquet CSV des répertoires.",
            columns=", ".join(columns)[:80],
        )
        raise refusal(path.name, problem, 1)
    expected = list(map(fold, by_name.columns))
    unknown = [column for column in columns if column not in expected]
    missing = [column for column in expected if column not in columns]
    raise refusal(path.name, odd_column((unknown or missing)[0][:40], by_name.name, known=not unknown), 1)


def odd_column(column: str, table: str, *, known: bool) -> Sentence:
    if known:
        return _(
            "colonne « %(column)s » absente du fichier %(table)s ; rendez au fichier son nom et son en-tête d’origine.",
            column=column,
            table=table,
        )
    return _(
        "colonne « %(column)s » inconnue du fichier %(table)s ; rendez au fichier son nom et son en-tête d’origine.",
        column=column,
        table=table,
    )


def examine(path: Path) -> tuple[str, bool]:
    """The encoding, decided on the whole content, and whether there are control characters. Raises `Refused`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, line, is_utf8, has_controls = 0, 1, True, False
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > SIZE:
                problem = _(
                    "plus de %(size)d Mo ; vérifiez qu’il s’agit bien d’un export national.", size=SIZE // 10**6
                )
                raise refusal(path.name, problem)
            check_chunk(path, chunk, line)
            has_controls = has_controls or bool(CONTROL_BYTES.search(chunk))
            line += chunk.count(b"\n")
            is_utf8 = is_utf8 and decodes(decoder, chunk)
    if is_utf8 and decodes(decoder, b"", final=True):
        return "utf-8-sig", has_controls
    check_legacy(path)
    return "cp1252", has_controls


def check_chunk(path: Path, chunk: bytes, line: int) -> None:
    """Refuse NUL bytes and endless lines."""
    if (at := chunk.find(b"\0")) >= 0:
        line += chunk.count(b"\n", 0, at)
        problem = _("octet nul ; ce n’est pas du texte, enregistrez le fichier en CSV UTF-8.")
        raise refusal(path.name, problem, line)
    if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
        problem = _("ligne de plus de %(n)d octets ; rendez au fichier ses fins de ligne.", n=CHUNK)
        raise refusal(path.name, problem, line)


def decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def check_legacy(path: Path) -> None:
    """Refuse a file that is neither cp1252 nor UTF-8.

    Almost any bytes can be read as cp1252. A file most of whose accented lines are sound UTF-8 is a damaged UTF-8
    file: reading it as cp1252 would spoil every accent in silence.
    """
    sound, first_bad = 0, 0
    bad = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.isascii():
                continue
            if is_text(line, "utf-8"):
                sound += 1
                continue
            bad, first_bad = bad + 1, first_bad or number
            if not is_text(line, "cp1252"):
                problem = _("ni UTF-8 ni Windows-1252 ; enregistrez le fichier en CSV UTF-8.")
                raise refusal(path.name, problem, number)
    if sound >= bad:
        raise refusal(path.name, _("UTF-8 abîmé ; téléchargez le fichier à nouveau."), first_bad)


def is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
