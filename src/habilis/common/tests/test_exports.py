"""Tables for spreadsheets."""

import csv
import tempfile
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from habilis.common import exports
from habilis.common.exports import csv_chunks, safe_text, xlsx_chunks

HEADER = ["Numéro", "Intitulé"]
ROWS = [["RNCP1", "=1+1"], ["RNCP2", 'é;"à"\nfin'], [-3, Decimal("-2.50")], [None, 1.5]]


def read_csv(chunks, delimiter=";"):
    return list(csv.reader(StringIO(b"".join(chunks).decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_xlsx(chunks):
    book = load_workbook(BytesIO(b"".join(chunks)))
    return [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+33", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "\x00=1", "\x01+1",
        "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20a", "\ufe661", "\ufe6ba",
    ],
)  # fmt: skip
def test_disarms_what_a_spreadsheet_would_compute(text):
    assert safe_text(text)[0] == "'"


@pytest.mark.parametrize("text", ["", " ", "RNCP1", "1-1", "l’eau = vie", "'=1", "—", "a\tb", "12,5"])
def test_leaves_other_texts_alone(text):
    assert safe_text(text) == text


def test_writes_csv_for_excel():
    data = b"".join(csv_chunks(HEADER, ROWS))
    assert data.startswith(b"\xef\xbb\xbfNum\xc3\xa9ro;Intitul\xc3\xa9\r\n")
    assert read_csv([data]) == [
        HEADER,
        ["RNCP1", "'=1+1"],
        ["RNCP2", 'é;"à"\nfin'],
        ["-3", "-2.50"],
        ["", "1.5"],
    ]


def test_writes_csv_for_programs():
    assert b"".join(csv_chunks(["a", "b"], [[1, "x,y"]], bom=False, delimiter=",")) == b'a,b\r\n1,"x,y"\r\n'


def test_writes_dates_and_truth_in_csv():
    day, instant = date(2026, 1, 2), datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    with translation.override("fr"):
        assert read_csv(csv_chunks(["a", "b", "c", "d"], [[day, instant, True, False]]))[1] == [
            "2026-01-02", "2026-07-01 12:30:00", "oui", "non",
        ]  # fmt: skip


def test_writes_xlsx_with_typed_cells():
    instant = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    rows = [*ROWS, [True, date(2026, 1, 2)], [instant, float("nan")]]
    assert read_xlsx(xlsx_chunks(HEADER, rows)) == [
        [
            HEADER,
            ["RNCP1", "'=1+1"],
            ["RNCP2", 'é;"à"\nfin'],
            [-3, -2.5],
            [None, 1.5],
            [True, datetime(2026, 1, 2)],
            [datetime(2026, 7, 1, 12, 30), "nan"],
        ]
    ]


def test_writes_no_formula_in_xlsx():
    book = load_workbook(BytesIO(b"".join(xlsx_chunks(["=A1"], [["=1+1"], ["{=1}"], ["#N/A"]]))))
    assert [cell.data_type for row in book.active.iter_rows() for cell in row].count("f") == 0


def test_writes_a_header_alone():
    assert read_csv(csv_chunks(HEADER, [])) == [HEADER]
    assert read_xlsx(xlsx_chunks(HEADER, [])) == [[HEADER]]


def test_names_the_sheet_even_badly():
    book = load_workbook(BytesIO(b"".join(xlsx_chunks(["a"], [], title="Blocs [2026/01] : une très longue liste"))))
    assert book.sheetnames == ["Blocs  2026 01    une très l"]


def test_goes_on_in_another_sheet(monkeypatch):
    monkeypatch.setattr(exports, "ROW_LIMIT", 3)
    sheets = read_xlsx(xlsx_chunks(["n"], [[number] for number in range(5)], title="Blocs"))
    assert sheets == [[["n"], [0], [1]], [["n"], [2], [3]], [["n"], [4]]]


def test_shortens_a_text_that_a_cell_cannot_hold():
    (sheet,) = read_xlsx(xlsx_chunks(["a"], [["x" * 40_000]]))
    assert len(sheet[1][0]) == 32_767
    assert sheet[1][0].endswith("x…")


def test_leaves_no_temporary_file_behind_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ["a"]
        assert list(tmp_path.iterdir())  # the control: openpyxl does keep a file meanwhile
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(xlsx_chunks(["a"], rows()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chunks", [csv_chunks, xlsx_chunks])
def test_holds_little_in_memory(chunks):
    rows = ([f"RNCP{number}", "x" * 1000] for number in range(20_000))  # 20 MB
    tracemalloc.start()
    assert sum(len(chunk) for chunk in chunks(HEADER, rows)) > 50_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


cells = st.text() | st.text(alphabet="=+-@\t\r\n '\"; \uff1da") | st.integers(-(10**9), 10**9) | st.none()
tables = st.lists(st.lists(cells, min_size=2, max_size=2), max_size=5)


def as_read(cell):
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, int) else safe_text(cell)


@given(tables)
def test_reads_back_any_csv_without_a_formula(table):
    found = read_csv(csv_chunks(HEADER, table))[1:]
    assert found == [[as_read(cell) for cell in row] for row in table]
    for row, original in zip(found, table, strict=True):
        for cell, source in zip(row, original, strict=True):
            assert isinstance(source, int) or cell.lstrip()[:1] not in ("=", "+", "-", "@")


@given(tables)
def test_reads_back_any_xlsx(table):
    (found,) = read_xlsx(xlsx_chunks(HEADER, [["start", "start"], *table]))
    flat = [[cell if isinstance(cell, int) else (cell or "") for cell in row] for row in found[2:]]
    expected = [[cell if isinstance(cell, int) else as_read(cell) for cell in row] for row in table]
    assert flat + [["", ""]] * (len(expected) - len(flat)) == expected
