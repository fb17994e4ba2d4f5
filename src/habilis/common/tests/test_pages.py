"""Pages that belong to no business app: languages, policy, refusals, the page of a job."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from habilis.common.enums import JobState
from habilis.common.models import JobProgress
from habilis.common.views import too_many_requests


def fail(error):
    def view(request):
        raise error

    return view


urlpatterns = [
    path("", include("habilis.config.urls")),
    path("denied/", fail(PermissionDenied())),
    path("bad/", fail(BadRequest())),
    path("broken/", fail(RuntimeError("secret detail"))),
    path("often/", lambda request: too_many_requests(request, 30)),
]
REFUSALS = [
    ("/nowhere/", 404, "Cette page n’existe pas"),
    ("/denied/", 403, "Vous n’avez pas accès à cette page"),
    ("/often/", 429, "Trop de demandes en peu de temps"),
    ("/bad/", 400, "Cette demande n’a pas été comprise"),
    ("/broken/", 500, "Le service n’a pas pu répondre"),
]


@pytest.mark.parametrize(("address", "status", "title"), REFUSALS, ids=[str(row[1]) for row in REFUSALS])
@override_settings(ROOT_URLCONF=__name__)
def test_refusal_says_what_happened(address, status, title, db):
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == status
    assert title in answer.content.decode()
    assert "secret detail" not in answer.content.decode()


@pytest.mark.parametrize(("address", "english"), [("/bad/", "was not understood"), ("/broken/", "could not answer")])
@override_settings(ROOT_URLCONF=__name__)
def test_page_of_last_resort_speaks_both_languages(address, english):
    assert english in Client(raise_request_exception=False).get(address).content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_fault_page_needs_no_database():
    # Without the `db` fixture any query fails.
    assert Client(raise_request_exception=False).get("/broken/").status_code == 500


@override_settings(ROOT_URLCONF=__name__)
def test_too_many_requests_says_when_to_come_back(client):
    answer = client.get("/often/")
    assert answer.headers["Retry-After"] == "30"
    assert "Attendez 30 secondes" in answer.content.decode()


def test_form_without_token_is_refused_with_a_remedy():
    answer = Client(enforce_csrf_checks=True).post("/i18n/setlang/", {"language": "en"})
    assert answer.status_code == 403
    assert "Ce formulaire a expiré" in answer.content.decode()


@pytest.mark.parametrize(("language", "said"), [("fr", "12 mars 2026 12/03/2026"), ("en", "12 March 2026 12/03/2026")])
def test_dates_are_those_of_europe(language, said):
    day = date(2026, 3, 12)
    with translation.override(language):
        assert f"{date_format(day)} {date_format(day, 'SHORT_DATE_FORMAT')}" == said


def test_language_is_kept_and_leads_back(client):
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/composants/?page=2"})
    assert (answer.status_code, answer.url) == (302, "/composants/?page=2")
    assert '<html lang="en">' in client.get("/composants/").content.decode()


def test_language_switch_does_not_lead_elsewhere(client):
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "https://example.org/"})
    assert answer.url == "/"


def test_every_page_carries_the_strict_policy(client):
    policy = client.get("/composants/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


# The page of a job


def a_job(state: JobState, **fields) -> JobProgress:
    finished = timezone.now() if state in (JobState.DONE, JobState.FAILED) else None
    values = {"key": str(uuid.uuid4()), "title": "Import", "state": state, "finished_at": finished}
    return JobProgress.objects.create(**values | fields)


def test_running_job_asks_again(client, db):
    job = a_job(JobState.RUNNING, done=30, total=120)
    page = client.get(reverse("common:progress", args=[job.pk]))
    text = page.content.decode()
    assert 'hx-trigger="every 2s"' in text
    assert 'value="25"' in text
    assert "30 sur 120" in text
    assert page.headers["Cache-Control"] == "no-store"


def test_part_of_a_job_is_a_fragment(client, db):
    job = a_job(JobState.WAITING)
    text = client.get(reverse("common:progress", args=[job.pk]), headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith('<div class="hab-progress"')
    assert "<html" not in text


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_finished_job_stops_asking(client, db, state):
    job = a_job(state, done=1, total=1, message="Fini", result_url="/resultat/")
    text = client.get(reverse("common:progress", args=[job.pk])).content.decode()
    assert "hx-trigger" not in text
    assert "Fini" in text
    assert ('href="/resultat/"' in text) == (state == JobState.DONE)


def test_unknown_job_is_not_found(client, db):
    assert client.get(reverse("common:progress", args=[uuid.uuid4()])).status_code == 404
