"""Checks of the tree that no tool makes for us. Each takes a folder and returns the faults it finds, as sentences."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "habilis"


def stack() -> list[str]:
    """The apps that may stand in the tree, top first, as the import contract orders them: the one source of truth."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == "Apps form one stack")
    return [layer.strip("()") for layer in layers]


def tracked_files(*suffixes: str) -> list[Path]:
    """Files of the repository (all of them outside git), those that only this machine holds left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        hidden = re.compile(r"/(\.(?!ci/)|var/|__pycache__)")
        files = [path for path in ROOT.rglob("*") if not hidden.search(f"/{path.relative_to(ROOT)}")]
    else:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return sorted(path for path in files if path.is_file() and (not suffixes or path.suffix in suffixes))
