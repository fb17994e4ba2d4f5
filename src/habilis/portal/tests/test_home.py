"""The way in: what it counts, what it costs, what it says of an empty register; the catalogue is complete."""

from datetime import date
from pathlib import Path

import pytest
from django.core.cache import cache
from django.template.loader import get_template
from lxml import html

from habilis.portal.queries import figures, sources
from habilis.registers.enums import LinkState
from habilis.registers.models import PublishedHabilitation
from habilis.registers.tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def small_register(rows: int) -> None:
    """`rows` active fiches of two blocks with a partner each, beside others that do not count."""
    for rank in range(rows):
        fiche = factories.a_certification(blocks=["Concevoir", "Réaliser"])
        factories.a_partner(fiche)
        factories.a_partner(fiche, factories.a_body(), state=LinkState.REMOVED)
        factories.a_certification(f"RS{500 + rank}", is_active=False, blocks=["Autre"])
    factories.a_certification("RS9", end_date=date(2026, 11, 11), blocks=["Passé"])
    factories.a_certification("RS8", withdrawn_on=DAY, blocks=["Retiré"])
    factories.a_certification("RS7")


@pytest.mark.parametrize("rows", [1, 3])
def test_figures_count_what_is_active(rows, django_assert_num_queries):
    small_register(rows)
    with django_assert_num_queries(6):
        counted = figures(DAY, sources())
    assert (counted.active_rncp, counted.active_rs) == (rows, 1)
    assert (counted.blocks, counted.partners) == (2 * rows, rows)


def test_body_with_several_habilitations_is_one_partner():
    body = factories.a_body()
    for _ in range(2):
        factories.a_partner(factories.a_certification(), body)
    assert figures(DAY, sources()).partners == 1


def test_figures_are_kept_until_the_next_import(django_assert_num_queries):
    small_register(1)
    figures(DAY, sources())
    with django_assert_num_queries(2):
        figures(DAY, sources())
    factories.a_run(date(2026, 11, 1), finished_at="2026-11-02T03:00Z")
    PublishedHabilitation.objects.update(state=LinkState.INACTIVE)
    assert figures(DAY, sources()).partners == 0


def test_home_shows_figures_and_their_source(client):
    small_register(1)
    text = client.get("/").content.decode()
    assert "export_fiches_RNCP_V4_1_2026-08-16.xml" in text
    assert "export du 16 août 2026" in text
    assert "habilis register import" not in text


def test_empty_home_says_which_command_to_run(client):
    text = client.get("/").content.decode()
    assert "habilis register import FICHIER.zip --apply" in text
    assert "habilis demo" in text


def test_catalogue_shows_every_component(client):
    text = client.get("/composants/").content.decode()
    folder = Path(get_template("components/alert.html").origin.name).parent
    names = {path.stem for path in folder.glob("*.html")}
    assert [name for name in sorted(names) if f'id="c-{name}"' not in text] == []


def test_file_of_both_registers_is_named_once(client):
    factories.a_run(registers="RNCP RS")
    assert client.get("/").content.decode().count("export du 16 août 2026") == 1


def test_header_marks_the_part_being_read(client):
    page = html.fromstring(client.get("/changements/").content)
    links = page.xpath("//header//nav//a")
    assert [link.get("href") for link in links] == ["/recherche/", "/qui-peut-quoi/", "/changements/", "/api/v1/"]
    assert [link.get("href") for link in links if link.get("aria-current")] == ["/changements/"]


def test_lost_reader_finds_the_search_box(client):
    page = html.fromstring(client.get("/nowhere/").content)
    (form,) = page.xpath("//main//form")
    assert (form.get("action"), form.get("method")) == ("/recherche/", "get")
