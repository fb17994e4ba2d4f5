"""The API against its own document: generated requests, right and wrong, through the whole WSGI application."""

from datetime import date

import pytest
import schemathesis
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from habilis.config.api import api
from habilis.config.wsgi import application
from habilis.registers.enums import AccessRoute, CodeSystem, HabilitationRole, LinkState
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

EXAMPLES = 50  # of each operation, right and wrong alike
PATHS = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
KNOWN = {
    "number": ["RNCP90001", "RS9001"],
    "left": ["RNCP90001", "rncp 90001"],
    "right": ["RS9001", "RNCP90001"],
    "siret": [a_siret(1), a_siret(2)],
    "on": ["2026-08-16", "2026-10-01", "2020-01-01"],
    "since": ["2026-08-16"],
    "q": ["développeur", "RNCP90001", a_siret(1)],
}
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,  # the same requests at each run
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture
def schema(db, settings, monkeypatch):
    """A register that answers, without limit of rate, and the document as clients read it."""
    monkeypatch.setattr(
        connection, "close", lambda: None
    )  # a real request ends with it; the test's transaction goes on
    settings.API_RATE_LIMIT = 0
    cache.clear()
    a_run(registers="RNCP RS")
    certification = a_certification(
        "RNCP90001",
        until=date(2026, 9, 1),
        blocks=["Gérer un projet"],
        routes={AccessRoute.VAE: "Trois jurés"},
        codes=[(CodeSystem.ROME, "M1805", "Développement")],
        correspondences=[("RNCP90001BC01", "RS9001", "")],
        statistics=[{"year": 2024, "certified": 3, "global_rate": "87.50"}],
        legal_texts=[{"title": "Arrêté fictif"}],
        replaces=["RS9001"],
    )
    a_version(certification, since=date(2026, 9, 1), blocks=["Gérer un projet"], title="Développeuse web")
    a_certification("RS9001", level=None, kind="", is_active=None, end_date=None, decision_date=None)
    a_certifier(certification, a_body("Certificateur fictif", siret=None), state="")
    a_partner(certification, a_body("Partenaire fictif", siret=a_siret(1)), active_since=date(2025, 2, 1))
    a_partner(certification, role=HabilitationRole.PREPARE, state=LinkState.REMOVED)
    a_change(certification, field="title", before="Développeur web", after="Développeuse web", is_key=True)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers={"Host": "localhost"})


@pytest.mark.parametrize("path", sorted(PATHS))
def test_answers_what_its_document_says_to_right_requests(schema, path):
    @fuzzed
    @given(case=schema[path]["GET"].as_strategy(generation_mode=GenerationMode.POSITIVE), data=st.data())
    def ask(case, data):
        for place in (case.path_parameters, case.query):
            for name, values in KNOWN.items():
                if name in place and data.draw(st.booleans()):
                    place[name] = data.draw(st.sampled_from(values))
        case.call_and_validate(headers={"Host": "localhost"})

    ask()


@pytest.mark.parametrize("path", sorted(path for path, item in PATHS.items() if item["get"]["parameters"]))
def test_refuses_wrong_requests_as_its_document_says(schema, path):
    @fuzzed
    @given(case=schema[path]["GET"].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case):
        case.call_and_validate(headers={"Host": "localhost"})

    ask()


def test_would_notice_a_fault(schema, monkeypatch):
    def broken(number):
        raise RuntimeError("planted")

    monkeypatch.setattr("habilis.registers.api.operations.known", broken)
    with pytest.raises(FailureGroup, match="Server error"):
        schema["/api/v1/fiches/{number}"]["GET"].Case(path_parameters={"number": "RNCP90001"}).call_and_validate(
            headers={"Host": "localhost"}
        )
