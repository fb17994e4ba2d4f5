"""The public list of training organisations. Every name, number and street is invented."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from habilis.organisations import services
from habilis.organisations.enums import TrainingAction
from habilis.organisations.exchange.training_list import COLUMNS, QUALIOPI, Refused, read_list
from habilis.organisations.models import SYSTEM, FormerName, Organisation, QualiopiMark, Site
from habilis.organisations.services import Address, ListedBody, department_of, record_training_list, rename_organisation

HEADER = ["numeroDeclarationActivite", "denomination", *COLUMNS.values(), "certifications.VAE"]
DAY = date(2026, 9, 1)
SIREN, SIRET = "999000011", "99900001100018"


def statements(queries: CaptureQueriesContext) -> int:
    return len([one for one in queries if "SAVEPOINT" not in one["sql"]])


def read_addresses(path: Path) -> list[Address]:
    return [row.address for row in read_list(path)]


def record_addresses(rows: list[Address], *, apply: bool) -> dict[str, int]:
    return record_training_list([ListedBody(row) for row in rows], apply=apply, on=DAY)["addresses"]


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
        list(read_list(tmp_path / "liste.csv"))

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

    assert statements(queries) == 3


# Declarations, names, Qualiopi, sites

TRAINING, VAE = TrainingAction.TRAINING, TrainingAction.VAE
OTHER = "99900001100026"  # another establishment of the same SIREN, of an exact key


def record(*rows: ListedBody, on: date = DAY, apply: bool = True) -> dict[str, dict[str, int]]:
    """Counts of what was found, the zeros apart."""
    found = record_training_list(rows, apply=apply, on=on)
    return {name: some for name, counts in found.items() if (some := {key: n for key, n in counts.items() if n})}


def a_listed_body(siret: str = SIRET, **columns) -> ListedBody:
    return ListedBody(Address(siret), **columns)


def test_reads_what_the_list_says_of_a_body(tmp_path):
    header = ["numeroDeclarationActivite", "denomination", *COLUMNS.values(), *QUALIOPI.values()]
    path = tmp_path / "liste.csv"
    cells = ["11000000001", " Centre  d’essai ", *a_row(), "true", "false", "TRUE", "peut-être"]
    path.write_text("".join(";".join(line) + "\n" for line in (header, cells)))

    (body,) = read_list(path)

    assert (body.name, body.nda) == ("Centre d’essai", "11000000001")
    assert body.qualiopi == {TRAINING: True, TrainingAction.SKILLS_REVIEW: False, VAE: True}


def test_reads_a_list_of_addresses_alone(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text(";".join(COLUMNS.values()) + "\n" + ";".join(a_row()) + "\n")

    assert list(read_list(path)) == [ListedBody(Address(SIRET, "1 rue de l’Essai", "35000", "RENNES"))]


@pytest.mark.django_db
def test_records_the_declaration_number():
    an_organisation()

    assert record(a_listed_body(nda="11000000001")) == {"declarations": {"updated": 1}}
    assert record(a_listed_body(nda="11000000001")) == {"declarations": {"unchanged": 1}}
    assert record(a_listed_body(nda="1100000001X")) == {"declarations": {"invalid": 1}}
    assert record(a_listed_body(nda="")) == {}

    assert Organisation.objects.get().nda == "11000000001"


@pytest.mark.django_db
def test_a_name_changes_on_the_day_of_the_list_and_never_goes_back():
    body = an_organisation()
    before, later = body.name, date(2026, 10, 1)

    assert record(a_listed_body(name=before.upper() + " !")) == {"names": {"unchanged": 1}}
    assert record(a_listed_body(name="École d’essai")) == {"names": {"updated": 1}}
    assert record(a_listed_body(name="ECOLE D'ESSAI"), on=later) == {"names": {"unchanged": 1}}
    rename_organisation(body, "Nom choisi", by=SYSTEM, on=later)
    assert record(a_listed_body(name="ECOLE D'ESSAI"), on=later) == {"names": {"unchanged": 1}}

    body.refresh_from_db()
    assert [body.name_on(day) for day in (date(2026, 8, 31), DAY, later)] == [before, "École d’essai", "Nom choisi"]


@pytest.mark.django_db
def test_qualiopi_marks_follow_the_lists():
    an_organisation()
    later = date(2027, 1, 1)

    assert record(a_listed_body(qualiopi={TRAINING: True, VAE: False})) == {"qualiopi": {"added": 1}}
    assert record(a_listed_body(qualiopi={TRAINING: True, VAE: False})) == {"qualiopi": {"unchanged": 1}}
    assert record(a_listed_body(qualiopi={VAE: True}), on=later) == {"qualiopi": {"added": 1}}
    assert record(a_listed_body(qualiopi={TRAINING: False}), on=later) == {"qualiopi": {"removed": 1}}

    for told in ({TRAINING: True}, {VAE: False}):  # an older list would undo what a later one said
        with pytest.raises(services.Refused, match="plus récente"):
            record(a_listed_body(qualiopi=told), on=date(2026, 8, 1))

    def marked(day: date) -> set[str]:
        return set(QualiopiMark.objects.valid_at(day).values_list("action", flat=True))

    assert (marked(date(2026, 8, 31)), marked(DAY), marked(later)) == (set(), {TRAINING}, {VAE})


@pytest.mark.django_db
def test_unnamed_establishment_of_a_known_body_becomes_its_site():
    body = an_organisation()
    row = ListedBody(Address(OTHER, "2 rue", "44000", "NANTES"), name="Annexe")

    assert record(row, row) == {"addresses": {"unknown": 2}, "sites": {"added": 1}}
    assert record(row)["sites"] == {"unchanged": 1}
    Site.objects.update(name="Le nom choisi")
    moved = row._replace(address=row.address._replace(street="3 rue"))
    assert record(moved)["sites"] == {"updated": 1}

    site = body.sites.get()
    found = (site.siret, site.name, site.address, site.department, site.valid_from)
    assert found == (OTHER, "Le nom choisi", "3 rue", "44", DAY)
    assert record(ListedBody(Address(OTHER[:-1] + "0", "2", "44000", "NANTES")))["sites"] == {"invalid": 1}


@pytest.mark.django_db
def test_site_of_one_of_several_bodies_is_given_to_none():
    an_organisation()
    an_organisation("99900001100034")

    assert record(ListedBody(Address(OTHER, "2", "44000", "NANTES")))["sites"] == {"ambiguous": 1}

    assert not Site.objects.exists()


@pytest.mark.django_db
def test_nothing_is_written_unless_told_and_twice_changes_nothing():
    an_organisation()
    rows = [
        ListedBody(Address(SIRET, "1", "35000", "RENNES"), "Autre nom", "11000000001", {TRAINING: True}),
        ListedBody(Address(OTHER, "2", "44000", "NANTES")),
    ]

    first = record(*rows, apply=False)
    assert record(*rows, apply=False) == first
    assert not QualiopiMark.objects.exists() and not Site.objects.exists() and not FormerName.objects.exists()
    assert record(*rows) == first
    again = record(*rows, on=date(2027, 1, 1))
    assert {key for counts in again.values() for key in counts} == {"unchanged", "unknown"}


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_queries_does_not_grow_with_what_changes(size):
    sirets = [f"9990000{rank}000019" for rank in range(size)]
    an_organisation()
    for siret in sirets:
        QualiopiMark.objects.create(organisation=an_organisation(siret), action=VAE, valid_from=date(2026, 1, 1))
    rows = [
        ListedBody(
            Address(siret, "1 rue", "35000", "RENNES"), f"Nom {siret}", "11000000001", {TRAINING: True, VAE: False}
        )
        for siret in sirets
    ]
    rows += [ListedBody(Address(OTHER, "2", "44000", "NANTES"))]

    with CaptureQueriesContext(connection) as queries:
        record_training_list(rows, apply=True, on=DAY)

    # Read: bodies, marks, former names, owners, sites. Changed: bodies, marks. Begun, by COPY: names, marks, sites; on
    # SQLite these go to the driver, unseen.
    assert statements(queries) == (10 if connection.vendor == "postgresql" else 7)
    assert (QualiopiMark.objects.current().count(), FormerName.objects.count(), Site.objects.count()) == (size, size, 1)


# Command


@pytest.mark.django_db
def test_the_command_shows_the_difference_then_applies_it(tmp_path):
    an_organisation()
    path = a_list(tmp_path, a_row())
    out = StringIO()

    call_command("organisations", "import", str(path), stdout=out)
    assert out.getvalue() == (
        "Adresses changées : 1 ; inchangées : 0 ; organismes inconnus : 0.\n"
        "Numéros de déclaration d’activité changés : 1 ; inchangés : 0 ; inexacts : 0.\n"
        "Noms changés : 1 ; inchangés : 0.\n"
        "Certifications Qualiopi ajoutées : 1 ; retirées : 0 ; inchangées : 0.\n"
        "Sites ajoutés : 0 ; déplacés : 0 ; inchangés : 0 ; de plusieurs organismes : 0 ; à SIRET inexact : 0.\n"
        "Rien n’est enregistré : ajoutez --apply.\n"
    )
    assert Organisation.objects.get().department == ""

    out = StringIO()
    call_command("organisations", "import", str(path), "--apply", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "addresses": {"updated": 1, "unchanged": 0, "unknown": 0},
        "declarations": {"updated": 1, "unchanged": 0, "invalid": 0},
        "names": {"updated": 1, "unchanged": 0},
        "qualiopi": {"added": 1, "removed": 0, "unchanged": 0},
        "sites": {"added": 0, "updated": 0, "unchanged": 0, "ambiguous": 0, "invalid": 0},
    }
    assert Organisation.objects.get().department == "35"


@pytest.mark.django_db
def test_the_command_takes_the_day_of_the_list_and_refuses_an_older_one(tmp_path):
    an_organisation()
    path = a_list(tmp_path, a_row())
    call_command("organisations", "import", str(path), "--apply", "--on", "2026-09-01", stdout=StringIO())
    assert QualiopiMark.objects.get().valid_from == DAY

    older = a_list(tmp_path, a_row(), header=[name.replace("VAE", "bilansDeCompetences") for name in HEADER])
    rename_organisation(Organisation.objects.get(), "Encore un nom", by=SYSTEM, on=date(2026, 10, 1))
    older.write_text(older.read_text().replace("Centre d’essai", "Nom d’avant"))
    with pytest.raises(CommandError, match="plus récente"):
        call_command("organisations", "import", str(older), "--apply", "--on", "2026-08-01", stdout=StringIO())
    assert QualiopiMark.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["absente.csv", "autre.csv"])
def test_the_command_refuses_with_exit_code_2(tmp_path, name):
    (tmp_path / "autre.csv").write_text("a;b\n")

    with pytest.raises(CommandError) as caught:
        call_command("organisations", "import", str(tmp_path / name))

    assert caught.value.returncode == 2
    assert str(caught.value).startswith(name)
