"""The page of a body, and what it says of those that the registers do not know."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.queries import bodies
from habilis.registers.tests.factories import a_body, a_certification, a_certifier, a_partner, a_siret

pytestmark = pytest.mark.django_db
FAR, PAST, TODAY = date(2098, 1, 15), date(2026, 1, 15), date(2026, 9, 1)
SIRET = a_siret(9001)


def page_text(response):
    return " ".join(html.document_fromstring(response.content.decode()).text_content().split())


def table_links(response):
    return html.document_fromstring(response.content.decode()).xpath("//table//th/a[1]/@href")


@pytest.fixture
def body():
    """Certifies one fiche in force and one that ended; partner of three, one of which by a removed habilitation."""
    body = a_body("Centre d’essai", siret=SIRET)
    a_certifier(a_certification("RNCP90001", title="Boulanger", end_date=PAST), body)
    a_certifier(a_certification("RNCP90002", title="Pâtissier", end_date=FAR), body)
    a_partner(a_certification("RNCP90003", title="Soudeur", end_date=FAR), body, HabilitationRole.PREPARE)
    a_partner(a_certification("RNCP90004", end_date=FAR), body, state=LinkState.REMOVED)
    a_partner(a_certification("RS9005", end_date=FAR), body, valid_to=TODAY)
    return body


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["RNCP90004", "RNCP90003"]),
        ({"active": True}, ["RNCP90003"]),
        ({"past": True}, ["RNCP90004", "RNCP90003", "RS9005"]),
        ({"text": "soud"}, ["RNCP90003"]),
        ({"text": "rncp90004"}, ["RNCP90004"]),
        ({"role": "prepare"}, ["RNCP90003"]),
    ],
)
def test_narrows_habilitations_of_a_body(body, asked, expected):
    rows = bodies.habilitations_of(body, TODAY, bodies.BodyFilter(**asked))

    assert [row.certification.number for row in rows] == expected


def test_puts_fiches_in_force_first(body):
    rows = bodies.certified_by(body, TODAY, bodies.BodyFilter())

    assert [row.certification.number for row in rows] == ["RNCP90002", "RNCP90001"]


def test_counts_what_a_body_does(body):
    assert bodies.body_counts(body, TODAY) == bodies.BodyCounts(
        certified=2, certified_active=1, habilitations=2, habilitations_active=1, past=1
    )


def test_shows_what_a_body_certifies_then_where_it_is_partner(client, body):
    assert table_links(client.get(f"/organisme/{SIRET}/")) == ["/fiche/RNCP90002/", "/fiche/RNCP90001/"]
    assert table_links(client.get(f"/organisme/{SIRET}/?liste=habilitations&role=prepare")) == ["/fiche/RNCP90003/"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("shown", ["certifications", "habilitations"])
def test_reads_a_body_in_a_constant_number_of_queries(client, shown, count):
    body = a_body("Centre d’essai", siret=SIRET)
    for rank in range(count):
        a_body(siret=a_siret(9001, rank + 2))
        a_certifier(a_certification(f"RNCP9000{rank}"), body)
        a_partner(a_certification(f"RNCP9001{rank}"), body)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/organisme/{SIRET}/?liste={shown}")

    assert len(table_links(response)) == count
    assert len(queries) == 11


def test_lists_the_establishments_of_a_legal_unit(client, body):
    sibling = a_body("Antenne", siret=a_siret(9001, 2))
    a_partner(a_certification("RNCP90009"), sibling)

    assert f"/organisme/{sibling.siret}/" in client.get(f"/organisme/{SIRET}/").content.decode()
    assert table_links(client.get(f"/organisme/{SIRET[:9]}/")) == [
        f"/organisme/{SIRET}/",
        f"/organisme/{sibling.siret}/",
    ]
    assert [(row.certified, row.habilitations) for row in bodies.establishments(SIRET[:9])] == [(2, 2), (0, 1)]


@pytest.mark.parametrize("count", [2, 3])
def test_lists_establishments_in_a_constant_number_of_queries(client, count):
    for rank in range(count):
        a_partner(a_certification(f"RNCP9000{rank}"), a_body(siret=a_siret(9001, rank + 1)))

    with CaptureQueriesContext(connection) as queries:
        assert len(table_links(client.get(f"/organisme/{SIRET[:9]}/"))) == count

    assert len(queries) == 6


def test_sends_a_single_establishment_to_its_page(client, body):
    assert client.get(f"/organisme/{SIRET[:9]}/")["Location"] == f"/organisme/{SIRET}/"


def test_shows_a_body_without_siret_under_its_own_address(client):
    body = a_body("Ministère d’essai", siret=None)
    a_certifier(a_certification("RNCP90001"), body)

    text = page_text(client.get(f"/organisme/id/{body.pk}/"))

    assert "Organisme publié sans SIRET" in text
    assert client.get(f"/organisme/id/{a_body(siret=SIRET).pk}/")["Location"] == f"/organisme/{SIRET}/"


def test_flags_a_siret_whose_key_is_wrong(client):
    a_body("Mal saisi", siret="99900003700010", has_valid_siret=False)

    assert "La clé de ce SIRET est fausse" in page_text(client.get("/organisme/99900003700010/"))


def test_helps_when_a_siret_is_unknown(client, body):
    other = a_siret(9001, 5)
    response = client.get(f"/organisme/{other}/")

    text = page_text(response)
    assert response.status_code == 404
    assert "D’autres établissements de la même entreprise sont publiés" in text.replace("\xa0", " ")
    assert "La clé de ce SIRET est fausse" not in text
    assert "La clé de ce SIRET est fausse" in page_text(
        client.get(f"/organisme/{other[:13]}{(int(other[13]) + 1) % 10}/")
    )


@pytest.mark.parametrize(
    "path", ["/organisme/id/404/", "/organisme/999999999/", "/organisme/id/404/certifications.csv"]
)
def test_says_that_a_body_is_unknown(client, path):
    assert client.get(path).status_code == 404


def test_downloads_the_list_shown(client, body):
    address = f"/organisme/id/{body.pk}/habilitations.csv?role=prepare"
    rows = b"".join(client.get(address)).decode("utf-8-sig").splitlines()

    assert len(rows) == 2
    assert rows[1].startswith(f"{SIRET};Centre d’essai;RNCP90003;Soudeur;oui;2098-01-15;Former;Actif;;")
    assert len(b"".join(client.get(f"/organisme/id/{body.pk}/certifications.csv")).splitlines()) == 3
