"""The operations of the public API: what each answers, in how many queries, and how it refuses."""

from datetime import date

import pytest
from django.core.cache import cache

from habilis.registers.enums import AccessRoute, ChangeKind, ChangeVerb, CodeSystem, HabilitationRole, LinkState
from habilis.registers.models import SearchEntry
from habilis.registers.queries.stored import stored_by_number
from habilis.registers.queries.words import search_document
from habilis.registers.tests.factories import (
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
API = "/api/v1"
LATER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def no_limit(settings):
    settings.API_RATE_LIMIT = 0
    cache.clear()


@pytest.fixture(autouse=True)
def today(monkeypatch):
    for module in ("habilis.registers.api.operations", "habilis.registers.views.public"):
        monkeypatch.setattr(f"{module}.localdate", lambda: date(2026, 11, 24))


@pytest.fixture
def run():
    return a_run(registers="RNCP RS", source="export_fictif.xml")


def index(*certifications):
    for one in certifications:
        title, keywords, body = search_document(stored_by_number([one.number])[one.number].fiche)
        SearchEntry.objects.create(certification=one, title=title, keywords=keywords, body=body)


def read(client, path, status=200, **query):
    response = client.get(API + path, query)
    assert response.status_code == status, response.content
    return response.json()


def problem(client, path, status, **query):
    body = read(client, path, status, **query)
    assert (body["status"], set(body)) == (status, {"type", "title", "status", "detail", "errors"})
    return body["type"].rpartition("#")[2], body


# --- search ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_searches_in_a_constant_number_of_queries(client, run, rows, django_assert_max_num_queries):
    found = [a_certification(f"RNCP9000{rank}", title="Soudeur fictif") for rank in range(rows)]
    for certification in found:
        a_certifier(certification, a_body("Certificateur d’essai"))
    index(*found)
    read(client, "/search", q="premier appel")  # reads the snapshot of the register
    with django_assert_max_num_queries(16):
        body = read(client, "/search", q="soudeur")
    assert (body["total"], len(body["data"]), body["next"]) == (rows, rows, None)


def test_searches_page_by_page_and_names_its_source(client, run):
    index(*(a_certification(f"RNCP9000{rank}", title="Soudeur fictif") for rank in range(3)))
    first = read(client, "/search", q="soudeur", limit=2)
    second = client.get(first["next"]).json()
    numbers = [hit["number"] for hit in first["data"] + second["data"]]
    assert sorted(numbers) == ["RNCP90000", "RNCP90001", "RNCP90002"]
    assert second["next"] is None
    assert first["source"] == {
        "producer": "France compétences",
        "name": "export_fictif.xml",
        "licence": "Licence Ouverte 2.0",
        "export_date": "2026-08-16",
        "imported_at": None,
    }


def test_narrows_a_search(client, run):
    index(
        rncp := a_certification("RNCP90001", title="Soudeur fictif", level=3),
        a_certification("RS9001", title="Soudeur fictif", level=None),
    )
    link = a_certifier(rncp)
    asked = [{"register": "RNCP"}, {"level": 3}, {"certifier": link.organisation.siret}]
    for query in asked:
        assert [hit["number"] for hit in read(client, "/search", q="soudeur", **query)["data"]] == ["RNCP90001"]
    assert read(client, "/search", q="soudeur", certifier=a_siret(4321))["total"] == 0


# --- one fiche ------------------------------------------------------------------------------------------------------


def full_fiche(rows):
    certification = a_certification(
        "RNCP90001",
        texts={"activities": "Souder"},
        blocks=[f"Bloc {rank}" for rank in range(rows)],
        routes={AccessRoute.VAE: "Trois jurés"},
        codes=[(CodeSystem.ROME, f"H290{rank}", "Soudage") for rank in range(rows)],
        correspondences=[("", f"RNCP8000{rank}", "") for rank in range(rows)],
        statistics=[{"year": 2020 + rank, "certified": 7} for rank in range(rows)],
        legal_texts=[{"title": f"Texte {rank}"} for rank in range(rows)],
        replaces=[f"RNCP7000{rank}" for rank in range(rows)],
    )
    for _ in range(rows):
        a_certifier(certification)
        a_partner(certification, role=HabilitationRole.PREPARE, active_since=date(2025, 2, 1))
    return certification


@pytest.mark.parametrize("rows", [1, 3])
def test_reads_a_fiche_in_a_constant_number_of_queries(client, run, rows, django_assert_num_queries):
    full_fiche(rows)
    with django_assert_num_queries(13):
        data = read(client, "/fiches/RNCP90001")["data"]
    assert [len(data[name]) for name in ("blocks", "codes", "statistics", "legal_texts")] == [rows] * 4
    assert len(data["correspondences"][0]["targets"]) == rows
    assert (data["register"], data["status"], data["partners"]) == ("RNCP", "active", {"total": rows, "active": rows})
    assert data["version"]["title"] == "Développeur web"
    assert data["texts"]["activities"] == "Souder"
    assert [route["route"] for route in data["routes"] if route["is_open"]] == ["VAE"]
    assert data["page"].endswith("/fiche/RNCP90001/")


def test_reads_a_fiche_as_it_was_and_by_a_number_as_people_write_it(client, run):
    certification = a_certification("RNCP90001", until=LATER, title="Avant")
    a_version(certification, since=LATER, title="Après")
    assert read(client, "/fiches/rncp 90001")["data"]["version"]["title"] == "Après"
    before = read(client, "/fiches/RNCP90001", on="2026-08-31")["data"]
    assert (before["version"]["title"], before["on"]) == ("Avant", "2026-08-31")


def test_refuses_a_fiche_or_a_day_that_it_does_not_know(client, run):
    a_certification("RNCP90001")
    kind, body = problem(client, "/fiches/RNCP99999", 404)
    assert (kind, body["title"]) == ("unknown-fiche", "Fiche inconnue")
    assert "RNCP99999" in body["detail"]
    kind, body = problem(client, "/fiches/RNCP90001", 404, on="2020-01-01")
    assert kind == "unknown-day"
    assert "2026-08-16" in body["detail"]


def test_says_whether_a_fiche_is_in_force(client, run, django_assert_num_queries):
    a_certification("RNCP90001")
    with django_assert_num_queries(4):
        data = read(client, "/fiches/RNCP90001/validity", on="2028-01-16")["data"]
    assert (data["answer"], data["code"], data["end_date"]) == ("no", "registration_ended", "2028-01-15")
    assert data["reason"] == "L’enregistrement de RNCP90001 a pris fin le 15 janvier 2028."
    assert read(client, "/fiches/RNCP90001/validity")["data"]["answer"] == "yes"


@pytest.mark.parametrize("rows", [1, 3])
def test_reads_a_lineage_in_a_constant_number_of_queries(client, run, rows, django_assert_num_queries):
    a_certification("RNCP90001", replaces=[f"RNCP8000{rank}" for rank in range(rows)])
    with django_assert_num_queries(7):
        data = read(client, "/fiches/RNCP90001/lineage")["data"]
    assert len(data["members"]) == rows + 1
    assert {link["newer"] for link in data["links"]} == {"RNCP90001"}
    older = [member for member in data["members"] if member["generation"] == -1]
    assert [(member["is_known"], member["title"]) for member in older] == [(False, None)] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_blocks_and_partners_in_a_constant_number_of_queries(client, run, rows, django_assert_num_queries):
    full_fiche(rows)
    with django_assert_num_queries(5):
        blocks = read(client, "/fiches/RNCP90001/blocks")
    with django_assert_num_queries(5):
        partners = read(client, "/fiches/RNCP90001/partners", role="train")
    assert (blocks["total"], partners["total"]) == (rows, rows)
    assert blocks["data"][0]["code"] == "RNCP90001BC01"
    assert {(row["role"], row["state"], row["active_since"]) for row in partners["data"]} == {
        ("train", "active", "2025-02-01")
    }


def test_pages_and_narrows_partners(client, run):
    certification = a_certification("RNCP90001")
    for name in ("Alpha fictif", "Bêta fictif", "Gamma fictif"):
        a_partner(certification, a_body(name, postal_code="33000"))
    a_partner(certification, a_body("Delta fictif"), state=LinkState.REMOVED)
    names, path = [], "/fiches/RNCP90001/partners?department=33&limit=2"
    while path:
        page = client.get(path if path.startswith(API) else API + path).json()
        names += [row["name"] for row in page["data"]]
        path = page["next"]
    assert names == ["Alpha fictif", "Bêta fictif", "Gamma fictif"]
    removed = read(client, "/fiches/RNCP90001/partners", state="removed")
    assert [row["name"] for row in removed["data"]] == ["Delta fictif"]
    assert read(client, "/fiches/RNCP90001/partners", offset=1000)["data"] == []


# --- two fiches, rights, changes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_compares_in_a_constant_number_of_queries(client, run, rows, django_assert_num_queries):
    for number in ("RNCP90001", "RS9001"):
        a_certification(number, blocks=[f"Bloc {rank}" for rank in range(rows)], end_date=date(2028, 1, len(number)))
    with django_assert_num_queries(13):
        data = read(client, "/compare", left="RNCP90001", right="RS9001")["data"]
    assert [pair["name"] for pair in data["fields"] if not pair["same"]] == ["end_date"]
    assert {(pair["left"]["title"], pair["score"]) for pair in data["blocks"]} == {
        (f"Bloc {n}", 100) for n in range(rows)
    }
    assert (data["left"]["number"], data["right"]["number"]) == ("RNCP90001", "RS9001")


def test_refuses_to_compare_with_an_unknown_fiche(client, run):
    a_certification("RNCP90001")
    assert problem(client, "/compare", 404, left="RNCP90001", right="RNCP2")[0] == "unknown-fiche"


@pytest.mark.parametrize(
    ("role", "answer", "code"), [("assess", "no", "other_role"), ("train", "yes", "habilitated_since")]
)
def test_says_who_may_do_what(client, run, role, answer, code, django_assert_num_queries):
    row = a_partner(a_certification("RNCP90001"), role=HabilitationRole.PREPARE, active_since=date(2025, 2, 1))
    with django_assert_num_queries(7):
        body = read(client, "/may", siret=row.organisation.siret, number="RNCP90001", role=role, on="2026-03-12")
    data = body["data"]
    if role == "assess":
        answer, code = "unknown", "other_role_later"  # that day comes before the first export
    assert (data["answer"], data["code"], data["role"]) == (answer, code, role)
    assert [(one["kind"], one["role"], one["export_date"]) for one in data["rows"]] == [
        ("habilitation", "train", "2026-08-16")
    ]
    assert body["source"]["export_date"] == "2026-08-16"


def test_says_why_a_right_was_ended(client, run):
    row = a_partner(a_certification("RNCP90001", end_date=date(2026, 1, 1), last_issue_date=date(2027, 1, 1)))
    query = {"siret": row.organisation.siret, "number": "RNCP90001", "role": "assess", "on": "2026-09-01"}
    data = read(client, "/may", **query)["data"]
    assert (data["answer"], data["code"], data["rows"][0]["kind"]) == ("unknown", "run_out", "registration")


def test_names_the_export_where_a_number_was_not_found(client, run):
    body = read(client, "/may", siret=a_siret(1), number="RNCP2", role="train")
    assert (body["data"]["code"], body["source"]["export_date"]) == ("number_unknown", "2026-08-16")


def test_refuses_a_wrong_siret(client, run):
    kind, body = problem(client, "/may", 422, siret="123", number="RNCP90001", role="train")
    assert (kind, [error["parameter"] for error in body["errors"]]) == ("invalid-parameter", ["siret"])
    assert "quatorze chiffres" in body["detail"]


@pytest.mark.parametrize("rows", [1, 3])
def test_reads_changes_in_a_constant_number_of_queries(client, run, rows, django_assert_num_queries):
    for _ in range(rows):
        a_change(a_certification())
    with django_assert_num_queries(6):
        body = read(client, "/changes", since="2026-08-16")
    assert (body["total"], body["total_is_exact"], body["next"]) == (rows, True, None)
    assert body["cursor"] == body["data"][-1]["id"]


def test_follows_the_changes(client, run):
    certification = a_certification("RNCP90001")
    fields = {"kind": ChangeKind.BLOCK, "verb": ChangeVerb.REMOVED, "key": "BC01", "before": "Bloc", "is_key": True}
    made = [a_change(certification, **fields).pk for _ in range(3)]
    first = read(client, "/changes", limit=2, register="RNCP", kind="block", key_only="true", number="rncp90001")
    second = client.get(first["next"]).json()
    assert [row["id"] for row in first["data"] + second["data"]] == made
    assert read(client, "/changes", after=second["cursor"]) | {"source": None} == {
        "data": [],
        "total": 3,
        "next": None,
        "source": None,
        "total_is_exact": True,
        "cursor": made[-1],
    }
    new = a_change(certification)
    assert [row["id"] for row in read(client, "/changes", after=second["cursor"])["data"]] == [new.pk]


def test_says_how_fresh_the_registers_are(client, run, django_assert_num_queries):
    a_run(LATER, registers="RS", source="rs.xml")
    with django_assert_num_queries(3):
        body = read(client, "/freshness")
    assert [(row["register"], row["name"], row["export_date"]) for row in body["data"]] == [
        ("RNCP", "export_fictif.xml", "2026-08-16"),
        ("RS", "rs.xml", "2026-09-01"),
    ]
    assert body["source"]["name"] == "export_fictif.xml ; rs.xml"
    assert body["source"]["export_date"] == "2026-08-16"


def test_answers_before_the_first_import(client):
    assert read(client, "/search", q="web")["source"]["export_date"] is None
    assert read(client, "/changes")["data"] == []
    assert [row["name"] for row in read(client, "/freshness")["data"]] == [None, None]


# --- wrong questions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "parameter", "remedy"),
    [
        ("/may", {"siret": a_siret(1), "number": "RNCP1"}, "role", "ce paramètre est obligatoire"),
        ("/search", {"on": "12/03/2025"}, "on", "écrivez un jour qui existe, sous la forme AAAA-MM-JJ"),
        ("/search", {"on": "2025-02-30"}, "on", "écrivez un jour qui existe, sous la forme AAAA-MM-JJ"),
        ("/search", {"on": "0"}, "on", "écrivez un jour qui existe, sous la forme AAAA-MM-JJ"),
        ("/search", {"limit": "0"}, "limit", "le minimum est 1"),
        ("/search", {"limit": "101"}, "limit", "le maximum est 100"),
        ("/search", {"limit": "dix"}, "limit", "écrivez un nombre entier"),
        ("/search", {"register": "rncp"}, "register", "valeurs possibles : RNCP, RS"),
        ("/search", {"active": "oui"}, "active", "écrivez true ou false"),
        ("/search", {"q": "x" * 301}, "q", "300 caractères au plus"),
        ("/search", {"q": "a\x00b"}, "q", "ce texte contient un caractère interdit"),
        ("/search", {"text": "web"}, "text", "ce paramètre n’existe pas ici ; voyez la documentation"),
        ("/changes", {"after": "9" * 30}, "after", "écrivez un nombre entier"),
    ],
)
def test_says_what_to_write_instead(client, path, query, parameter, remedy):
    kind, body = problem(client, path, 422, **query)
    assert kind == "invalid-parameter"
    assert body["errors"] == [{"parameter": parameter, "message": remedy}]
    assert body["detail"] == f"Corrigez la demande. {parameter} : {remedy}."
