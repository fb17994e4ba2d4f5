"""The floor catches what it promises: faults planted in `tests/faults/floor.py` fail, their sound twins pass."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings

pytestmark = pytest.mark.static
ROOT = Path(__file__).parent.parent
PLANTED = {
    "no_csrf": "form without CSRF token: /a",
    "inline_script": "inline <script>",
    "inline_style": "inline <style>",
    "style_attribute": "inline style= on <p>",
    "event_attribute": "inline onclick= on <button>",
    "htmx_script": "inline hx-on:click= on <button>",
    "script_address": "javascript: address on <a>",
    "other_host": "fetched from another host: https://example.org/a.png",
    "other_style": "fetched from another host: //example.org/a.css",
    "leftover_variable": "leftover template code: Bonjour {{ name }}",
    "leftover_tag": "leftover template code: {% if x %}",
}
FAULTS = {f"test_fault_page[{name}]": f"/{name}/: {message}" for name, message in PLANTED.items()} | {
    "test_fault_undefined_variable": "undefined template variable: nobody.name in ",
    "test_fault_warning": "DeprecationWarning: deprecated",
    "test_fault_network_call": "network call to ('192.0.2.1', 80)",
    "test_fault_name_lookup": "network call to ('example.org',)",
    "test_fault_datagram": "network call to ('192.0.2.1', 9)",
    "test_fault_order_taken_for_granted": "AssertionError",
}
SOUND = {
    "test_sound_page",
    "test_sound_optional_variable",
    "test_sound_loopback",
    "test_sound_order_asked_for",
    "test_sound_home_is_temporary",
}
ABSENT = {
    "test_absent_browser": "needs chromium: apt-get install chromium",
    "test_absent_postgres": "needs postgresql: apt-get install postgresql",
}


def run_planted(folder: Path, *options: str, ci: str = "") -> dict[str, tuple[str, str]]:
    """Outcome and message of each planted test, in the order of the run; neither browser nor PostgreSQL is there."""
    report = folder / "report.xml"
    environment = {"PATH": str(folder), "TMPDIR": str(folder), "HOME": str(folder), "CI": ci, "HABILIS_HOME": "var"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/faults/floor.py",
        f"--junitxml={report}",
        "-p",
        "no:cacheprovider",
        *options,
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert report.exists(), done.stdout + done.stderr
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        verdict = next(iter(case), None)
        message = "" if verdict is None else f"{verdict.get('message')}\n{verdict.text}"
        outcomes[case.get("name", "")] = ("passed" if verdict is None else verdict.tag, message)
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    return run_planted(tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("name", FAULTS)
def test_floor_catches_planted_fault(outcomes, name):
    verdict, message = outcomes[name]
    assert verdict == "failure"
    assert FAULTS[name] in message


def test_floor_lets_sound_twins_pass(outcomes):
    assert {name: outcomes[name][0] for name in SOUND} == dict.fromkeys(SOUND, "passed")


def test_floor_covers_every_planted_test(outcomes):
    assert set(outcomes) == set(FAULTS) | SOUND | set(ABSENT)


@pytest.mark.parametrize("name", ABSENT)
def test_absent_tool_skips_with_package_to_install(outcomes, name):
    verdict, message = outcomes[name]
    assert verdict == "skipped"
    assert ABSENT[name] in message


def test_absent_tool_fails_on_ci(tmp_path):
    outcomes = run_planted(tmp_path, "-k", "absent", ci="true")
    assert {name: verdict for name, (verdict, _) in outcomes.items()} == dict.fromkeys(ABSENT, "error")


def test_order_of_tests_changes_with_the_seed(tmp_path):
    first, second = (tuple(run_planted(tmp_path, "-k", "page", f"--randomly-seed={seed}")) for seed in (1, 2))
    assert first != second


def test_developer_environment_does_not_reach_the_tests():
    assert Path(os.environ["HABILIS_HOME"]) == settings.HOME
    assert not Path(settings.HOME).is_relative_to(ROOT)
