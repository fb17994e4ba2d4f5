"""The browser of the journeys: Debian's Chromium, one per run, one context per test; every fault it reports is one."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.journeys import Screen, browser_arguments

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread until the run ends; the tests that follow may still use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=browser_arguments())
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def one_at_a_time(live_server: Any) -> str:
    """Address of the live server. In memory SQLite lends one connection to all its threads: they take turns."""
    server = live_server.thread.httpd
    answer, turn = server.get_app(), threading.Lock()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with turn:
            return answer(environ, start_response)

    server.set_app(application)
    return str(live_server.url)


@pytest.fixture
def site(transactional_db: None, one_at_a_time: str) -> str:
    """Address of the site under test, on an empty database."""
    return one_at_a_time


@pytest.fixture
def screen(request: pytest.FixtureRequest) -> Screen:
    return getattr(request, "param", Screen())


@pytest.fixture
def context(browser: Browser, site: str, screen: Screen) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=site,
        viewport={"width": screen.width, "height": 900},
        locale={"fr": "fr-FR", "en": "en-GB"}[screen.language],
        color_scheme=screen.theme,
        java_script_enabled=screen.script,
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "django_language", "value": screen.language, "url": site}])
    yield context
    context.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What the browser complained of; anything left in it fails the test."""
    faults: list[str] = []
    yield faults
    assert faults == []


@pytest.fixture
def page(context: BrowserContext, site: str, faults: list[str]) -> Page:
    """A page that fails its test for a script error, a refused inline, a missing part or a call to another host."""

    def hear(message: ConsoleMessage) -> None:
        # A refused page is the test's own business; missing parts are seen by `receive`.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def send(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:", "about:")):
            faults.append(f"call to another host: {request.url}")

    def receive(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            faults.append(f"{response.status} for {response.url}")

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", send)
    page.on("response", receive)
    return page
