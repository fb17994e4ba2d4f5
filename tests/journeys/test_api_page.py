"""The documentation page of the API, read in a browser."""

from playwright.sync_api import Page, expect

from tests.journeys import Screen, axe, every_screen, no_horizontal_scroll, tab_to


@every_screen
def test_documentation_of_the_api_is_accessible_and_fits_its_screen(page: Page, screen: Screen):
    page.goto("/api/v1/")
    expect(page.locator("html")).to_have_attribute("lang", screen.language)
    expect(page.locator("h1")).to_have_count(1)
    for details in page.locator("details").all():
        details.evaluate("e => { e.open = true }")
    axe(page)
    no_horizontal_scroll(page, screen.width)


def test_reads_an_operation_by_keyboard(page: Page):
    page.goto("/api/v1/")
    tab_to(page, page.locator('aside a[href="#may"]'))
    page.keyboard.press("Enter")
    expect(page.locator("#may")).to_be_in_viewport()
    fields = page.locator("section", has=page.locator("#may")).locator("summary")
    tab_to(page, fields)
    page.keyboard.press("Enter")
    expect(page.get_by_text("data.rows[].active_since")).to_be_visible()
