"""The search page: what it shows, how it narrows, where it leads, what it says when it finds nothing."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from habilis.registers.enums import CodeSystem
from habilis.registers.models import Certification
from habilis.registers.tests.factories import a_body, a_certification, a_certifier, a_siret, make_searchable

pytestmark = pytest.mark.django_db
FAR, PAST = date(2098, 1, 15), date(2026, 1, 15)
SIRET = a_siret(9001)


def page_text(response):
    return " ".join(html.document_fromstring(response.content.decode()).text_content().split())


def hits(response):
    return html.document_fromstring(response.content.decode()).xpath("//li[@class='reg-hit']/h2/a/@href")


def facet_links(response):
    return {
        link.get("id"): link.get("href")
        for link in html.document_fromstring(response.content.decode()).xpath(
            "//details[contains(@class,'hab-facets')]//a"
        )
    }


@pytest.fixture
def register():
    rows = [
        a_certification(
            "RNCP90001", title="Boulanger", level=3, end_date=FAR, texts={"objectives": "Le boulanger pétrit."}
        ),
        a_certification("RNCP90002", title="Boulangère pâtissière", level=4, end_date=PAST),
        a_certification(
            "RNCP90003", title="Soudeuse", level=4, end_date=FAR, codes=[(CodeSystem.ROME, "H2913", "Soudage")]
        ),
    ]
    a_certifier(rows[0], a_body("École du pain", siret=SIRET))
    make_searchable(*rows)
    return rows


def test_finds_words_and_marks_them(client, register):
    response = client.get("/recherche/?q=boulanger")

    assert hits(response) == ["/fiche/RNCP90001/", "/fiche/RNCP90002/"]
    content = response.content.decode()
    assert "<mark>Boulanger</mark>" in content
    assert "Le <mark>boulanger</mark> pétrit." in content
    assert "École du pain" in content
    assert "2 certifications" in page_text(response)


def test_says_what_was_understood(client, register):
    response = client.get("/recherche/?q=boulnager")

    assert hits(response)[0] == "/fiche/RNCP90001/"
    assert "Résultats pour « boulanger »" in page_text(response)


def test_lists_everything_without_a_question(client, register):
    response = client.get("/recherche/")

    assert len(hits(response)) == 3
    assert "Toutes les certifications" in page_text(response)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("level=4", {"RNCP90002", "RNCP90003"}),
        ("active=1", {"RNCP90001", "RNCP90003"}),
        ("level=4&active=1", {"RNCP90003"}),
        ("rome=H2913", {"RNCP90003"}),
        ("register=RS", set()),
        ("level=abc&register=nothing&certifier=-1", {"RNCP90001", "RNCP90002", "RNCP90003"}),
    ],
)
def test_narrows_by_address(client, register, query, expected):
    assert {address.split("/")[2] for address in hits(client.get(f"/recherche/?{query}"))} == expected


def test_facets_set_and_remove_one_value(client, register):
    links = facet_links(client.get("/recherche/?q=boulanger&level=3&page=1"))

    assert links["f-level-4"] == "?q=boulanger&level=4"
    assert links["f-level-3"] == "?q=boulanger"
    assert links["f-aucun"] == "?q=boulanger"


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("RNCP90001", "/fiche/RNCP90001/"),
        ("rncp 90001", "/fiche/RNCP90001/"),
        (SIRET, f"/organisme/{SIRET}/"),
        (" ".join((SIRET[:3], SIRET[3:6], SIRET[6:9], SIRET[9:])), f"/organisme/{SIRET}/"),
        (SIRET[:9], f"/organisme/{SIRET[:9]}/"),
    ],
)
def test_leads_straight_to_what_a_number_names(client, register, typed, target):
    response = client.get("/recherche/", {"q": typed})

    assert (response.status_code, response["Location"]) == (302, target)


@pytest.mark.parametrize("typed", ["RNCP99999", a_siret(9002), "90001 boulanger"])
def test_searches_a_number_that_names_nothing(client, register, typed):
    assert client.get("/recherche/", {"q": typed}).status_code == 200


def test_helps_when_nothing_is_found(client, register):
    text = page_text(client.get("/recherche/?q=zzzzzz"))

    assert "Aucune certification ne correspond" in text
    assert "Vérifiez l’orthographe" in text


def test_offers_to_remove_the_filters_that_hide_everything(client, register):
    response = client.get("/recherche/?q=soudeuse&level=3")

    assert "Sans les filtres, 1 certification répond à la question" in page_text(response)
    assert '<a class="hab-button" href="?q=soudeuse">' in response.content.decode()


def test_gives_the_results_alone_to_a_partial_request(client, register):
    response = client.get("/recherche/?q=boulanger", headers={"HX-Request": "true", "HX-Target": "resultats"})

    root = html.fragments_fromstring(response.content.decode())
    assert [part.get("id") for part in root] == ["resultats", "compte"]
    assert root[1].get("hx-swap-oob") == "true"


def test_pages_through_results(client):
    make_searchable(*(a_certification(f"RNCP9{rank:04d}", title="Soudeur", end_date=FAR) for rank in range(23)))

    assert len(hits(client.get("/recherche/?q=soudeur"))) == 20
    assert len(hits(client.get("/recherche/?q=soudeur&page=2"))) == 3
    assert len(hits(client.get("/recherche/?q=soudeur&page=99"))) == 3
    assert len(hits(client.get("/recherche/?q=soudeur&page=x"))) == 20


@pytest.mark.parametrize("count", [1, 3])
def test_searches_in_a_constant_number_of_queries(client, count):
    rows = [a_certification(f"RNCP9000{rank}", title="Soudeur") for rank in range(count)]
    for row in rows:
        a_certifier(row, a_body())
    make_searchable(*rows)
    client.get("/recherche/?q=soudeur")

    with CaptureQueriesContext(connection) as queries:
        assert len(hits(client.get("/recherche/?q=soudeur"))) == count

    assert len(queries) == 9


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json"])
def test_downloads_what_was_found(client, register, extension, monkeypatch):
    monkeypatch.setattr("habilis.registers.views.search.CHUNK", 1)

    response = client.get(f"/recherche.{extension}?q=boulanger&active=1")
    content = b"".join(response)

    assert response["Content-Disposition"] == f'attachment; filename="certifications.{extension}"'
    if extension == "csv":
        assert (
            content.decode("utf-8-sig")
            .splitlines()[1]
            .startswith("RNCP90001;Boulanger;;3;oui;2098-01-15;École du pain;1")
        )
    if extension == "json":
        found = json.loads(content)
        assert [row["number"] for row in found["results"]] == ["RNCP90001"]
        assert found["source"][0]["licence"] == "Licence Ouverte 2.0"


def test_says_that_nothing_was_imported(client):
    assert not Certification.objects.exists()

    assert "Aucun export des répertoires n’a encore été importé" in page_text(client.get("/recherche/?q=boulanger"))
