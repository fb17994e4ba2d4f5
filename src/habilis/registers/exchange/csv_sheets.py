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
from habilis.registers.records import Refused

SIZE = 500_000_000  # bytes of one file: about ten times the largest of the national package
CHUNK = 1 << 20  # also the longest line
COLUMNS = 100
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FILE_NAME = re.compile(r"(?:export_fiches_csv_)?(?P<name>.+?)(?:_(?P<day>\d{4}[_-]\d\d[_-]\d\d))?\.csv")


def refusal(path: Path, problem: str, remedy: str, line: int | None = None) -> Refused:
    place = f"{path.name}, ligne {line}" if line else path.name
    return Refused(f"{place} : {problem} ; {remedy}.")


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

    def refusal(self, problem: str, remedy: str, line: int | None = None) -> Refused:
        return refusal(self.path, problem, remedy, line)

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
            raise sheet.refusal(f"même contenu attendu que dans {other.name}", "gardez l’un des deux fichiers")
        seen[sheet.kind] = sheet
    return sheets


def recognise(path: Path) -> Sheet:
    encoding, has_controls = examine(path)
    with path.open(encoding=encoding, newline="") as text:
        first = text.readline(CHUNK)
    delimiter = max(";,\t", key=first.count)
    header = [fold(cell.strip().strip('"')) for cell in CONTROLS.sub(" ", first).rstrip("\r\n").split(delimiter)]
    if not any(header):
        raise refusal(path, "le fichier est vide", "téléchargez-le à nouveau")
    if header[-1] and ends_with(path, delimiter):
        raise refusal(path, "dernière ligne coupée", "téléchargez le fichier à nouveau")
    if len(header) > COLUMNS:
        raise refusal(path, f"plus de {COLUMNS} colonnes", "donnez un fichier du paquet CSV des répertoires", 1)
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
        raise refusal(
            path, f"date impossible « {day} » dans le nom du fichier", "rendez-lui son nom d’origine"
        ) from None


def table_of(path: Path, name: str, header: list[str]) -> Table:
    """The table that the name announces, else the one that has this header."""
    columns = header
    while columns and not columns[-1]:  # empty columns at the end of every row, in the files of 2021
        columns = columns[:-1]
    for column in columns:
        if columns.count(column) > 1:
            raise refusal(path, f"colonne « {column[:40]} » en double", "rendez au fichier son en-tête d’origine", 1)
    by_name = next((table for table in TABLES if fold(table.name) == name), None)
    by_header = next((table for table in TABLES if set(map(fold, table.columns)) == set(columns)), None)
    if by_header and by_name in (None, by_header):
        return by_header
    if by_name is None:
        raise refusal(
            path,
            f"colonnes inconnues ({', '.join(columns)[:80]})",
            "donnez un fichier du paquet CSV des répertoires",
            1,
        )
    expected = list(map(fold, by_name.columns))
    odd = [column for column in columns if column not in expected] or [one for one in expected if one not in columns]
    raise refusal(
        path,
        f"la colonne « {odd[0][:40]} » est {'inconnue' if odd[0] in columns else 'absente'} du fichier {by_name.name}",
        "rendez au fichier son nom et son en-tête d’origine",
        1,
    )


def examine(path: Path) -> tuple[str, bool]:
    """The encoding, decided on the whole content, and whether there are control characters. Raises `Refused`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, line, is_utf8, has_controls = 0, 1, True, False
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > SIZE:
                raise refusal(path, f"plus de {SIZE // 10**6} Mo", "vérifiez qu’il s’agit bien d’un export national")
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
        raise refusal(path, "octet nul", "ce n’est pas du texte, enregistrez le fichier en CSV UTF-8", line)
    if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
        raise refusal(path, f"ligne de plus de {CHUNK} octets", "rendez au fichier ses fins de ligne", line)


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
                raise refusal(path, "ni UTF-8 ni Windows-1252", "enregistrez le fichier en CSV UTF-8", number)
    if sound >= bad:
        raise refusal(path, "UTF-8 abîmé", "téléchargez le fichier à nouveau", first_bad)


def is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
