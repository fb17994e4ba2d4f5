"""The page that answers « may this body do this on that day? »."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.tests.factories import a_body, a_certification, a_partner, a_siret

pytestmark = pytest.mark.django_db
SIRET = a_siret(9001)
DAY = "2026-08-20"


@pytest.fixture
def partner():
    certification = a_certification("RNCP90001", end_date=date(2098, 1, 15))
    return a_partner(certification, a_body("Centre d’essai", siret=SIRET), HabilitationRole.PREPARE)


def ask(client, **asked):
    return client.get("/qui-peut-quoi/", {"siret": SIRET, "number": "RNCP90001", "role": "prepare", "on": DAY} | asked)


def answer(response):
    root = html.document_fromstring(response.content.decode())
    return root.xpath("string(//p[@class='hab-verdict-answer'])"), root.xpath(
        "string(//div[contains(@class,'hab-verdict')]//h2)"
    )


def page_text(response):
    return " ".join(html.document_fromstring(response.content.decode()).text_content().split())


def test_answers_yes_with_the_reason_and_the_row(client, partner):
    response = ask(client)

    assert answer(response)[0] == "Oui"
    assert "Centre d’essai est publié avec le rôle « Former »" in answer(response)[1]
    assert "Les lignes publiées qui décident" in page_text(response)
    assert page_text(response).count("16 août 2026") == 4  # the reason (twice), the row, the source


def test_answers_no_for_another_role(client, partner):
    assert answer(ask(client, role="assess"))[0] == "Non"


def test_answers_unknown_when_nothing_says(client, partner):
    assert answer(ask(client, number="RNCP99999"))[0] == "Inconnu"


def test_accepts_what_people_type(client, partner):
    response = ask(client, siret=" ".join((SIRET[:3], SIRET[3:9], SIRET[9:])), number="rncp 90001", on="20/08/2026")

    assert answer(response)[0] == "Oui"


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        ({"siret": "123"}, "Un SIRET compte quatorze chiffres"),
        ({"number": "boulanger"}, "Un numéro commence par RNCP ou RS"),
        ({"on": "2026-02-30"}, "Cette date n’existe pas"),
        ({"role": "dormir"}, "Sélectionnez un choix valide"),
        ({"on": ""}, "Ce champ est obligatoire"),
    ],
)
def test_says_what_to_correct(client, partner, asked, remedy):
    response = ask(client, **asked)

    assert response.status_code == 400
    assert remedy in page_text(response)
    assert answer(response)[0] == ""


@pytest.mark.parametrize("query", ["", "?siret=999", "?number=RNCP90001&siret=99900003700013"])
def test_shows_the_form_as_long_as_the_question_is_not_whole(client, query):
    response = client.get(f"/qui-peut-quoi/{query}")

    assert response.status_code == 200
    assert "Trois réponses possibles" in page_text(response)


def test_keeps_in_the_form_what_the_address_says(client):
    root = html.document_fromstring(client.get("/qui-peut-quoi/?number=RNCP90001").content.decode())

    assert root.xpath("//input[@name='number']/@value") == ["RNCP90001"]
    assert root.xpath("//input[@name='role'][@checked]/@value") == ["assess"]


def test_warns_of_a_wrong_key(client, partner):
    wrong = SIRET[:13] + str((int(SIRET[13]) + 1) % 10)

    assert "La clé de ce SIRET est fausse" in page_text(ask(client, siret=wrong))


@pytest.mark.parametrize("count", [1, 3])
def test_answers_in_a_constant_number_of_queries(client, partner, count):
    for rank in range(count):
        a_partner(partner.certification, partner.organisation, rank=rank + 1, state=LinkState.REMOVED)

    with CaptureQueriesContext(connection) as queries:
        assert answer(ask(client))[0] == "Oui"

    assert len(queries) == 8
