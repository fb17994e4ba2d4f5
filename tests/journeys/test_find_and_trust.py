"""J1 Find and trust: from the home page to the answer « may this body assess on that day? », and every public page."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from habilis.registers.enums import AccessRoute, CodeSystem, HabilitationRole, LinkState
from habilis.registers.tests.factories import (
    a_body,
    a_certification,
    a_certifier,
    a_change,
    a_partner,
    a_siret,
    a_version,
    make_searchable,
    the_run,
)
from tests.journeys import Screen, axe, no_horizontal_scroll, tab_to, without_script

FAR, FIRST, SECOND = date(2098, 1, 15), date(2026, 1, 10), date(2026, 8, 16)
PARTNER, CERTIFIER = a_siret(9001), a_siret(9002)
LONG = "Concevoir, développer et tester une application en équipe, dans le respect de la sécurité.\n- un\n- deux\n" * 12
narrow = pytest.mark.parametrize("screen", [Screen(width=320)], ids=["320"], indirect=True)


@pytest.fixture(autouse=True)
def register(site: str) -> None:
    """A fiche with everything, its ancestor and its successor, its partners, and what two imports changed."""
    fiche = a_certification(
        "RNCP90002", since=FIRST, until=SECOND, title="Développeur web", end_date=FAR, level_label="Niveau 5"
    )
    a_version(
        fiche,
        since=SECOND,
        title="Développeur web et web mobile",
        level_label="Niveau 5",
        abbreviation="TP",
        end_date=FAR,
        url="https://example.org/formation",
        texts={"objectives": "Le développeur web réalise des sites.", "activities": LONG, "capacities": "Coder"},
        blocks=[
            {"title": f"Développer la partie {part}", "skills": LONG, "assessment": "Mise en situation"}
            for part in "AB"
        ],
        routes={AccessRoute.VAE: "Deux professionnels du métier", AccessRoute.INITIAL: None},
        codes=[
            (CodeSystem.ROME, "M1805", "Études et développement informatique"),
            (CodeSystem.NSF, "326", "Informatique"),
        ],
        replaces=["RNCP90001", "RNCP181"],
        correspondences=[("RNCP90002BC01", "RNCP90001", "BC01")],
        statistics=[{"year": 2024, "certified": 12, "global_rate": 66, "target_job_rate": 50}, {"year": 2025}],
        legal_texts=[{"title": "Arrêté d’essai", "published_on": SECOND}],
    )
    others = [
        a_certification("RNCP90001", title="Développeur de sites web", end_date=date(2026, 2, 1), last_issue_date=FAR),
        a_certification("RNCP90003", title="Conceptrice d’applications", end_date=FAR, replaces=["RNCP90002"]),
        a_certification("RS9004", title="Accessibilité du web", level=None, end_date=FAR),
    ]
    certifier = a_body("Certificateur d’essai", siret=CERTIFIER, website="https://example.org")
    for one in (fiche, *others):
        a_certifier(one, certifier)
    a_body("Antenne du centre", siret=a_siret(9001, 2))
    a_partner(fiche, a_body("Centre de formation d’essai", siret=PARTNER, postal_code="69001"))
    a_partner(fiche, a_body("Sans numéro", siret=None), HabilitationRole.PREPARE, state=LinkState.REMOVED)
    for rank in range(18):
        a_partner(fiche, a_body(f"École numéro {rank:02d}"), HabilitationRole.PREPARE)
    a_change(fiche, SECOND, field="title", before="Développeur web", after="Développeur web et web mobile", is_key=True)
    a_change(fiche, SECOND, field="activities", before=LONG.replace("équipe", "groupe"), after=LONG)
    make_searchable(fiche, *others)


def search_from_home(page: Page, text: str) -> None:
    page.goto("/")
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_visitor_finds_reads_and_trusts_by_keyboard_alone(page: Page):
    search_from_home(page, "dev web")
    result = page.get_by_role("link", name="Développeur web et web mobile")
    expect(page.get_by_role("status").filter(has_text="certifications")).to_be_visible()
    tab_to(page, result)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Développeur web et web mobile")
    expect(page.get_by_text("15 janvier 2098").first).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Partenaires 20"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="20 partenaires")).to_be_in_viewport()

    tab_to(page, page.get_by_label("Nom ou SIRET"))
    page.keyboard.type("centre")
    expect(page.get_by_text("1 partenaire correspond.")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Que peut-il faire ? Centre de formation d’essai"))
    page.keyboard.press("Enter")

    expect(page.get_by_label("SIRET de l’organisme")).to_have_value(PARTNER)
    expect(page.get_by_label("Évaluer")).to_be_checked()
    page.get_by_label("Le", exact=True).fill("2026-08-20")
    tab_to(page, page.get_by_role("button", name="Répondre"))
    page.keyboard.press("Enter")

    expect(page.locator(".hab-verdict-answer")).to_have_text("Oui")
    expect(page.locator(".hab-verdict")).to_contain_text("Centre de formation d’essai est publié avec le rôle")
    expect(page.get_by_text("export du 16 août 2026").first).to_be_visible()


def test_number_and_siret_lead_straight_to_their_page(page: Page):
    search_from_home(page, "rncp 90002")
    expect(page).to_have_url("/fiche/RNCP90002/")
    search_from_home(page, PARTNER)
    expect(page).to_have_url(f"/organisme/{PARTNER}/")


def test_filters_narrow_without_reloading_and_keep_the_focus(page: Page):
    page.goto("/recherche/")
    page.evaluate("window.kept = true")
    tab_to(page, page.get_by_role("link", name="En vigueur", exact=False).first)
    page.keyboard.press("Enter")

    expect(page.locator("#compte")).to_contain_text("3 certifications")
    expect(page).to_have_url("/recherche/?active=1")
    assert page.evaluate("window.kept")
    expect(page.locator("#f-active-1")).to_be_focused()
    page.go_back()
    expect(page.locator("#compte")).to_contain_text("4 certifications")


@without_script
def test_everything_works_without_script(page: Page):
    page.goto("/recherche/?q=web")
    page.get_by_role("link", name="Niveau 5").click()
    expect(page).to_have_url("/recherche/?q=web&level=5")
    page.get_by_role("link", name="Développeur web et web mobile").click()
    page.get_by_label("Nom ou SIRET").fill("numéro 0")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("10 partenaires correspondent.")).to_be_visible()
    page.get_by_text("Développer la partie A").click()
    expect(page.get_by_text("Mise en situation").first).to_be_visible()
    page.get_by_role("link", name="Tous les partenaires").click()
    page.get_by_role("link", name="Suivante").click()
    expect(page).to_have_url("/fiche/RNCP90002/?page=2#partenaires")


def test_partners_page_by_page_keeps_the_reader_in_the_list(page: Page):
    page.goto("/fiche/RNCP90002/")
    page.get_by_role("link", name="Suivante").click()

    expect(page.get_by_role("link", name="École numéro 17", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="École numéro 02", exact=True)).to_have_count(0)
    expect(page.locator("#partenaires-liste")).to_be_focused()
    expect(page).to_have_url("/fiche/RNCP90002/?page=2#partenaires")


def test_blocks_unfold_together(page: Page):
    page.goto("/fiche/RNCP90002/")
    page.get_by_role("button", name="Tout déplier").click()
    expect(page.locator(".reg-block[open]")).to_have_count(2)
    axe(page)
    page.get_by_role("button", name="Tout replier").click()
    expect(page.locator(".reg-block[open]")).to_have_count(0)


def test_printed_fiche_holds_the_folded_texts(page: Page):
    page.goto("/fiche/RNCP90002/")
    page.emulate_media(media="print")
    assert page.locator(".reg-block .reg-prose").first.is_visible()
    expect(page.locator(".reg-toc")).to_be_hidden()
    expect(page.locator(".reg-preview").first).to_be_hidden()


@narrow
def test_family_is_scrolled_to_the_fiche_on_a_narrow_screen(page: Page):
    page.goto("/fiche/RNCP90002/")
    page.locator(".reg-graph").scroll_into_view_if_needed()
    expect(page.locator(".reg-graph [data-focus]")).to_be_in_viewport()


PAGES = [
    "/recherche/",
    "/recherche/?q=web&level=5",
    "/recherche/?q=zzzzzz",
    "/fiche/RNCP90002/",
    "/fiche/RNCP90002/?on=2026-02-01",
    "/fiche/RNCP90002/?on=2020-02-01",
    "/fiche/RNCP90001/",
    "/fiche/RNCP1/",
    "/fiche/RNCP90002/historique/",
    f"/organisme/{CERTIFIER}/",
    f"/organisme/{PARTNER}/",
    f"/organisme/{PARTNER[:9]}/",
    f"/organisme/{a_siret(9009)}/",
    "/qui-peut-quoi/",
    f"/qui-peut-quoi/?siret={PARTNER}&number=RNCP90002&role=assess&on=2026-08-20",
    f"/qui-peut-quoi/?siret={PARTNER}&number=RNCP90001&role=assess&on=2026-08-20",
    f"/qui-peut-quoi/?siret={PARTNER}&number=RNCP90002&role=assess&on=2020-08-20",
    "/qui-peut-quoi/?siret=12&number=34&role=assess&on=hier",
    "/comparer/?a=RNCP90002",
    "/comparer/?a=RNCP90002&b=RNCP90001",
    "/changements/",
    "/changements/?kind=block",
    "/imports/",
]


@pytest.mark.parametrize("path", PAGES)
def test_public_page_is_accessible_and_fits_its_screen(page: Page, site: str, path: str):
    """In both languages; `axe` looks at both themes, and again once the page is narrow."""
    for language in ("fr", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_have_count(1)
        axe(page)
        no_horizontal_scroll(page)
    axe(page)


def test_page_of_an_import_is_accessible(page: Page):
    page.goto(f"/imports/{the_run(SECOND).pk}/")
    axe(page)
    no_horizontal_scroll(page)
