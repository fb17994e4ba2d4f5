"""The change feed as a page, RSS, Atom and JSON Feed; the pages of the imports."""

import json
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree, html

from habilis.registers.enums import ChangeKind, ChangeVerb, RunState
from habilis.registers.models import ImportRun
from habilis.registers.tests.factories import a_certification, a_change, a_run, a_siret

pytestmark = pytest.mark.django_db
FEEDS = ["/changements/rss.xml", "/changements/atom.xml", "/changements.json"]
ATOM = "{http://www.w3.org/2005/Atom}"


def page_text(response):
    return " ".join(html.document_fromstring(response.content.decode()).text_content().split())


@pytest.fixture
def changes():
    fiche, other = a_certification("RNCP90001", title="Boulanger"), a_certification("RS9002", title="Anglais")
    old = date(2026, 8, 1)
    a_change(other, old, verb=ChangeVerb.ADDED, after="Anglais", is_key=True)
    a_change(fiche, field="end_date", before="01/09/2026", after="01/09/2028", is_key=True)
    a_change(fiche, field="sectors", before="Boulangerie", after="Boulangerie et pâtisserie")
    a_change(fiche, kind=ChangeKind.HABILITATION, key=a_siret(1), field="role", before="prepare", after="both")


def groups(response):
    return html.document_fromstring(response.content.decode()).xpath("//article/h3/a/@href")


def test_groups_changes_by_fiche_and_import_newest_first(client, changes):
    response = client.get("/changements/")

    assert groups(response) == ["/fiche/RNCP90001/#historique", "/fiche/RS9002/#historique"]
    text = page_text(response)
    assert "4 changements" in text
    assert "Fin d’enregistrement majeur 01/09/2026 → 01/09/2028" in text
    assert "Partenaire – Rôle" in text
    assert "Former → Former et organiser l’évaluation" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("since=2026-08-10", ["/fiche/RNCP90001/#historique"]),
        ("register=RS", ["/fiche/RS9002/#historique"]),
        ("kind=habilitation", ["/fiche/RNCP90001/#historique"]),
        ("kind=block", []),
        ("fiche=rs 9002", ["/fiche/RS9002/#historique"]),
        ("key=on&register=RNCP", ["/fiche/RNCP90001/#historique"]),
    ],
)
def test_narrows_changes(client, changes, query, expected):
    assert groups(client.get(f"/changements/?{query}")) == expected


def test_marks_the_words_that_changed(client):
    text = "Préparer la pâte, cuire le pain et tenir la boutique tous les jours de la semaine. " * 3
    a_change(a_certification(), field="activities", before=text, after=text.replace("boutique", "caisse"))

    content = client.get("/changements/").content.decode()

    assert "<del> boutique</del>" in content
    assert "<ins> caisse</ins>" in content


def test_sends_the_reader_of_a_huge_text_to_the_history(client):
    fiche, text = a_certification("RNCP90001"), "Pétrir la pâte. " * 1000
    a_change(fiche, field="activities", before=text, after=text.replace("Pétrir", "Peser", 1))

    assert "<del>Pétrir</del>" not in client.get("/changements/").content.decode()
    assert "<del>Pétrir</del>" in client.get("/fiche/RNCP90001/historique/").content.decode()


def test_says_that_a_filter_is_wrong(client, changes):
    response = client.get("/changements/?since=hier&fiche=pain")

    text = page_text(response)
    assert "Cette date n’existe pas" in text
    assert "Un numéro commence par RNCP ou RS" in text


def test_leads_to_older_changes(client, monkeypatch):
    monkeypatch.setattr("habilis.registers.views.changes.PAGE", 2)
    for rank in range(3):
        a_change(a_certification(f"RNCP9000{rank}"), field="title", before="A", after="B")

    first = client.get("/changements/?kind=fiche")
    [older] = html.document_fromstring(first.content.decode()).xpath("//a[@rel='next']/@href")

    assert groups(first) == ["/fiche/RNCP90002/#historique", "/fiche/RNCP90001/#historique"]
    assert groups(client.get(f"/changements/{older}")) == ["/fiche/RNCP90000/#historique"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", ["/changements/", *FEEDS])
def test_reads_changes_in_a_constant_number_of_queries(client, path, count):
    for rank in range(count):
        a_change(a_certification(f"RNCP9000{rank}"), field="title", before="A", after="B")

    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200

    assert len(queries) == 5


# --- Feeds


def test_gives_the_news_as_rss(client, changes):
    root = etree.fromstring(client.get("/changements/rss.xml").content)

    items = root.findall("./channel/item")
    assert [item.findtext("title") for item in items] == [
        "RNCP90001 Boulanger : Partenaire – Rôle, Secteurs d’activité, Fin d’enregistrement",
        "RS9002 Anglais : Fiche ajoutée",
    ]
    assert items[0].findtext("link") == f"{settings.PUBLIC_URL}/fiche/RNCP90001/#historique"
    assert "Fin d’enregistrement : 01/09/2026 → 01/09/2028" in items[0].findtext("description")
    assert "Licence Ouverte 2.0" in root.findtext("./channel/copyright")


def test_gives_the_news_as_atom(client, changes):
    root = etree.fromstring(client.get("/changements/atom.xml?fiche=RNCP90001").content)

    assert len(root.findall(f"{ATOM}entry")) == 1
    assert root.findtext(f"{ATOM}title").endswith("RNCP90001")


def test_gives_the_news_as_json_feed(client, changes):
    response = client.get("/changements.json?key=on")
    feed = json.loads(response.content)

    assert response["Content-Type"] == "application/feed+json"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == [
        "RNCP90001 Boulanger : Fin d’enregistrement",
        "RS9002 Anglais : Fiche ajoutée",
    ]
    assert len({item["id"] for item in feed["items"]}) == 2
    assert feed["_source"][0]["licence"] == "Licence Ouverte 2.0"


# --- Imports


@pytest.mark.parametrize("count", [1, 3])
def test_lists_imports_in_a_constant_number_of_queries(client, count):
    for rank in range(count):
        a_run(date(2026, 8, rank + 1))

    with CaptureQueriesContext(connection) as queries:
        response = client.get("/imports/")

    assert len(html.document_fromstring(response.content.decode()).xpath("//tbody/tr")) == count
    assert len(queries) == 5


def test_shows_an_import_with_its_refused_fiches(client):
    run = a_run(rejected=[{"numero": "RNCP0", "reason": "numéro invalide"}], finished_at=timezone.now())

    text = page_text(client.get(f"/imports/{run.pk}/"))

    assert "Export du 16 août 2026" in text
    assert run.digest in text
    assert "RNCP0 numéro invalide" in text


def test_shows_how_far_a_running_import_is(client):
    run = a_run(state=RunState.RUNNING, position=120, total=400)

    assert "120 fiches traitées sur 400" in page_text(client.get(f"/imports/{run.pk}/"))


def test_says_how_to_fill_an_empty_register(client):
    assert not ImportRun.objects.exists()

    assert "habilis register import" in page_text(client.get("/imports/"))
    assert "Aucun export des répertoires n’a encore été importé" in page_text(client.get("/changements/"))


def test_says_that_an_import_is_unknown(client):
    assert client.get("/imports/404/").status_code == 404
