"""The frame of every page: header, language, theme, menu, error pages, catalogue, page of a job."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from habilis.common.enums import JobState
from habilis.common.models import JobProgress
from tests.journeys import Screen, axe, every_screen, no_horizontal_scroll, tab_to, without_script

PAGES = ["/", "/composants/", "/nulle-part/"]
LIGHT, DARK = "rgb(248, 246, 241)", "rgb(18, 25, 26)"
narrow = pytest.mark.parametrize("screen", [Screen(width=320)], ids=["320"], indirect=True)
dark_system = pytest.mark.parametrize("screen", [Screen(theme="dark")], ids=["dark"], indirect=True)


@every_screen
@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits_its_screen(page: Page, path: str, screen: Screen):
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("lang", screen.language)
    expect(page.locator("h1")).to_have_count(1)
    axe(page)
    no_horizontal_scroll(page, screen.width)


# The checks catch what they promise


def add(page: Page, markup: str) -> None:
    page.goto("/")
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", markup)


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<button></button>", "button-name"),
        ('<p class="text-white">blanc sur blanc</p>', "in the light theme:[^$]*color-contrast"),
        ('<p class="text-black">noir sur noir</p>', "in the dark theme:[^$]*color-contrast"),
    ],
)
def test_planted_fault_is_seen_by_axe(page: Page, markup: str, rule: str):
    add(page, markup)
    with pytest.raises(AssertionError, match=rule):
        axe(page)


def test_planted_wide_element_is_seen(page: Page):
    add(page, f"<table><tr><td>{'x ' * 20}</td>{'<td>cellule</td>' * 40}</tr></table>")
    with pytest.raises(AssertionError, match="table"):
        no_horizontal_scroll(page)


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ('<p style="color:red">x</p>', "Content Security Policy"),
        ('<img alt="" src="/static/nowhere.png">', "404 for"),
        ('<img alt="" src="http://127.0.0.1:9/x.png">', "call to another host"),
    ],
)
def test_planted_fault_is_heard_by_the_page(page: Page, faults: list[str], markup: str, complaint: str):
    add(page, markup)
    page.wait_for_timeout(300)
    assert any(complaint in fault for fault in faults)
    faults.clear()


# Keyboard, language, theme


def test_first_key_leads_to_the_content(page: Page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".hab-skip")).to_be_focused()
    expect(page.locator(".hab-skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_language_changes_by_keyboard_and_lasts(page: Page):
    page.goto("/composants/?page=2")
    tab_to(page, page.get_by_role("button", name="English"))
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/composants/?page=2")
    page.goto("/")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@without_script
def test_language_changes_without_script(page: Page):
    page.goto("/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_theme_is_chosen_and_lasts(page: Page):
    page.goto("/")
    tab_to(page, page.get_by_role("button", name="Sombre"))
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    page.goto("/composants/")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    expect(page.get_by_role("button", name="Sombre")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Comme le système").click()
    expect(page.locator("body")).to_have_css("background-color", LIGHT)


@dark_system
def test_theme_follows_the_system(page: Page):
    page.goto("/")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_css("background-color", LIGHT)


@pytest.mark.parametrize(
    "screen", [Screen(theme="dark", script=False), Screen(script=False)], ids=["dark", "light"], indirect=True
)
def test_theme_of_the_system_needs_no_script(page: Page, screen: Screen):
    page.goto("/")
    expect(page.locator("body")).to_have_css("background-color", DARK if screen.theme == "dark" else LIGHT)
    expect(page.get_by_role("button", name="Sombre")).to_be_hidden()


# Menus


@narrow
def test_menu_opens_and_closes_by_keyboard(page: Page):
    page.goto("/")
    language = page.get_by_role("button", name="English")
    expect(language).to_be_hidden()
    button = page.get_by_role("button", name="Menu")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(language).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    axe(page)
    no_horizontal_scroll(page)
    page.keyboard.press("Escape")
    expect(language).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("screen", [Screen(width=320, script=False)], ids=["320"], indirect=True)
def test_menu_is_open_without_script(page: Page):
    page.goto("/")
    expect(page.get_by_role("button", name="English")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()


def test_export_menu_opens_by_keyboard_and_escape_gives_the_focus_back(page: Page):
    page.goto("/composants/")
    menu = page.locator("#c-export_menu summary")
    menu.focus()
    page.keyboard.press("Enter")
    link = page.locator("#c-export_menu li a").first
    expect(link).to_be_visible()
    axe(page)
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(menu).to_be_focused()


@narrow
def test_filters_fold_above_the_list_on_a_narrow_screen(page: Page):
    page.goto("/composants/")
    filters = page.locator("#c-facets details.hab-facets").last
    expect(filters.get_by_role("link", name="Niveau 3")).to_be_hidden()
    filters.locator("> summary").click()
    expect(filters.get_by_role("link", name="Niveau 3")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(filters.get_by_role("link", name="Niveau 3")).to_be_visible()
    expect(filters.locator("> summary")).to_be_hidden()


def test_copy_button_says_what_it_did(page: Page, context: BrowserContext):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/composants/")
    part = page.locator("#c-copy_button")
    part.get_by_role("button").click()
    expect(part.get_by_role("status")).to_have_text("Copié")
    assert page.evaluate("navigator.clipboard.readText()") == "RNCP90001"


# Partial pages


def test_partial_request_carries_the_token(page: Page):
    page.goto("/")
    page.evaluate(
        """() => { document.querySelector("main").insertAdjacentHTML("beforeend",
            '<button id="probe" hx-post="/i18n/setlang/" hx-vals=\\'{"language": "en"}\\' hx-swap="none">x</button>');
            htmx.process(document.querySelector("#probe")) }"""
    )
    with page.expect_response(re.compile("setlang")) as answer:
        page.locator("#probe").click()
    assert answer.value.status in (204, 302)


def test_page_of_a_job_moves_by_itself(page: Page):
    job = JobProgress.objects.create(key="k", title="Import d’essai", state=JobState.RUNNING, done=1, total=4)
    page.goto(f"/travaux/{job.pk}/")
    expect(page.locator("progress")).to_have_attribute("value", "25")
    axe(page)
    no_horizontal_scroll(page)
    JobProgress.objects.update(state=JobState.DONE, done=4, message="Fini", finished_at=timezone.now(), result_url="/")
    expect(page.get_by_role("link", name="Voir le résultat")).to_be_visible()
    expect(page.locator("progress")).to_have_attribute("value", "100")
    axe(page)
