"""The page of a fiche: what it shows, on which day, at what cost."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from lxml import html

from habilis.registers.enums import AccessRoute, CodeSystem, HabilitationRole, LinkState
from habilis.registers.queries import bodies, fiches
from habilis.registers.tests.factories import (
    EXPORT,
    a_body,
    a_certification,
    a_certifier,
    a_change,
    a_partner,
    a_run,
    a_siret,
    a_version,
)

pytestmark = pytest.mark.django_db
FAR = date(2098, 1, 15)


def page_text(response):
    return " ".join(html.document_fromstring(response.content.decode()).text_content().split())


def links(response):
    return {link.get("href") for link in html.document_fromstring(response.content.decode()).iter("a")}


def full_fiche(count=1):
    """A fiche with `count` of everything."""
    numbers = [f"RNCP{8000 + rank}" for rank in range(count)]
    certification = a_certification(
        "RNCP90001",
        end_date=FAR,
        title="Développeuse web d’essai",
        abbreviation="TP",
        abbreviation_label="Titre professionnel",
        texts={"activities": "Elle conçoit.\n- un site\n- un service", "capacities": "Savoir " * 400},
        blocks=[
            {"title": f"Bloc {rank}", "skills": "Coder", "assessment": "Mise en situation"} for rank in range(count)
        ],
        routes={AccessRoute.VAE: "Deux professionnels", AccessRoute.INITIAL: None},
        codes=[(CodeSystem.ROME, f"M18{rank:02d}", "Développement") for rank in range(count)],
        replaces=numbers,
        correspondences=[("RNCP90001BC01", number, "BC02") for number in numbers],
        statistics=[
            {"year": 2020 + rank, "certified": 12, "global_rate": 66, "target_job_rate": 50} for rank in range(count)
        ],
        legal_texts=[{"title": f"Arrêté {rank}", "published_on": EXPORT} for rank in range(count)],
    )
    for _ in range(count):
        a_certifier(certification, a_body())
        a_partner(certification)
        a_change(certification, field="end_date", before="01/09/2026", after="01/09/2028", is_key=True)
    return certification


def test_shows_everything_that_the_register_says(client):
    full_fiche()

    response = client.get("/fiche/RNCP90001/")
    text = page_text(response)

    for expected in (
        *("RNCP90001", "Développeuse web d’essai", "Niveau 5", "Enregistrement sur demande", "Active"),
        *("1 bloc de compétences", "Deux professionnels", "M1800", "RNCP8000", "1 partenaire", "Arrêté 0", "66 %"),
        *("12 personnes, petit effectif", "01/09/2026", "01/09/2028", "export du 16 août 2026", "Licence Ouverte 2.0"),
    ):
        assert expected in text
    assert "https://www.francecompetences.fr/recherche/rncp/90001/" in links(response)


def test_lays_out_published_lists_as_lists(client):
    full_fiche()

    root = html.document_fromstring(client.get("/fiche/RNCP90001/").content.decode())

    assert [item.text for item in root.xpath("//section[@id='essentiel']//div[@class='reg-prose']/ul/li")][:2] == [
        "un site",
        "un service",
    ]


def test_escapes_what_the_source_wrote(client):
    a_certification("RNCP90001", title="<script>alert(1)</script>", texts={"activities": "<b>gras</b>"})

    content = client.get("/fiche/RNCP90001/").content.decode()

    assert "<script>alert" not in content
    assert "<b>gras" not in content


@pytest.mark.parametrize("count", [1, 3])
def test_reads_a_fiche_in_a_constant_number_of_queries(client, count):
    full_fiche(count)
    client.get("/fiche/RNCP90001/")

    with CaptureQueriesContext(connection) as queries:
        assert client.get("/fiche/RNCP90001/").status_code == 200

    assert len(queries) == 20


@pytest.mark.parametrize("number", ["rncp90001", "RNCP090001"])
def test_sends_other_writings_of_a_number_to_its_page(client, number):
    a_certification("RNCP90001")

    response = client.get(f"/fiche/{number}/?on=2026-08-20")

    assert (response.status_code, response["Location"]) == (301, "/fiche/RNCP90001/?on=2026-08-20")


@pytest.mark.parametrize("number", ["RNCP99999", "bonjour", "12"])
def test_helps_when_the_number_is_unknown(client, number):
    response = client.get(f"/fiche/{number}/")

    assert response.status_code == 404
    assert "Un numéro commence par RNCP ou RS" in page_text(response)


# --- On a day


def two_versions():
    """Read on 1 January with one partner, then on 1 June with another title and another partner."""
    first, second = date(2026, 1, 1), date(2026, 6, 1)
    certification = a_certification("RNCP90001", since=first, until=second, title="Ancien intitulé", end_date=FAR)
    a_version(certification, since=second, title="Nouvel intitulé", end_date=FAR)
    a_partner(certification, a_body("Organisme parti"), valid_from=first, valid_to=second)
    a_partner(certification, a_body("Organisme venu"), valid_from=second)
    return certification


@pytest.mark.parametrize(
    ("query", "title", "partner"),
    [
        ("", "Nouvel intitulé", "Organisme venu"),
        ("?on=2026-05-31", "Ancien intitulé", "Organisme parti"),
        ("?on=31/05/2026", "Ancien intitulé", "Organisme parti"),
        ("?on=2026-06-01", "Nouvel intitulé", "Organisme venu"),
    ],
)
def test_shows_the_version_of_the_day_asked(client, query, title, partner):
    two_versions()

    response = client.get(f"/fiche/RNCP90001/{query}")

    root = html.document_fromstring(response.content.decode())
    assert root.findtext(".//h1") == title
    assert [cell.text_content().strip() for cell in root.xpath("//div[@id='partenaires-liste']//th/span[1]")] == [
        partner
    ]


def test_says_since_when_a_fiche_is_known_when_asked_before(client):
    two_versions()

    response = client.get("/fiche/RNCP90001/?on=2025-12-31")

    assert response.status_code == 404
    assert "première lecture est celle de l’export du 1 janvier 2026" in page_text(response)
    assert "/fiche/RNCP90001/?on=2026-01-01" in links(response)


def test_says_that_a_date_does_not_exist(client):
    a_certification("RNCP90001")

    assert "Cette date n’existe pas" in page_text(client.get("/fiche/RNCP90001/?on=2026-02-30"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"is_active": True, "end_date": FAR}, "active"),
        ({"is_active": True, "end_date": None}, "active"),
        ({"is_active": False, "end_date": FAR}, "inactive"),
        ({"is_active": True, "end_date": EXPORT - timedelta(days=1)}, "expired"),
        ({"is_active": True, "end_date": EXPORT}, "active"),
        ({"is_active": None, "end_date": None}, "unknown"),
        ({"is_active": True, "end_date": FAR, "withdrawn_on": EXPORT}, "withdrawn"),
    ],
)
def test_says_the_state_of_a_fiche_on_a_day(fields, expected):
    certification = a_certification(**fields)

    assert fiches.status(certification, certification.current_version, EXPORT).key == expected


def test_warns_that_a_fiche_ended_and_names_its_successor(client):
    yesterday = localdate() - timedelta(days=1)
    a_certification("RNCP90001", end_date=yesterday, last_issue_date=FAR, replaced_by=["RNCP90002"])
    a_certification("RNCP90002", end_date=FAR)

    response = client.get("/fiche/RNCP90001/")

    text = page_text(response)
    assert "Son enregistrement a pris fin" in text
    assert "peut encore être délivrée jusqu’au 15 janvier 2098" in text
    assert "Remplacée par : RNCP90002" in text.replace("\xa0", " ")
    assert "/fiche/RNCP90002/" in links(response)


# --- Partners


def network():
    certification = a_certification("RNCP90001", end_date=FAR)
    ecole = a_body("ÉCOLE DU CODE", siret=a_siret(7), postal_code="69001", has_valid_siret=True)
    a_partner(certification, ecole, HabilitationRole.PREPARE)
    a_partner(certification, a_body("Greta", siret=a_siret(8), postal_code="35000"), state=LinkState.REMOVED)
    a_partner(certification, a_body("Cfa", siret=None), state="")
    return certification


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["Cfa", "Greta", "ÉCOLE DU CODE"]),
        ({"text": "école"}, ["ÉCOLE DU CODE"]),
        ({"text": "gret"}, ["Greta"]),
        ({"text": a_siret(8)[:9]}, ["Greta"]),
        ({"text": " ".join(a_siret(7))}, ["ÉCOLE DU CODE"]),
        ({"role": "prepare"}, ["ÉCOLE DU CODE"]),
        ({"state": "removed"}, ["Greta"]),
        ({"department": "69"}, ["ÉCOLE DU CODE"]),
        ({"role": "nonsense", "state": "nonsense"}, ["Cfa", "Greta", "ÉCOLE DU CODE"]),
        ({"text": "rien de tel"}, []),
    ],
)
def test_narrows_partners(asked, expected):
    rows = bodies.partners(network(), None, bodies.PartnerFilter(**asked))

    assert sorted(row.name for row in rows) == expected


def test_counts_partners_per_role_and_active():
    counts = bodies.partner_counts(network(), None)

    assert (counts.total, counts.active, counts.departments) == (3, 2, ["35", "69"])
    assert [(value, active, total) for value, _, active, total in counts.roles] == [("prepare", 1, 1), ("both", 1, 2)]


def test_gives_the_list_alone_to_a_partial_request(client):
    network()

    response = client.get(
        "/fiche/RNCP90001/?role=prepare", headers={"HX-Request": "true", "HX-Target": "partenaires-liste"}
    )

    assert response.content.decode().strip().startswith('<div id="partenaires-liste"')
    assert "1 partenaire correspond" in page_text(response)


def test_pages_through_partners(client):
    certification = a_certification("RNCP90001")
    for rank in range(17):
        a_partner(certification, a_body(f"Organisme {rank:02d}"))

    text = page_text(client.get("/fiche/RNCP90001/?page=2"))

    assert "Organisme 15" in text
    assert "Organisme 14" not in text


def test_flags_a_wrong_siret_and_links_to_the_question_of_rights(client):
    certification = a_certification("RNCP90001")
    a_partner(certification, a_body("Mal saisi", siret="99900003700010", has_valid_siret=False))

    response = client.get("/fiche/RNCP90001/")

    assert "clé fausse" in page_text(response)
    assert "/qui-peut-quoi/?siret=99900003700010&number=RNCP90001" in links(response)


# --- Downloads and history


def test_downloads_partners_with_their_source(client):
    network()

    rows = b"".join(client.get("/fiche/RNCP90001/partenaires.csv?role=prepare")).decode("utf-8-sig").splitlines()

    assert len(rows) == 2
    assert rows[0].startswith("Fiche;SIRET;Nom;Rôle;État")
    assert rows[1].startswith(f"RNCP90001;{a_siret(7)};ÉCOLE DU CODE;Former;Actif;")
    assert rows[1].endswith("export_fiches_RNCP_V4_1_2026-08-16.xml;2026-08-16;Licence Ouverte 2.0")


def test_downloads_partners_as_a_workbook(client):
    network()

    response = client.get("/fiche/RNCP90001/partenaires.xlsx")

    assert response["Content-Disposition"] == 'attachment; filename="RNCP90001-partenaires.xlsx"'
    assert b"".join(response).startswith(b"PK")


def test_downloads_the_whole_fiche_as_json(client):
    full_fiche()

    fiche = json.loads(client.get("/fiche/RNCP90001.json").content)

    assert (fiche["number"], fiche["title"], fiche["end_date"]) == (
        "RNCP90001",
        "Développeuse web d’essai",
        "2098-01-15",
    )
    assert fiche["statistics"][0]["global_rate"] == 66
    assert fiche["source"] == {
        "name": "export_fiches_RNCP_V4_1_2026-08-16.xml",
        "licence": "Licence Ouverte 2.0",
        "export_date": "2026-08-16",
    }


@pytest.mark.parametrize("path", ["/fiche/RNCP1.json", "/fiche/RNCP1/partenaires.csv", "/fiche/RNCP1/historique/"])
def test_says_that_a_fiche_is_unknown_everywhere(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_lists_the_history_in_a_constant_number_of_queries(client, count):
    certification = a_certification("RNCP90001")
    for rank in range(count):
        day = EXPORT + timedelta(days=rank + 1)
        a_run(day)
        a_change(certification, day, field="activities", before=f"Lire un texte {rank}. " * 9, after="Lire. " * 30)
    client.get("/fiche/RNCP90001/historique/")

    with CaptureQueriesContext(connection) as queries:
        text = page_text(client.get("/fiche/RNCP90001/historique/"))

    assert text.count("Activités visées") == count
    assert len(queries) == 7


def test_history_keeps_key_changes_only_when_asked(client):
    certification = a_certification("RNCP90001")
    a_change(certification, field="title", before="A", after="B", is_key=True)
    a_change(certification, field="sectors", before="C", after="D")

    assert "Secteurs d’activité" in page_text(client.get("/fiche/RNCP90001/historique/"))
    assert "Secteurs d’activité" not in page_text(client.get("/fiche/RNCP90001/historique/?key=on"))
