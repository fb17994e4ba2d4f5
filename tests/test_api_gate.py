"""What stands before every address of the API: rate, cache, other sites, languages, refusals; and its two documents."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from habilis.config import gate
from habilis.config.api import api
from habilis.config.reference import entries
from habilis.registers.api.problems import KINDS
from habilis.registers.models import ImportRun
from habilis.registers.tests.factories import a_certification, a_run
from tests.house import ROOT

pytestmark = pytest.mark.django_db
FRESH = "/api/v1/freshness"


@pytest.fixture(autouse=True)
def no_limit(settings):
    settings.API_RATE_LIMIT = 0
    cache.clear()


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves, in seconds."""
    now = [1_800_000_000 // 60 * 60]
    monkeypatch.setattr(gate.time, "time", lambda: now[0])
    return now


# --- how often ------------------------------------------------------------------------------------------------------


def test_counts_the_requests_of_an_address_by_the_minute(client, settings, clock):
    settings.API_RATE_LIMIT = 2
    clock[0] += 15
    answers = [client.get(FRESH) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    refused = answers[-1]
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Reset"]) == ("2", "45")
    assert (refused.headers["Retry-After"], refused.headers["Content-Type"]) == ("45", "application/problem+json")
    assert refused.json()["type"].endswith("#too-many-requests")
    assert "attendez 45 secondes" in refused.json()["detail"]
    clock[0] += 45
    assert client.get(FRESH).status_code == 200


def test_counts_each_address_apart_and_networks_in_ipv6(client, settings, clock):
    settings.API_RATE_LIMIT = 1

    def status(address):
        return client.get(FRESH, REMOTE_ADDR=address).status_code

    assert [status("192.0.2.1"), status("192.0.2.2"), status("192.0.2.1")] == [200, 200, 429]
    assert [status("2001:db8::1"), status("2001:db8::2"), status("2001:db8:0:1::1")] == [200, 429, 200]


def test_believes_only_the_proxies_it_was_told_of(client, settings, clock):
    settings.API_RATE_LIMIT = 1

    def status(forwarded):
        return client.get(FRESH, HTTP_X_FORWARDED_FOR=forwarded).status_code

    assert [status("203.0.113.1"), status("203.0.113.2")] == [200, 429]  # the header is ignored
    settings.API_PROXIES = 1
    assert [status("6.6.6.6, 203.0.113.1"), status("7.7.7.7, 203.0.113.1"), status("203.0.113.9")] == [200, 429, 200]


def test_sets_no_limit_when_none_is_asked(client):
    answer = client.get(FRESH)
    assert "RateLimit-Limit" not in answer.headers


# --- cache ----------------------------------------------------------------------------------------------------------


def test_says_that_nothing_changed_until_the_next_import(client, django_assert_num_queries):
    a_run(registers="RNCP")
    first = client.get(FRESH)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    with django_assert_num_queries(1):
        again = client.get(FRESH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    a_run(date(2026, 9, 1), registers="RNCP")
    changed = client.get(FRESH, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.json()["data"][0]["export_date"]) == (200, "2026-09-01")


def test_notices_the_progress_of_an_import_that_runs(client):
    run = a_run(registers="RNCP", state="running")
    first = client.get(FRESH).headers["ETag"]
    ImportRun.objects.filter(pk=run.pk).update(position=400)
    assert client.get(FRESH).headers["ETag"] != first


def test_keeps_refusals_out_of_the_caches(client):
    answer = client.get("/api/v1/fiches/RNCP1")
    assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)


def test_tags_each_language_apart(client):
    tags = [client.get(FRESH, headers={"Accept-Language": code}).headers["ETag"] for code in ("fr", "en")]
    assert tags[0] != tags[1]
    assert "Accept-Language" in client.get(FRESH).headers["Vary"]


# --- other sites ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [FRESH, "/api/v1/fiches/RNCP1", "/api/v1/nowhere", "/api/v1/openapi.json"])
def test_lets_any_site_read(client, path):
    answer = client.get(path, headers={"Origin": "https://ailleurs.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_answers_the_question_that_browsers_ask_first(client, settings):
    settings.API_RATE_LIMIT = 1
    for _ in range(3):  # not counted
        answer = client.options(FRESH, headers={"Access-Control-Request-Method": "GET"})
        assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [FRESH, "/api/v1/search?q=web", "/api/v1/fiches/RNCP1", "/api/v1/openapi.json"])
def test_sets_no_cookie_and_does_not_vary_by_it(client, path):
    client.cookies["django_language"] = "en"
    answer = client.get(path)
    assert not answer.cookies
    assert "Cookie" not in answer.headers["Vary"]
    assert answer.headers["Content-Language"] == "fr"


# --- methods, versions, refusals ------------------------------------------------------------------------------------


def test_answers_head_like_get_without_a_body(client):
    got, head = client.get(FRESH), client.head(FRESH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_refuses_to_write(method):
    answer = getattr(Client(enforce_csrf_checks=True), method)(FRESH)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["type"].endswith("#method-not-allowed")


def test_serves_a_dated_version_and_refuses_one_that_does_not_exist(client):
    served = client.get(FRESH, headers={"API-Version": "2026-11-24"})
    assert (served.status_code, served.headers["API-Version"]) == (200, "2026-11-24")
    refused = client.get(FRESH, headers={"API-Version": "2020-01-01"})
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("#unknown-version")
    assert "2026-11-24" in refused.json()["detail"]


def test_answers_an_unknown_address_like_every_refusal(client):
    answer = client.get("/api/v1/fiche/RNCP1/x")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["type"] == "http://localhost:8000/api/v1/#unknown-address"


def test_hides_the_cause_of_its_own_faults(client, monkeypatch, caplog):
    def broken(**options):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("habilis.registers.queries.changes.last_run", lambda register: broken())
    answer = client.get(FRESH)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["type"].endswith("#server-error")
    assert b"secret" not in answer.content
    assert "secret detail" in caplog.text


# --- documents ------------------------------------------------------------------------------------------------------


def test_documents_every_operation(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == gate.VERSIONS[-1]
    assert sorted(document["paths"]) == [
        "/api/v1/changes",
        "/api/v1/compare",
        "/api/v1/fiches/{number}",
        "/api/v1/fiches/{number}/blocks",
        "/api/v1/fiches/{number}/lineage",
        "/api/v1/fiches/{number}/partners",
        "/api/v1/fiches/{number}/validity",
        "/api/v1/freshness",
        "/api/v1/may",
        "/api/v1/search",
    ]
    for item in document["paths"].values():
        assert list(item) == ["get"]
        answers = item["get"]["responses"]
        assert {"200", "304", "422", "429"} <= set(answers)
        assert set(answers["422"]["content"]) == {"application/problem+json"}
        assert all(one["description"] and "anyOf" not in one["schema"] for one in item["get"]["parameters"])
    assert "null" not in json.dumps([item["get"]["parameters"] for item in document["paths"].values()])


def test_has_a_page_that_shows_every_operation_and_every_refusal(client):
    a_certification()
    answer = client.get("/api/v1/")
    assert answer.status_code == 200
    page = answer.content.decode()
    document = client.get("/api/v1/openapi.json").json()
    for path, item in document["paths"].items():
        assert f"GET {path}" in page
        assert f'id="{item["get"]["operationId"]}"' in page
    assert all(f'id="{kind}"' in page for kind in KINDS)
    assert "data[].is_active" in page


def contract(document: dict[str, Any]) -> str:
    """The shapes of a version, one line each: addresses, parameters, fields and their kinds."""
    lines = []
    for entry in entries(document):
        lines.append(f"GET {entry.path}")
        lines += [f"  ? {row.path}: {row.kind}{' (required)' if row.required else ''}" for row in entry.parameters]
        lines += [f"  > {row.path}: {row.kind}" for row in entry.fields]
    return "\n".join(lines) + "\n"


def test_never_changes_a_published_version():
    """A change of shape is a new dated version: add its date to `VERSIONS` and its file beside the others."""
    published = ROOT / "docs" / "api" / f"{gate.VERSIONS[-1]}.txt"
    assert contract(api.get_openapi_schema(path_prefix="/api/v1/")) == published.read_text()
    assert sorted(path.stem for path in published.parent.iterdir()) == sorted(gate.VERSIONS)
