"""Things that must agree: templates and their users, vendored files and their manifest, translations and sources…"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import reverse

from tests.house import ROOT, SOURCE, files, licences, templates, tracked_files, translations

VENDOR = SOURCE / "common" / "static" / "vendor"
CATALOGUE = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"

static = pytest.mark.static


def plant(root: Path, planted: dict[str, str]) -> Path:
    for name, text in planted.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def tool(name: str, package: str) -> str:
    """Path of a program; a developer without it skips, CI has everything."""
    if path := shutil.which(name):
        return path
    remedy = f"needs {name}: apt-get install {package}"
    return pytest.fail(remedy) if os.environ.get("CI") == "true" else pytest.skip(remedy)


# Templates


@static
@pytest.mark.parametrize("name", sorted(name for name in templates.template_names(SOURCE) if name.endswith(".html")))
def test_template_compiles(name):
    assert get_template(name)


@static
def test_every_template_is_used():
    assert templates.unused_templates(SOURCE) == []


@static
def test_unused_template_is_caught(tmp_path):
    plant(
        tmp_path,
        {
            "a/templates/404.html": '{% include "a/part.html" %}',
            "a/templates/a/page.html": "",
            "a/templates/a/part.html": "",
            "a/templates/a/old.html": '{% include "a/old.html" %}',
            "a/views.py": 'render(request, "a/page.html")',
            "a/tests/test_views.py": '"a/old.html"',
        },
    )
    assert templates.unused_templates(tmp_path) == ["a/templates/a/old.html is used nowhere"]


@static
def test_every_component_says_how_to_call_it():
    assert templates.components_without_contract(SOURCE) == []


@static
def test_component_without_contract_is_caught(tmp_path):
    plant(
        tmp_path,
        {"c/templates/components/a.html": "{# {{ a }} x #}\n", "c/templates/components/b.html": "<p>{# b #}\n"},
    )
    assert templates.components_without_contract(tmp_path) == [
        "c/templates/components/b.html: the first line must be {# b … #}"
    ]


@pytest.mark.django_db
def test_every_component_is_on_the_catalogue_page(client):
    shown = {template.name for template in client.get(reverse("portal:catalogue")).templates}
    assert set(templates.components(SOURCE)) - shown == set()


# Database


@pytest.mark.django_db
def test_models_have_their_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# Files


@static
def test_vendored_files_match_their_manifest():
    assert files.vendored_drift(VENDOR) == []


@static
def test_vendored_drift_is_caught(tmp_path):
    digest = "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"  # of "aaa"
    described = [{"path": name, "sha256": digest} for name in ("sound.js", "changed.js", "lost.js")]
    manifest = json.dumps([{"licence_file": "LICENSE", "files": described}])
    plant(tmp_path, {"manifest.json": manifest, "LICENSE": "", "sound.js": "aaa", "changed.js": "aab", "new.js": ""})
    assert files.vendored_drift(tmp_path) == [
        "lost.js is in the manifest only",
        "new.js is not in the manifest",
        "changed.js differs from the digest of the manifest",
    ]


@static
def test_no_file_is_tied_to_a_registry_or_a_machine():
    assert files.tied_to_a_place(ROOT, tracked_files()) == []


@static
def test_file_tied_to_a_place_is_caught(tmp_path):
    root = Path("/srv/anna/habilis")
    assert files.machine_paths(root).findall("cd /srv/anna/habilis && ls /ho" + "me/bob /srv/annabel") == [
        "/srv/anna/",
        "/ho" + "me/bob",
    ]
    plant(
        tmp_path,
        {
            "sound.md": "https://example.org/root/x and ~/.cache, see ../shared/data",
            "a.txt": "\n--index-url https://py" + "pi.org/simple",
            "b.py": 'HOME = open("x")\ncd /ro' + "ot/x",
            "uv.lock": "",
            "c.bin": "",
        },
    )
    (tmp_path / "c.bin").write_bytes(b"\xff\xfe\x00")
    assert files.tied_to_a_place(tmp_path, sorted(tmp_path.iterdir())) == [
        "a.txt:2 names py" + "pi.org",
        "b.py:2 names /ro" + "ot/",
        "uv.lock records hosts: requirements/*.txt is the lock",
    ]


@static
@pytest.mark.real_data
def test_no_tracked_file_copies_the_public_data(real_data):
    assert files.copies(tracked_files(), real_data.rglob("*")) == []


@static
def test_copy_is_caught(tmp_path):
    text = "invented;" * 40
    plant(tmp_path, {"a.csv": text, "b.csv": text, "c.csv": text[::-1], "tiny": "x", "tiny2": "x"})
    a, b, c, tiny, tiny2 = sorted(tmp_path.iterdir())
    assert files.copies([b, c, tiny2], [a, tiny]) == ["b.csv is a copy of a.csv"]


@static
def test_shell_scripts_are_clean():
    scripts = [ROOT / "tests" / "run", ROOT / "tests" / "pgcluster", ROOT / ".ci" / "run"]
    command = [tool("shellcheck", "shellcheck"), *scripts]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# Licences


@static
def test_page_lists_every_locked_package():
    assert set(licences.listed()) == licences.locked("test") | licences.locked("demo")


@static
def test_page_says_what_the_packages_say():
    said = {package: licences.licence(package) for package in licences.listed()}
    assert {package: name for package, name in said.items() if name} == {
        package: name for package, name in licences.listed().items() if said[package]
    }


@static
def test_no_locked_licence_is_refused():
    assert licences.licence_faults(licences.listed()) == []


@static
def test_refused_licence_is_caught():
    sound = {"a": "LGPL-3.0-only", "b": "MIT", "c": "GNU Lesser General Public License v3"}
    refused = {"d": "AGPL-3.0", "e": "GNU Affero General Public License v3", "f": "GPL-3.0-or-later", "g": "unknown"}
    assert licences.licence_faults(sound) == []
    assert licences.licence_faults(refused) == [f"{package}: {name} is refused" for package, name in refused.items()]


# Translations


@static
def test_english_is_complete():
    assert translations.translation_faults(CATALOGUE) == []


@static
def test_compiled_catalogue_matches_its_source():
    assert translations.stale_binary(CATALOGUE) == []


@static
@pytest.mark.parametrize(
    ("language", "said"), [("en", "file not found"), ("fr", "fichier introuvable"), ("xx", "fichier introuvable")]
)
def test_commands_speak_the_language_of_their_variable(language, said, tmp_path):
    environment = os.environ | {"HABILIS_LANGUAGE": language, "HABILIS_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "habilis.config.cli", "register", "import", "nowhere.xml"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert said in answer.stderr
    assert answer.returncode == 2


@static
def test_catalogue_holds_every_message_of_the_source(tmp_path):
    """Messages extracted afresh from a copy of the source, against those of the catalogue."""
    tool("xgettext", "gettext")
    skip = shutil.ignore_patterns("tests", "migrations", "static", "__pycache__")
    shutil.copytree(SOURCE, tmp_path / "habilis", ignore=skip)
    (tmp_path / "habilis" / "locale").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "django", "makemessages", "--locale=en", "--no-obsolete", "--no-location"]
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=tmp_path / "habilis", env=environment, check=True, capture_output=True, timeout=120)
    fresh = tmp_path / "habilis" / CATALOGUE.relative_to(SOURCE)
    known, extracted = ({message.key for message in translations.messages(path)} for path in (CATALOGUE, fresh))
    assert extracted - known == set(), "habilis makemessages -l en, then translate"
    assert known - extracted == set(), "no longer in the source: habilis makemessages -l en --no-obsolete"


PLANTED_CATALOGUE = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

#, python-format
msgid "%(n)s fiche"
msgid_plural "%(n)s fiches"
msgstr[0] "%(n)s record"
msgstr[1] "%(n)s records"

msgctxt "verbe"
msgid "Actif"
msgstr ""
"Act"
"ive"

#~ msgid "Ancien"
#~ msgstr ""
"""
PLANTED_FAULTS = """
#, fuzzy
msgid "Voie"
msgstr "Way"

msgid "Bloc"
msgstr ""

msgid "Le {n}"
msgstr "The {m}"

msgid "L'organisme"
msgstr "The body"
"""


@static
def test_faults_of_a_catalogue_are_caught(tmp_path):
    sound, broken = tmp_path / "sound.po", tmp_path / "broken.po"
    sound.write_text(PLANTED_CATALOGUE)
    broken.write_text(PLANTED_CATALOGUE + PLANTED_FAULTS)
    assert translations.translation_faults(sound) == []
    assert translations.translation_faults(broken) == [
        "“Voie” is fuzzy",
        "“Bloc” is not translated",
        "“Le {n}” loses or gains a placeholder",
        "“L'organisme” has a straight apostrophe: French takes ’",
    ]


@static
def test_stale_compiled_catalogue_is_caught(tmp_path):
    catalogue = tmp_path / "django.po"
    catalogue.write_text(PLANTED_CATALOGUE)
    assert translations.stale_binary(catalogue) == ["django.mo is missing: habilis compilemessages"]
    subprocess.run([tool("msgfmt", "gettext"), catalogue, "-o", catalogue.with_suffix(".mo")], check=True)
    assert translations.stale_binary(catalogue) == []
    catalogue.write_text(PLANTED_CATALOGUE.replace("records", "sheets"))
    assert translations.stale_binary(catalogue) == ["django.mo is older than django.po: habilis compilemessages"]
