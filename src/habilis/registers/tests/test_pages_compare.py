"""Two fiches side by side on a page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from habilis.registers.enums import AccessRoute, CodeSystem
from habilis.registers.tests.factories import a_body, a_certification, a_certifier, a_version

pytestmark = pytest.mark.django_db


def page_text(response):
    return " ".join(html.document_fromstring(response.content.decode()).text_content().split())


def a_fiche(number, count, **fields):
    certification = a_certification(
        number,
        blocks=[{"title": f"Préparer la pâte {rank}", "skills": f"Peser et pétrir {number}"} for rank in range(count)],
        codes=[(CodeSystem.ROME, f"D11{rank:02d}", "Boulangerie") for rank in range(count)],
        routes={AccessRoute.VAE: "Jury"},
        texts={"activities": f"Il prépare le pain de {number}."},
        **fields,
    )
    a_certifier(certification, a_body())
    return certification


def test_sets_two_fiches_side_by_side(client):
    a_fiche("RNCP90001", 1, title="Boulanger", level_label="Niveau 3")
    a_fiche("RNCP90002", 2, title="Pâtissier", level_label="Niveau 4")

    response = client.get("/comparer/?a=RNCP90001&b=rncp 90002")

    text = page_text(response)
    for expected in ("Boulanger", "Pâtissier", "Niveau 3", "Niveau 4", "seulement dans RNCP90002", "mots communs"):
        assert expected in text
    differing = html.document_fromstring(response.content.decode()).xpath("//tr[@class='reg-differs']/th/text()")
    assert [label.strip() for label in differing] == ["Libellé du niveau"]


def test_compares_a_fiche_with_its_past(client):
    certification = a_certification("RNCP90001", since=date(2026, 1, 1), until=date(2026, 6, 1), title="Ancien")
    a_version(certification, since=date(2026, 6, 1), title="Nouveau")

    text = page_text(client.get("/comparer/?a=RNCP90001&on_a=2026-02-01&b=RNCP90001"))

    assert "RNCP90001 · le 1 février 2026" in text
    assert "Ancien" in text
    assert "Nouveau" in text


@pytest.mark.parametrize(
    ("query", "status", "remedy"),
    [
        ("a=RNCP90001&b=12", 200, "Un numéro commence par RNCP ou RS"),
        ("a=RNCP90001&b=RNCP90001", 200, "C’est la même fiche"),
        ("a=RNCP90001&b=RNCP99999", 404, "La fiche RNCP99999 n’est pas connue ici"),
        ("a=RNCP90001&b=RNCP90002&on_b=2020-01-01", 404, "Aucun export connu ici ne dit ce que contenait RNCP90002"),
        ("a=RNCP90001&b=", 200, "Ce champ est obligatoire"),
    ],
)
def test_says_what_to_correct(client, query, status, remedy):
    a_certification("RNCP90001")
    a_certification("RNCP90002")

    response = client.get(f"/comparer/?{query}")

    assert response.status_code == status
    assert remedy in page_text(response)


def test_offers_the_family_of_the_first_fiche(client):
    a_certification("RNCP90001", replaced_by=["RNCP90002", "RNCP99999"])
    a_certification("RNCP90002", title="Successeur")

    response = client.get("/comparer/?a=RNCP90001")

    assert "Comparer RNCP90001 et RNCP90002" in page_text(response)
    assert "RNCP99999" not in page_text(response)


@pytest.mark.parametrize("count", [1, 3])
def test_compares_in_a_constant_number_of_queries(client, count):
    a_fiche("RNCP90001", count)
    a_fiche("RNCP90002", count)

    with CaptureQueriesContext(connection) as queries:
        assert client.get("/comparer/?a=RNCP90001&b=RNCP90002").status_code == 200

    assert len(queries) == 11
