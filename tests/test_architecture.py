"""The house rules of docs/architecture.md, each with planted faults that its check catches."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.house import ROOT, SOURCE, code, stack
from tests.house.models import upward_keys

pytestmark = pytest.mark.static


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


# Rule -> a tree that keeps it, and files that break it, each with the fault that the check must report.
RULES = {
    code.private_imports: (
        {
            "portal/views.py": "from habilis.registers import queries\nfrom habilis.common.anything import x",
            "registers/views.py": "import habilis.registers.exchange\nfrom habilis.doctrine.rules import assess",
            "registers/tests/test_x.py": "from habilis.organisations.tests.factories import body",
            "config/urls.py": "import habilis.registers.views",
        },
        {
            "portal/a.py": ("from habilis.registers import views", "portal/a.py:1 imports habilis.registers.views"),
            "portal/b.py": (
                "\nimport habilis.registers.exchange.xml as x",
                "portal/b.py:2 imports habilis.registers.exchange.xml",
            ),
            "portal/c.py": (
                "from habilis import registers",
                "portal/c.py:1 imports habilis.registers: registers shows",
            ),
            "portal/d.py": ("from habilis.registers.forms import F", "portal/d.py:1 imports habilis.registers.forms.F"),
            "portal/e.py": ("from habilis.registers.tests import x", "portal/e.py:1 imports habilis.registers.tests.x"),
        },
    ),
    code.signals: (
        {"registers/models.py": "from django.db import models\nimport django.dispatcher"},
        {
            "registers/a.py": (
                "from django.db.models.signals import post_save",
                "registers/a.py:1 uses django.db.models.signals.post_save",
            ),
            "registers/b.py": (
                "from django.db.models import signals",
                "registers/b.py:1 uses django.db.models.signals",
            ),
            "registers/tests/c.py": ("import django.dispatch", "registers/tests/c.py:1 uses django.dispatch"),
        },
    ),
    code.state_writes: (
        {
            "registers/services.py": "run.state = 'applied'",
            "registers/services/imports.py": "runs.update(state='failed')",
            "common/workflow.py": "rows.update(state=target)",
            "registers/views.py": "if run.state == 'applied':\n    rows.update(status='x')\nstate = run.state",
        },
        {
            "registers/a.py": ("run.state = 'applied'", "registers/a.py:1 writes a state"),
            "registers/b.py": (
                "x = 1\nruns.filter(pk=1).update(at=1, state='failed')",
                "registers/b.py:2 writes a state",
            ),
            "registers/c.py": ("run.state: str = ''", "registers/c.py:1 writes a state"),
            "registers/d.py": ("run.state, x = 1, 2", "registers/d.py:1 writes a state"),
        },
    ),
    code.wide_locks: (
        {"registers/services.py": "rows.select_for_update(of=('self',))"},
        {"registers/a.py": ("rows.select_for_update()", "registers/a.py:1 locks joined tables too")},
    ),
    code.business_words: (
        {
            "common/exports.py": "'''Rows as a sheet, profiled and blocked.'''",
            "common/templates/base.html": "{% block body %}{% endblock %}",
            "common/tests/test_exports.py": "fiche = 1",
            "registers/models.py": "class Certification: pass",
        },
        {
            "common/a.py": ("def habilitations(): ...", "common/a.py:1 says “habilitations”"),
            "common/templates/b.html": ("<p>\nLa fiche", "common/templates/b.html:2 says “fiche”"),
        },
    ),
    code.long_functions: (
        {"registers/services.py": "def f():\n" + "    x = 1\n" * 39},
        {"registers/a.py": ("class A:\n    def f():\n" + "        x = 1\n" * 40, "registers/a.py:2 f: 41 lines")},
    ),
    code.long_files: (
        {"registers/models.py": "x = 1\n" * 500, "registers/migrations/0001.py": "x = 1\n" * 501},
        {
            "registers/a.py": ("x = 1\n" * 501, "registers/a.py: 501 lines"),
            "portal/templates/a.html": ("<p>\n" * 151, "portal/templates/a.html: 151 lines"),
        },
    ),
    code.swollen_common: (
        {
            "common/a.py": '"""Two\nlines."""\n\n# why\n' + "x = 1\n" * 1000,
            "common/components.py": "x = 1\n" * 10,
            "common/tests/test_a.py": "x = 1\n" * 10,
        },
        {"common/b.py": ('x = """\n"""\n' * 500 + "y = 1\n", "common: 1001 lines of code")},
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_tree_keeps_rule(rule):
    assert rule(SOURCE) == []


@pytest.mark.parametrize("rule", RULES)
def test_rule_lets_sound_tree_pass(rule, tmp_path):
    assert rule(plant(tmp_path, RULES[rule][0])) == []


@pytest.mark.parametrize("rule", RULES)
def test_rule_catches_planted_faults(rule, tmp_path):
    planted = RULES[rule][1]
    faults = rule(plant(tmp_path, {name: text for name, (text, _) in planted.items()}))
    assert len(faults) == len(planted)
    for _, message in planted.values():
        assert any(fault.startswith(message) for fault in faults), message


def test_state_is_written_by_the_journal_alone_once_it_stands(tmp_path):
    plant(tmp_path, {"journal/services.py": "x.state = 1", "registers/services.py": "x.state = 1"})
    assert [fault.split(" ")[0] for fault in code.state_writes(tmp_path)] == ["registers/services.py:1"]


# Foreign keys


def test_foreign_keys_point_down():
    assert upward_keys(apps.get_models(include_auto_created=True), stack()) == []


@isolate_apps("habilis.organisations", "habilis.registers")
def test_foreign_key_pointing_up_is_caught():
    class Organisation(models.Model):
        class Meta:
            app_label = "organisations"

    class Fiche(models.Model):
        body = models.ForeignKey(Organisation, models.PROTECT)

        class Meta:
            app_label = "registers"

    class Person(models.Model):
        fiche = models.ForeignKey("registers.Fiche", models.PROTECT, related_name="+")
        fiches = models.ManyToManyField("registers.Fiche", related_name="+")
        body = models.ForeignKey(Organisation, models.PROTECT)

        class Meta:
            app_label = "organisations"

    assert upward_keys([Organisation, Fiche], stack()) == []
    assert upward_keys([Organisation, Fiche, Person], stack()) == [
        "Person.fiche points up, from organisations to registers",
        "Person.fiches points up, from organisations to registers",
    ]


# Import contracts

EMPTY = dict.fromkeys(
    [
        f"{app}/__init__.py"
        for app in (".", "config", "portal", "registers", "organisations", "journal", "journal/tree", "common")
    ]
    + ["registers/records.py", "registers/models.py", "registers/services.py", "registers/apps.py"],
    "",
)
BROKEN = {
    "organisations/models.py": (
        "import habilis.registers.models",
        "habilis.organisations is not allowed to import habilis.registers",
    ),
    "common/files.py": (
        "import habilis.organisations",
        "habilis.common is not allowed to import habilis.organisations",
    ),
    "registers/helpers.py": ("", "habilis.registers.helpers"),
    "portal/models.py": ("", "habilis.portal.models"),
    "drawer/__init__.py": ("", "habilis.drawer"),
    "registers/enums.py": (
        "import habilis.registers.models",
        "habilis.registers.enums is not allowed to import habilis.registers.models",
    ),
    "registers/models.py": (
        "import habilis.registers.services",
        "habilis.registers.models is not allowed to import habilis.registers.services",
    ),
    "registers/services.py": (
        "import habilis.registers.exchange",
        "habilis.registers.services is not allowed to import habilis.registers.exchange",
    ),
    "registers/exchange.py": ("", ""),
    "registers/forms.py": (
        "import habilis.registers.views",
        "habilis.registers.forms is not allowed to import habilis.registers.views",
    ),
    "registers/views.py": ("", ""),
    "registers/records.py": ("import django", "habilis.registers.records is not allowed to import django"),
}


def lint_imports(folder: Path) -> tuple[int, str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", ROOT / "pyproject.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_tree_keeps_import_contracts():
    status, report = lint_imports(SOURCE.parent)
    assert status == 0, report


def test_import_contracts_let_sound_tree_pass(tmp_path):
    plant(
        tmp_path / "habilis",
        EMPTY | {"registers/services.py": "import habilis.organisations, habilis.registers.models"},
    )
    status, report = lint_imports(tmp_path)
    assert status == 0, report


def test_import_contracts_catch_planted_faults(tmp_path):
    plant(tmp_path / "habilis", EMPTY | {name: text for name, (text, _) in BROKEN.items()})
    status, report = lint_imports(tmp_path)
    assert status == 1
    for _, message in BROKEN.values():
        assert message in report


# Linter


def test_linter_catches_planted_faults():
    """The bans of pyproject.toml hold in a service; a view may speak HTTP."""
    text = (
        "from django.http import HttpResponse\nfrom django.utils.timezone import now\n"
        "from django.db.models.signals import post_save\nfrom . import models\n"
        "def f() -> None:\n    import json\n"
    )
    command = [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "--output-format=concise"]

    def codes(name: str) -> set[str]:
        path = f"src/habilis/registers/{name}.py"
        done = subprocess.run(
            [*command, "--stdin-filename", path, "-"], cwd=ROOT, input=text, capture_output=True, text=True
        )
        return {line.split()[1] for line in done.stdout.splitlines() if line.startswith(path)}

    assert {"TID251", "TID252", "PLC0415", "F401"} <= codes("services")
    assert "TID251" not in codes("views")
