"""Tables for spreadsheets, streamed: CSV and XLSX of any iterable of rows, harmless whatever the cells hold.

A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers and dates keep their type.
Both functions yield chunks of bytes and never hold the table in memory. The rows are read once.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from tempfile import TemporaryFile
from typing import Any
from unicodedata import normalize

from django.utils.timezone import is_aware, make_naive
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

CHUNK = 64 * 1024
TEXT_LIMIT = 32_767  # characters of a cell, a limit of the XLSX format
ROW_LIMIT = 1_048_576  # rows of a sheet, likewise: longer tables go on in another sheet
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold
SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def safe_text(text: str) -> str:
    """The text without control characters, with an apostrophe in front when a spreadsheet would compute it.

    Full-width and small forms of = + - @ count (Excel folds them), also behind blanks.
    """
    text = UNPRINTABLE.sub("", text)
    first = normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if first in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n") else text


def csv_chunks(
    header: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool = True, delimiter: str = ";"
) -> Iterator[bytes]:
    """UTF-8; `bom` makes Excel read it as such. Decimals keep the point and dates are ISO, for the next program."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    if bom:
        buffer.write("\ufeff")
    writer.writerow([safe_text(label) for label in header])
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _csv_cell(cell: Any) -> str | int | float | Decimal:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return gettext("oui") if cell else gettext("non")
    if isinstance(cell, int | float | Decimal):
        return cell
    if isinstance(cell, datetime):
        return (make_naive(cell) if is_aware(cell) else cell).isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date | time) else safe_text(str(cell))


def xlsx_chunks(header: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> Iterator[bytes]:
    """A workbook with a fixed header row. The first chunk comes once all rows are read: they pass by a temporary file."""
    book = Workbook(write_only=True)
    with TemporaryFile() as out:
        try:
            sheet: Any = None
            for number, row in enumerate(rows):
                if number % (ROW_LIMIT - 1) == 0:
                    sheet = _add_sheet(book, title, header)
                sheet.append([_xlsx_cell(cell) for cell in row])
            if sheet is None:
                _add_sheet(book, title, header)
        finally:  # saving is also what removes the temporary files of openpyxl
            book.save(out)
        out.seek(0)
        while chunk := out.read(CHUNK):
            yield chunk


def _add_sheet(book: Any, title: str, header: Sequence[str]) -> Any:
    sheet = book.create_sheet(SHEET_NAME.sub(" ", title)[:28] or None)
    sheet.freeze_panes = "A2"
    cells = [WriteOnlyCell(sheet, safe_text(label)) for label in header]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    return sheet


def _xlsx_cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, bool | int | Decimal):
        return cell
    if isinstance(cell, float):
        return cell if abs(cell) < float("inf") else str(cell)  # neither NaN nor infinity exists in a sheet
    if isinstance(cell, datetime):
        return make_naive(cell) if is_aware(cell) else cell
    if isinstance(cell, date | time):
        return cell
    text = safe_text(str(cell))
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"
