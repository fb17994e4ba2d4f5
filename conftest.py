"""Rules of every test run: the strict floor, and what happens when a test lacks something on this machine."""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation

from tests import floor

ROOT = Path(__file__).parent
REAL_DATA = ROOT.parent / "shared" / "data"
# Marker -> Debian package that brings what the test needs.
PACKAGES = {"browser": "chromium", "postgres": "postgresql"}


def pytest_configure() -> None:
    floor.shuffle_unordered_rows()
    floor.forbid_network()
    floor.let_tests_empty_the_journal()


def is_missing(marker: str) -> bool:
    return shutil.which("chromium") is None if marker == "browser" else connection.vendor != "postgresql"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, naming the remedy; on CI, where everything is installed, a skip would hide a hole."""
    floor.faults.clear()
    if item.get_closest_marker("real_data") and not REAL_DATA.is_dir():
        pytest.skip("the public data is not beside the project (../shared/data)")
    for marker, package in PACKAGES.items():
        if item.get_closest_marker(marker) and is_missing(marker):
            stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            stop(f"needs {package}: apt-get install {package}, then make test")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    outcome = yield
    translation.deactivate()  # a page read in English leaves its language to the thread
    floor.settle()
    return outcome


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public data, read in place and never copied; a test that asks for it carries the marker too."""
    if not REAL_DATA.is_dir():
        pytest.skip("the public data is not beside the project (../shared/data)")
    return REAL_DATA
