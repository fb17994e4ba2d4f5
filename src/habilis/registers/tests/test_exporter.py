"""The export of the stored registers, and its return: importing what was exported changes nothing."""

import gzip
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from lxml import etree

from habilis.registers.exchange.exporter import export
from habilis.registers.exchange.importer import Report, import_files
from habilis.registers.exchange.xml_reader import read_fiche
from habilis.registers.exchange.xml_writer import write_xml
from habilis.registers.models import Certification
from habilis.registers.records import Fiche, Refused
from habilis.registers.tests.factories import EXPORT, a_certification, a_certifier, a_partner
from habilis.registers.tests.strategies import registers
from habilis.registers.tests.test_writers import a_fiche

NOW = datetime(2026, 8, 17, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def with_all_routes(number: str) -> Fiche:
    routes = [route for route in ("CA", "CL", "CQ", "FC", "FI", "VAE") if number.startswith("RNCP") or route != "CA"]
    fiche = a_fiche(number=number)
    fiche.lists["routes"] = [(route, route == "FC", f"Jury {route}", None) for route in routes]
    return fiche


def store(fiches: list[Fiche], folder: Path) -> None:
    path = folder / "source_2026-08-16.xml"
    with path.open("wb") as out:
        write_xml(fiches, out)
    report = import_files([path], apply=True, now=NOW)
    assert (report.rejected, report.counts["fiches"]["added"]) == ([], len(fiches))


def compare(*paths: Path) -> Report:
    return import_files(sorted(paths), apply=False, now=NOW)


def changed(report: Report) -> dict[str, int]:
    """Whatever is not unchanged."""
    return {
        f"{kind} {verb}": number
        for kind, verbs in report.counts.items()
        for verb, number in verbs.items()
        if number and verb != "unchanged"
    }


def two_registers() -> list[Certification]:
    first = a_certification("RNCP90001", blocks=["Essayer", "Vérifier"])
    second = a_certification("RS9002", level=None, level_code="", level_label="")
    for certification in (first, second):
        a_certifier(certification)
        a_partner(certification)
    return [first, second]


# Round trips


def test_importing_the_exported_xml_changes_nothing(tmp_path):
    store([a_fiche(), a_fiche(number="RS9002")], tmp_path)

    counts = export("xml", tmp_path / "out", register=None, on=EXPORT)

    report = compare(*(tmp_path / "out").iterdir())
    assert counts == {"fiches": 2, "blocks": 2, "certifiers": 4, "habilitations": 2}
    assert changed(report) == {}
    assert report.counts["fiches"]["unchanged"] == 2


def test_importing_the_exported_csv_package_changes_nothing(tmp_path):
    store([with_all_routes("RNCP90001"), with_all_routes("RS9002")], tmp_path)

    export("csv", tmp_path / "out", register=None, on=EXPORT)

    report = compare(*(tmp_path / "out").iterdir())
    assert (changed(report), report.rejected) == ({}, [])
    assert report.counts["fiches"]["unchanged"] == 2


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(written=registers(size=3))
def test_any_register_survives_import_and_export(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("register")
    with transaction.atomic():
        store(written, folder)

        export("xml", folder / "all.xml", register=None, on=EXPORT)
        export("csv", folder / "csv", register=None, on=EXPORT)

        assert changed(compare(folder / "all.xml")) == {}
        assert changed(compare(*(folder / "csv").iterdir())) == {}
        assert records(folder / "all.xml") == records(folder / "source_2026-08-16.xml")
        transaction.set_rollback(True)  # each example meets an empty register


def records(path: Path) -> list[Fiche]:
    return [read_fiche(element) for element in etree.parse(path).getroot().iterfind("FICHE")]


@pytest.mark.real_data
def test_the_real_fiches_survive_import_and_export(real_data, tmp_path):
    sources = sorted((real_data / "register").glob("fiches-v4.1-*.xml"))
    import_files(sources, apply=True, now=NOW, export_date=EXPORT)

    counts = export("xml", tmp_path / "out.zip", register=None, on=EXPORT)
    export("csv", tmp_path / "csv", register=None, on=EXPORT)

    assert counts == {"fiches": 16, "blocks": 39, "certifiers": 19, "habilitations": 1_463}
    assert changed(compare(tmp_path / "out.zip")) == {}
    assert changed(compare(*(tmp_path / "csv").iterdir())) == {}


# Destinations


def test_writes_one_document_of_both_registers_or_of_one(tmp_path):
    two_registers()

    assert export("xml", tmp_path / "all.xml", register=None, on=EXPORT)["fiches"] == 2
    assert export("xml", tmp_path / "rs.xml", register="RS", on=EXPORT)["fiches"] == 1

    assert [fiche.number for fiche in records(tmp_path / "all.xml")] == ["RNCP90001", "RS9002"]
    assert [fiche.number for fiche in records(tmp_path / "rs.xml")] == ["RS9002"]


@pytest.mark.parametrize("out", ["export", "export.zip"])
def test_names_the_documents_as_the_agency_does(tmp_path, out):
    two_registers()

    export("xml", tmp_path / out, register=None, on=EXPORT)

    assert names_in(tmp_path / out) == [
        "export_fiches_RNCP_V4_1_2026-08-16.xml",
        "export_fiches_RS_V4_1_2026-08-16.xml",
    ]


def names_in(out: Path) -> list[str]:
    return sorted(zipfile.ZipFile(out).namelist() if out.is_file() else [path.name for path in out.iterdir()])


@pytest.mark.parametrize("out", ["export", "export.zip"])
def test_writes_the_ten_files_of_the_csv_package(tmp_path, out):
    two_registers()

    assert export("csv", tmp_path / out, register=None, on=EXPORT)["fiches"] == 2

    assert len(names_in(tmp_path / out)) == 10


@pytest.mark.parametrize(("out", "opened"), [("all.jsonl", open), ("all.jsonl.gz", gzip.open)])
def test_writes_json_lines_plain_or_compressed(tmp_path, out, opened):
    two_registers()

    export("jsonl", tmp_path / out, register=None, on=EXPORT)

    with opened(tmp_path / out, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    assert [fiche["number"] for fiche in found] == ["RNCP90001", "RS9002"]
    assert [block["title"] for block in found[0]["blocks"]] == ["Essayer", "Vérifier"]


@pytest.mark.parametrize(("form", "out"), [("xml", "all.zip"), ("csv", "all.zip"), ("jsonl", "all.jsonl.gz")])
def test_the_same_register_gives_the_same_bytes(tmp_path, form, out):
    two_registers()

    export(form, tmp_path / out, register=None, on=EXPORT)
    first = (tmp_path / out).read_bytes()
    export(form, tmp_path / out, register=None, on=EXPORT)

    assert (tmp_path / out).read_bytes() == first


def test_writes_into_an_existing_directory(tmp_path):
    two_registers()
    (tmp_path / "notes.txt").write_text("à garder")

    export("csv", tmp_path, register=None, on=EXPORT)

    assert len(names_in(tmp_path)) == 11


@pytest.mark.parametrize(
    ("form", "out"),
    [
        ("xml", "all.csv"),
        ("csv", "all.csv"),
        ("csv", "all.xml"),
        ("jsonl", "all"),
        ("jsonl", "all.zip"),
        ("xml", "taken"),
    ],
)
def test_refuses_a_destination_that_does_not_fit_the_format(tmp_path, form, out):
    two_registers()
    (tmp_path / "taken").write_text("un fichier")

    with pytest.raises(
        Refused, match=r"^Destination .* : donnez un fichier qui finit par \.[^,]+(, \.[^,]+|, ou un dossier)*\.$"
    ):
        export(form, tmp_path / out, register=None, on=EXPORT)

    assert names_in(tmp_path) == ["taken"]


def test_refuses_a_missing_folder_and_an_empty_register(tmp_path):
    with pytest.raises(Refused, match="n’existe pas"):
        export("xml", tmp_path / "nowhere" / "all.xml", register=None, on=EXPORT)
    with pytest.raises(Refused, match="Aucune fiche à exporter"):
        export("xml", tmp_path / "all.xml", register=None, on=EXPORT)

    assert names_in(tmp_path) == []


def test_leaves_out_withdrawn_certifications(tmp_path):
    two_registers()
    a_certification("RNCP90003", withdrawn_on=date(2026, 8, 1))

    assert export("jsonl", tmp_path / "all.jsonl", register=None, on=EXPORT)["fiches"] == 2


def test_a_failed_export_leaves_the_previous_file_and_nothing_else(tmp_path, monkeypatch):
    two_registers()
    out = tmp_path / "all.xml"
    out.write_bytes(b"previous")

    def fail(done: int, total: int) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        export("xml", out, register=None, on=EXPORT, progress=fail)

    assert (names_in(tmp_path), out.read_bytes()) == (["all.xml"], b"previous")


def test_tells_its_progress(tmp_path):
    two_registers()
    steps: list[tuple[int, int]] = []

    export("csv", tmp_path / "out", register=None, on=EXPORT, progress=lambda *step: steps.append(step))

    assert steps == [(2, 2)]


@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_register(tmp_path, size):
    for rank in range(size):
        certification = a_certification(f"RNCP9000{rank}", blocks=["Essayer"])
        a_partner(certification)
        a_certifier(certification)

    with CaptureQueriesContext(connection) as queries:
        export("csv", tmp_path / "out", register=None, on=EXPORT)

    assert len(queries) == 13
