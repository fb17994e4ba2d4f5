"""What is vendored is what its manifest says, and production can collect and serve it hashed."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

STATIC = Path(__file__).parent.parent / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())
FILES = [file for package in MANIFEST for file in package["files"]]
pytestmark = pytest.mark.static


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["path"])
def test_vendored_file_matches_its_checksum(file):
    assert hashlib.sha256((VENDOR / file["path"]).read_bytes()).hexdigest() == file["sha256"]
    assert (file["sha256"] == file["upstream_sha256"]) == (file["change"] == "")


@pytest.mark.parametrize("package", MANIFEST, ids=lambda package: package["name"])
def test_package_has_version_and_licence(package):
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["licence"] in {"MIT", "0BSD"}
    assert "AS IS" in (VENDOR / package["licence_file"]).read_text()


def test_manifest_lists_every_vendored_file():
    listed = {"manifest.json", *(file["path"] for file in FILES), *(package["licence_file"] for package in MANIFEST)}
    assert {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} == listed


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.[cj]ss*")) + sorted(STATIC.rglob("*.js")), ids=lambda p: p.name)
def test_text_asks_for_no_source_map_and_no_other_host(path):
    text = path.read_text()
    assert "sourceMappingURL" not in text
    assert re.findall(r"""(?:url\(|@import|\bfetch\()\s*["']?(?:https?:)?//""", text) == []


def collect(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "habilis.config.cli", "collectstatic", "--no-input", "-v0"],
        env={**os.environ, "HABILIS_HOME": str(home), **environment},
        capture_output=True,
        text=True,
    )


def test_production_collects_hashed_and_compressed_files(tmp_path):
    run = collect(tmp_path, HABILIS_PRODUCTION="1")
    assert (run.returncode, run.stderr) == (0, "")
    paths = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    for name in ("habilis/habilis.css", "habilis/icons.svg", "vendor/tabler/tabler.min.css", "vendor/htmx/htmx.min.js"):
        hashed = tmp_path / "static" / paths[name]
        assert hashed.name != Path(name).name
        assert hashed.with_name(hashed.name + ".gz").exists()
    # The picture that the style sheet asks for follows its hash.
    assert Path(paths["habilis/hero.svg"]).name in (tmp_path / "static" / paths["habilis/habilis.css"]).read_text()


# A page as production serves it, then every static file that it names: (address, status, may be kept for ever).
SERVED = """
import json, re, django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost", headers={"accept-encoding": "gzip"})
page = client.get("/composants/").content.decode()
answers = [(url, client.get(url)) for url in sorted(set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page)))]
print(json.dumps([(url, a.status_code, "immutable" in a.headers["Cache-Control"]) for url, a in answers]))
"""


def test_production_serves_what_its_pages_name(tmp_path):
    assert collect(tmp_path, HABILIS_PRODUCTION="1").returncode == 0
    run = subprocess.run(
        [sys.executable, "-c", SERVED],
        env={**os.environ, "HABILIS_HOME": str(tmp_path), "HABILIS_PRODUCTION": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(run.stdout)
    assert len(answers) >= 7
    assert [answer for answer in answers if answer[1:] != [200, True]] == []
