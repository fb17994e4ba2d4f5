"""Licences of the locked packages: `docs/licences.md` lists them, and some are refused.

`python -m tests.house.licences` writes the page from what is installed (`make lock` runs it).
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from tests.house import ROOT

PAGE = ROOT / "docs" / "licences.md"
HEADER = """# Licences of the locked packages

Written by `make lock` from what each package says of itself. AGPL is refused, and GPL unless it is the lesser one
(`tests/test_consistency.py`). LGPL and MPL packages are used unmodified, as dependencies only.

| Package | Used | Licence |
|---|---|---|
"""
REFUSED = re.compile(r"AGPL|Affero|(?<!L)GPL(?!-compatible)|(?<!Lesser )General Public", re.IGNORECASE)
UNKNOWN = "unknown"
# Read by a person where the package's own description is silent, or where it is never installed (Windows only).
READ_BY_HAND = {"axe-playwright-python": "MIT", "colorama": "BSD-3-Clause", "tzdata": "Apache-2.0"}


def locked(name: str) -> set[str]:
    """Names of the packages that `requirements/<name>.txt` pins."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", text, re.MULTILINE))


def licence(package: str) -> str | None:
    """What a package says of its licence; None when it is not installed here."""
    if package in READ_BY_HAND:
        return READ_BY_HAND[package]
    try:
        said = metadata(package)
    except PackageNotFoundError:
        return None
    classifiers = [line.split(" :: ")[-1] for line in said.get_all("Classifier", []) if line.startswith("License ::")]
    stated = (said.get("License") or "").strip()
    short = stated if stated and "\n" not in stated and len(stated) < 60 else ""
    named = "; ".join(name for name in classifiers if name != "OSI Approved")
    return said.get("License-Expression") or named or short or UNKNOWN


def listed(page: Path = PAGE) -> dict[str, str]:
    """Package -> licence, as the page says."""
    rows = re.findall(r"^\| ([^| ]+) \| [^|]+ \| ([^|]+) \|$", page.read_text(), re.MULTILINE) if page.exists() else []
    return dict(rows[1:] if rows and rows[0][0] == "Package" else rows)


def licence_faults(licences: dict[str, str]) -> list[str]:
    return [
        f"{package}: {name} is refused" for package, name in licences.items() if REFUSED.search(name) or name == UNKNOWN
    ]


def write() -> None:
    """Write the page; a package that is not installed here (another platform's) keeps the line it had."""
    before, product = listed(), locked("demo")
    lines = [
        f"| {package} | {'product' if package in product else 'tests'} "
        f"| {licence(package) or before.get(package, UNKNOWN)} |"
        for package in sorted(locked("test") | product)
    ]
    PAGE.write_text(HEADER + "\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
