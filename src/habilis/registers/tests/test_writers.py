"""What the writers write reads back as the same fiches, whatever the characters; no database here."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from habilis.registers.exchange import xml_writer
from habilis.registers.exchange.csv_reader import read_csv_package
from habilis.registers.exchange.csv_tables import PACKAGE
from habilis.registers.exchange.csv_writer import write_csv_package
from habilis.registers.exchange.jsonl_writer import write_jsonl
from habilis.registers.exchange.xml_reader import read_fiche
from habilis.registers.exchange.xml_writer import write_xml
from habilis.registers.records import CERTIFIER, FIELDS, HABILITATION, LISTS, TEXTS, Fiche
from habilis.registers.tests.factories import a_siret
from habilis.registers.tests.strategies import fiches, registers

ON = date(2026, 8, 16)
SCHEMA = etree.RelaxNG(file=Path(xml_writer.__file__).with_name("schema") / "rncp-rs-v4.1.rng")
slow = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def a_fiche(**changes) -> Fiche:
    """One invented fiche with most elements of the format."""
    fields = dict.fromkeys(FIELDS)
    texts = ("abbreviation", "abbreviation_label", "editorial_state", "level_code", "level_label", "promotion_years")
    fields |= dict.fromkeys((*texts, "url", "kind"), "")
    fields |= {"fiche_id": 901, "title": "Fabricant d’essais", "level": 5, "level_code": "NIV5", "is_active": True}
    fields |= {"kind": "on_request", "decision_date": date(2025, 1, 15), "promotion_years": "2024 2025"}
    fiche = Fiche(
        number="RNCP90001",
        fields=fields,
        texts=dict.fromkeys(TEXTS, ""),
        lists={
            "blocks": [("RNCP90001BC01", "Essayer", "Savoir essayer", "Mise en situation", "", "")],
            "routes": [("FI", False, "", None), ("VAE", True, "Deux professionnels", date(2024, 3, 1))],
            "codes": [
                ("NSF", "900t", "Études", 1),
                ("ROME", "Z9001", "Conduite d'engins", 1),
                ("CCN", "454", "Essai", 3),
            ],
            "legal_texts": [("creation", "Arrêté d’essai", date(2020, 5, 4))],
            "statistics": [(2024, 12, None, Decimal("76.00"), Decimal("81.50"))],
            "correspondences": [("RNCP90001BC01", "RNCP80001", "RNCP80001BC02 RNCP80001BC03"), ("", "RNCP80002", "")],
            "lineage": [("replaced_by", "RNCP95001"), ("replaces", "RNCP80001"), ("replaces", "RS8002")],
        },
        certifiers=[(a_siret(1), "ÉCOLE", "active", None, "", ""), ("", "SANS SIRET", "inactive", None, "", "")],
        habilitations=[(a_siret(2), "CENTRE", "both", "removed", date(2023, 4, 12), date(2024, 1, 25))],
    )
    return replace(fiche, **changes)


def xml_of(*written: Fiche) -> bytes:
    out = io.BytesIO()
    assert write_xml(written, out) == len(written)
    return out.getvalue()


def read_xml(data: bytes) -> list[Fiche]:
    return [read_fiche(element) for element in etree.fromstring(data).iterfind("FICHE")]


def csv_of(written: list[Fiche], folder: str | Path) -> list[Path]:
    write_csv_package(written, Path(folder), ON)
    return sorted(Path(folder).glob("*.csv"))


# XML


def test_writes_a_fiche_as_the_agency_does():
    assert xml_of(a_fiche(texts={**dict.fromkeys(TEXTS, ""), "capacities": "Lire & écrire <tout>\n]]>"})).decode() == (
        Path(__file__).with_name("fiche.xml").read_text("utf-8")
    )


@slow
@given(written=registers())
def test_the_xml_reads_back_as_the_same_records(written):
    assert read_xml(xml_of(*written)) == written


@slow
@given(written=registers())
def test_the_xml_is_valid_against_the_schema_that_sets_the_order(written):
    SCHEMA.assertValid(etree.fromstring(xml_of(*written)))


@given(text=st.text(st.sampled_from("]>\0\x08\x1b\ufffe\uffff\ud800a<&\r"), max_size=12))
def test_characters_that_xml_forbids_are_dropped_and_never_break_the_document(text):
    fiche = a_fiche(texts={**dict.fromkeys(TEXTS, ""), "activities": f"a{text}z"})
    fiche.fields["title"] = f"a{text}z"

    (found,) = read_xml(xml_of(fiche))

    kept = f"a{text}z".replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in kept if sign not in "\0\x08\x1b\ufffe\uffff\ud800")
    assert (found.fields["title"], found.texts["activities"]) == (kept, kept)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["rncp", "rs"])
def test_the_real_fiches_are_written_element_for_element(real_data, name):
    source = etree.parse(real_data / "register" / f"fiches-v4.1-{name}.xml").getroot()
    records = [read_fiche(element) for element in source.iterfind("FICHE")]

    written = etree.fromstring(xml_of(*records))

    def content(root):
        return [(element.tag, "".join((element.text or "").split())) for element in root.iter()]

    assert content(written) == content(source)


# CSV


@slow
@given(written=registers())
def test_the_csv_package_reads_back_as_what_it_can_hold(written):
    with TemporaryDirectory() as folder, TemporaryDirectory() as workdir:
        package = read_csv_package(csv_of(written, folder), Path(workdir))
        found = list(package.fiches)

    assert [fiche.number for fiche in found] == [fiche.number for fiche in written]
    for got, given_fiche in zip(found, written, strict=True):
        assert got.fields == {name: given_fiche.fields[name] for name in got.fields}
        if got.certifiers is not None:
            assert [row[:2] for row in got.certifiers] == [row[:2] for row in given_fiche.certifiers if row[0]]
        if got.habilitations is not None:
            assert [row[:3] for row in got.habilitations] == [row[:3] for row in given_fiche.habilitations]
        if "blocks" in got.lists:
            assert [row[:2] for row in got.lists["blocks"]] == [row[:2] for row in given_fiche.lists["blocks"]]
        if "lineage" in got.lists:
            assert got.lists["lineage"] == given_fiche.lists["lineage"]
        if "routes" in got.lists:
            assert [row[:2] for row in got.lists["routes"]] == [row[:2] for row in given_fiche.lists["routes"]]
        kept = [row for row in given_fiche.lists["codes"] if row[0] in got.code_systems or ()]
        assert got.lists.get("codes", []) == kept


def test_writes_ten_files_with_the_published_columns_quotes_and_tabs(tmp_path):
    counts = write_csv_package([a_fiche()], tmp_path, ON)

    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(files) == {f"export_fiches_CSV_{table.name}_2026_08_16.csv" for table in PACKAGE}
    assert files["export_fiches_CSV_Certificateurs_2026_08_16.csv"].decode() == (
        f'"Numero_Fiche";"Siret_Certificateur";"Nom_Certificateur"\r\n"RNCP90001";"\t{a_siret(1)}";"ÉCOLE"\r\n'
    )
    assert files["export_fiches_CSV_CCN_2026_08_16.csv"].decode().splitlines()[1] == '"RNCP90001";;;;;"454";"Essai"'
    assert files["export_fiches_CSV_Ancienne_Nouvelle_Certification_2026_08_16.csv"].decode().splitlines()[1:] == [
        '"RNCP90001";"RNCP80001";"RNCP95001"',
        '"RNCP90001";"RS8002";',
    ]
    assert files["export_fiches_CSV_Standard_2026_08_16.csv"].decode().splitlines()[1] == (
        '"901";"RNCP90001";"Fabricant d’essais";;;"NIV5";;;;;"15/01/2025";;;"Enregistrement sur demande";;"ACTIVE"'
    )
    assert counts == {
        "standard": 1, "certifiers": 1, "partners": 1, "blocks": 1, "formacode": 0, "nsf": 1, "rome": 1, "ccn": 1,
        "routes": 1, "lineage": 2,
    }  # fmt: skip


@slow
@given(fiche=fiches())
def test_no_cell_of_the_csv_package_is_a_formula(fiche):
    with TemporaryDirectory() as folder:
        for path in csv_of([fiche], folder):
            with path.open(encoding="utf-8", newline="") as text:
                cells = [cell for row in csv.reader(text, delimiter=";") for cell in row]
            assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@", "\uff1d", "\uff0b")]


# JSON Lines


def test_writes_one_object_a_line_with_every_field():
    out = io.BytesIO()
    assert write_jsonl([a_fiche(), a_fiche(number="RS9002")], out) == 2

    first, second = map(json.loads, out.getvalue().decode().splitlines())
    assert list(first) == ["number", "register", *FIELDS, *TEXTS, *LISTS, "certifiers", "habilitations"]
    assert (first["register"], second["register"]) == ("RNCP", "RS")
    assert (first["decision_date"], first["end_date"], first["is_active"]) == ("2025-01-15", None, True)
    assert first["statistics"] == [
        {"year": 2024, "certified": 12, "certified_by_vae": None, "global_rate": 76.0, "target_job_rate": 81.5}
    ]
    assert list(first["certifiers"][0]) == list(CERTIFIER)
    assert first["habilitations"] == [
        dict(zip(HABILITATION, (a_siret(2), "CENTRE", "both", "removed", "2023-04-12", "2024-01-25"), strict=True))
    ]


@slow
@given(written=registers(size=2))
def test_every_line_is_json_whatever_the_characters(written):
    out = io.BytesIO()
    write_jsonl(written, out)

    assert [json.loads(line)["title"] for line in out.getvalue().decode().split("\n")[:-1]] == [
        fiche.fields["title"] for fiche in written
    ]
