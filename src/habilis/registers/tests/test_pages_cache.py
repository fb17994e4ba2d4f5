"""What browsers and proxies may keep of the public pages, and what they may ask of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from habilis.registers.models import ImportRun
from habilis.registers.tests.factories import a_certification, a_run
from habilis.registers.views import public

pytestmark = pytest.mark.django_db
PAGES = ["/recherche/", "/fiche/RNCP90001/", "/changements/", "/qui-peut-quoi/", "/imports/", "/changements/rss.xml"]


@pytest.mark.parametrize("path", PAGES)
def test_answers_not_modified_for_one_query(client, path):
    a_certification("RNCP90001")
    tag = client.get(path)["ETag"]

    with CaptureQueriesContext(connection) as queries:
        response = client.get(path, headers={"If-None-Match": tag})

    assert (response.status_code, response.content) == (304, b"")
    assert len(queries) == 1


def test_answers_anew_after_an_import(client):
    a_certification("RNCP90001")
    tag = client.get("/fiche/RNCP90001/")["ETag"]

    a_run()

    assert client.get("/fiche/RNCP90001/", headers={"If-None-Match": tag}).status_code == 200


def test_answers_anew_while_an_import_goes_on(client):
    a_certification("RNCP90001")
    run = a_run()
    tag = client.get("/recherche/")["ETag"]

    ImportRun.objects.filter(pk=run.pk).update(position=400)

    assert client.get("/recherche/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("headers", [{"Accept-Language": "en"}, {"HX-Target": "resultats"}])
def test_keeps_languages_and_partial_pages_apart(client, headers):
    tag = client.get("/recherche/")["ETag"]

    assert client.get("/recherche/", headers={"If-None-Match": tag, **headers}).status_code == 200


def test_answers_anew_the_next_day(client, monkeypatch):
    tag = client.get("/recherche/")["ETag"]

    monkeypatch.setattr(public, "localdate", lambda: timezone.localdate() + timedelta(days=1))

    assert client.get("/recherche/", headers={"If-None-Match": tag}).status_code == 200


def test_says_what_pages_depend_on(client):
    response = client.get("/recherche/")

    assert response["Cache-Control"] == "private, no-cache"
    assert (
        client.get("/recherche/", headers={"If-None-Match": response["ETag"]})["Cache-Control"] == "private, no-cache"
    )
    assert client.get("/changements/rss.xml")["Cache-Control"] == "public, no-cache"
    assert {"Accept-Language", "Cookie", "HX-Target"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize("path", PAGES)
def test_only_reads(client, path):
    assert client.post(path).status_code == 405
    assert client.head("/recherche/").status_code == 200


BIG = "9" * 30


@pytest.mark.parametrize(
    "path",
    [
        "/recherche/?q=%00&level=9&certifier=-3&department=%F0%9F%98%80",
        f"/recherche/?q={'a' * 5000}&page={BIG}",
        f"/recherche/?certifier={BIG}&nsf=%00&rome={'A' * 300}",
        "/recherche.json?q=%22%3C/script%3E",
        f"/fiche/RNCP{BIG}/",
        "/fiche/%00/",
        "/fiche/RNCP90001/?text=%00&page=-1&sort=id;drop&on=0000-00-00",
        f"/fiche/RNCP90001/historique/?page={BIG}",
        f"/organisme/id/{BIG}/",
        f"/organisme/{'9' * 14}/?liste=%00",
        f"/imports/{BIG}/",
        f"/changements/?before={BIG}&fiche=%00&since=9999-99-99",
        "/changements/?before=%D9%A3",
        f"/qui-peut-quoi/?siret={BIG}&number=%00&role=%00&on=%00",
        "/comparer/?a=%00&b=RNCP90001&on_a=1-1-1",
        "/recherche/?q=RNCP90001%20%27%20OR%201%3D1",
    ],
)
def test_answers_hostile_addresses_calmly(client, path):
    a_certification("RNCP90001")

    response = client.get(path)

    assert response.status_code < 500
