"""The documentation is tested: what it shows exists."""

import re

import pytest

from tests.house import ROOT, SOURCE, tracked_files
from tests.house.documents import broken_links, command_faults, shown_commands

pytestmark = pytest.mark.static
PAGES = tracked_files(".md")
MAKEFILE = (ROOT / "Makefile").read_text()
APPS = sorted(path.parent.name for path in SOURCE.glob("*/apps.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_shows_commands_that_exist(page):
    assert command_faults(page.read_text(), MAKEFILE) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_links_to_files_that_exist(page):
    assert broken_links(page) == []


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
@pytest.mark.parametrize("app", APPS)
def test_map_of_the_apps_names_every_app(name, app):
    assert app in (ROOT / name).read_text()


def test_readme_shows_the_two_commands_of_a_newcomer():
    shown = [" ".join(words) for words in shown_commands((ROOT / "README.md").read_text())]
    assert {"make demo", "make test"} <= set(shown)


def test_operations_page_describes_every_variable_of_the_settings():
    settings = (SOURCE / "config" / "settings.py").read_text()
    page = (ROOT / "docs" / "operations.md").read_text()
    read = set(re.findall(r'os\.environ\.get\("(\w+)"', settings))
    assert read == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))


def test_changelog_opens_with_what_is_not_released():
    assert (ROOT / "CHANGELOG.md").read_text().startswith("# Changelog\n\n## Unreleased\n")


def test_faults_of_a_page_are_caught(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "See [a](page.md#x), [b](https://example.org/b) and [c](gone.md).\n"
        "```sh\nHABILIS_HOME=x .venv/bin/habilis migrate --plan   # a comment\nhabilis vanish\n"
        "make test fly\nhabilis migrate \\\n  --wrong\ncd habilis\n```\n"
        "Run `habilis migrate [--plan] [--noinput]`, `habilis check --tag models|database` or `make demo`; "
        "`habilis check --deploy=x`.\n"
    )
    assert command_faults(page.read_text(), "demo: x\n\ttest\ntest:\n") == [
        "habilis vanish: no such command",
        "make fly: no such target",
        "habilis migrate --wrong: Error: unrecognized arguments: --wrong",
        "habilis check --deploy=x: Error: argument --deploy: ignored explicit argument 'x'",
    ]
    assert broken_links(page) == ["page.md links to gone.md, which is not there"]
