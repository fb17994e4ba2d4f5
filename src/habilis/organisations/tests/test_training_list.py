"""Addresses of the public list of training organisations. Every name, number and street is invented."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from habilis.organisations.exchange.training_list import COLUMNS, Refused, read_addresses
from habilis.organisations.models import Organisation
from habilis.organisations.services import Address, department_of, record_addresses

HEADER = ["numeroDeclarationActivite", "denomination", *COLUMNS.values(), "certifications.VAE"]
SIREN, SIRET = "999000011", "99900001100018"


def a_list(folder: Path, *rows: tuple[str, ...], encoding: str = "utf-8", header: list[str] = HEADER) -> Path:
    path = folder / "liste.csv"
    lines = [header, *(["11000000001", "Centre d’essai", *row, "true"] for row in rows)]
    path.write_bytes("".join(";".join(f'"{cell}"' for cell in line) + "\r\n" for line in lines).encode(encoding))
    return path


def a_row(siret: str = SIRET, siren: str = SIREN, code: str = "35000", city: str = "RENNES") -> tuple[str, ...]:
    return siren, siret, "1 rue  de l’Essai", code, city


def an_organisation(siret: str = SIRET, **fields) -> Organisation:
    return Organisation.objects.create(siret=siret, siren=siret[:9], name=f"Centre {siret}", **fields)


# Reading


@pytest.mark.parametrize(
    ("siren", "siret", "expected"),
    [
        (SIREN, SIRET, SIRET),
        (SIREN, "00018", SIRET),
        (SIREN, "18", SIRET),
        ("012345678", "1234567800019", "01234567800019"),
        ("12345678", "19", "01234567800019"),
    ],
)
def test_completes_the_establishment_number(tmp_path, siren, siret, expected):
    (address,) = read_addresses(a_list(tmp_path, a_row(siret, siren)))

    assert address == Address(expected, "1 rue de l’Essai", "35000", "RENNES")


def test_leaves_out_rows_without_a_usable_number(tmp_path):
    path = a_list(tmp_path, a_row("", ""), a_row("ABC"), a_row("999000011000"), a_row(code="1000"))

    assert [(row.siret, row.postal_code) for row in read_addresses(path)] == [(SIRET, "01000")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_reads_any_of_the_encodings_met(tmp_path, encoding):
    (address,) = read_addresses(a_list(tmp_path, a_row(city="ÉTAMPES"), encoding=encoding))

    assert address.city == "ÉTAMPES"


def test_reads_the_columns_of_the_open_data_mirror(tmp_path):
    header = [name.replace(".", "_").lower() for name in HEADER]

    assert [row.city for row in read_addresses(a_list(tmp_path, a_row(), header=header))] == ["RENNES"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ligne 1 : la colonne « siren » est absente"),
        (b"a;b\r\n1;2\r\n", "ligne 1 : la colonne « siren » est absente"),
        (";".join(HEADER).encode() + b"\r\n1;2\r\n", "ligne 2 : 2 colonnes au lieu de 8"),
        (";".join(HEADER).encode() + b'\r\n1;"2', "ligne 2 : guillemets mal placés ou fichier coupé"),
        (b"\0" * 50, "octet nul"),
        (b"\x81\xff", "ni UTF-8 ni Windows-1252"),
    ],
)
def test_refuses_what_is_not_the_list(tmp_path, data, message):
    (tmp_path / "liste.csv").write_bytes(data)

    with pytest.raises(Refused) as caught:
        list(read_addresses(tmp_path / "liste.csv"))

    assert message in str(caught.value)
    assert " ; " in str(caught.value)


# Departments


@pytest.mark.parametrize(
    ("code", "department"),
    [
        ("01000", "01"), ("35000", "35"), ("75116", "75"),
        ("20000", "2A"), ("20190", "2A"), ("20200", "2B"), ("20620", "2B"),
        ("97100", "971"), ("97490", "974"), ("97600", "976"), ("97133", "977"), ("97150", "978"), ("97500", "975"),
        ("98713", "987"), ("98800", "988"),
        ("00100", ""), ("99000", ""), ("", ""), ("3500", ""), ("B1000", ""), ("٣٥٠٠٠", ""),
    ],
)  # fmt: skip
def test_tells_the_department_of_a_postal_code(code, department):
    assert department_of(code) == department


# Recording


@pytest.mark.django_db
def test_records_the_addresses_of_known_organisations_only():
    an_organisation()
    rows = [
        Address(SIRET, "1 rue de l’Essai", "20620", "BIGUGLIA"),
        Address("99900002900010", "2 rue", "35000", "RENNES"),
    ]

    assert record_addresses(rows, apply=True) == {"updated": 1, "unchanged": 0, "unknown": 1}
    assert record_addresses(rows, apply=True) == {"updated": 0, "unchanged": 1, "unknown": 1}

    (found,) = Organisation.objects.values_list("address", "postal_code", "city", "department")
    assert found == ("1 rue de l’Essai", "20620", "BIGUGLIA", "2B")


@pytest.mark.django_db
def test_writes_nothing_unless_told():
    an_organisation()

    assert record_addresses([Address(SIRET, "1 rue", "35000", "RENNES")], apply=False)["updated"] == 1

    assert Organisation.objects.get().city == ""


@pytest.mark.django_db
def test_keeps_the_first_address_of_a_number_and_ignores_rows_without_a_town():
    an_organisation(city="PARIS", postal_code="75001", department="75")
    rows = [Address(SIRET, "", "", ""), Address(SIRET, "1", "35000", "RENNES"), Address(SIRET, "2", "44000", "NANTES")]

    assert record_addresses(rows, apply=True) == {"updated": 1, "unchanged": 0, "unknown": 0}

    assert Organisation.objects.get().city == "RENNES"


@pytest.mark.django_db
def test_cuts_what_is_longer_than_the_columns():
    an_organisation()

    record_addresses([Address(SIRET, "x" * 400, "350000000", "y" * 200)], apply=True)

    found = Organisation.objects.get()
    assert (len(found.address), found.postal_code, len(found.city), found.department) == (300, "35000", 120, "")


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_list(size):
    sirets = [f"9990000{rank}000019" for rank in range(size)]
    for siret in sirets:
        an_organisation(siret)

    with CaptureQueriesContext(connection) as queries:
        record_addresses([Address(siret, "1 rue", "35000", "RENNES") for siret in sirets], apply=True)

    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == 2


# Command


@pytest.mark.django_db
def test_the_command_shows_the_difference_then_applies_it(tmp_path):
    an_organisation()
    path = a_list(tmp_path, a_row())
    out = StringIO()

    call_command("organisations", "import", str(path), stdout=out)
    assert out.getvalue() == (
        "Adresses changées : 1 ; inchangées : 0 ; organismes inconnus : 0.\nRien n’est enregistré : ajoutez --apply.\n"
    )
    assert Organisation.objects.get().department == ""

    out = StringIO()
    call_command("organisations", "import", str(path), "--apply", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"addresses": {"updated": 1, "unchanged": 0, "unknown": 0}}
    assert Organisation.objects.get().department == "35"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["absente.csv", "autre.csv"])
def test_the_command_refuses_with_exit_code_2(tmp_path, name):
    (tmp_path / "autre.csv").write_text("a;b\n")

    with pytest.raises(CommandError) as caught:
        call_command("organisations", "import", str(tmp_path / name))

    assert caught.value.returncode == 2
    assert str(caught.value).startswith(name)
