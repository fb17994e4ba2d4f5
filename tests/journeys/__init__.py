"""Journeys in a real browser: what they look for on every page, and the screens they run on."""

import os
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

# All the rules in the light theme; in the dark one, those that depend on colours.
RULES: dict[str, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
# Transitions half-way show colours that no reader meets.
SETTLED = """() => Promise.all(document.getAnimations()
    .filter(a => a.effect.getComputedTiming().endTime !== Infinity).map(a => a.finished.catch(() => null)))"""
TOO_WIDE = """() => {
    const limit = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= limit) return [];
    const inScroller = e => e.parentElement && (getComputedStyle(e.parentElement).overflowX !== "visible"
        || inScroller(e.parentElement));
    return [...document.body.querySelectorAll("*")]
        .filter(e => e.getBoundingClientRect().right > limit + 1 && !inScroller(e))
        .map(e => `${e.tagName.toLowerCase()}.${e.getAttribute("class") || ""} to ${e.getBoundingClientRect().right}px`);
}"""


@dataclass(frozen=True)
class Screen:
    language: str = "fr"
    width: int = 1280
    theme: str = "light"
    script: bool = True

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"


SCREENS = [Screen("fr", 1280), Screen("en", 1280), Screen("fr", 320), Screen("en", 320)]
# Runs a journey on each of them: its `page` comes in that language and width.
every_screen = pytest.mark.parametrize("screen", SCREENS, ids=str, indirect=True)
without_script = pytest.mark.parametrize("screen", [Screen(script=False)], ids=["no-script"], indirect=True)


def axe(page: Page) -> None:
    """No fault of accessibility that a machine can see, in both themes. The theme of the page is put back."""
    before = page.evaluate("document.documentElement.dataset.bsTheme")
    for theme in RULES:
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        page.evaluate(SETTLED)
        results = Axe().run(page, options=RULES[theme])
        assert results.violations_count == 0, f"{page.url} in the {theme} theme:\n{results.generate_report()}"
    page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", before)


def no_horizontal_scroll(page: Page, width: int = 320) -> None:
    """At that width the page scrolls down only; a wide table scrolls inside its own area."""
    page.set_viewport_size({"width": width, "height": 720})
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.evaluate(TOO_WIDE)


def tab_to(page: Page, target: Locator, limit: int = 80) -> None:
    """Reach an element by the Tab key alone, as a reader without a mouse does; it must be visible once reached."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            assert target.is_visible()
            return
    raise AssertionError(f"not reached in {limit} tabs: {target}")


def browser_arguments() -> list[str]:
    """Nothing that calls home; root needs its sandbox off."""
    quiet = ["gpu", "background-networking", "component-update", "sync", "quic"]
    return [f"--disable-{part}" for part in quiet] + ["--no-first-run"] + ["--no-sandbox"] * (os.geteuid() == 0)
