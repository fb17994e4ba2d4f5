"""Faults in tracked files: what names a machine or a registry of packages, and vendored files that drifted."""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

# Written in two parts, or this file would be at fault.
REGISTRIES = [
    f"{name}.{end}"
    for name, end in (
        ("pypi", "org"),
        ("files.pythonhosted", "org"),
        ("registry.npmjs", "org"),
        ("registry.yarnpkg", "com"),
        ("unpkg", "com"),
        ("cdn.jsdelivr", "net"),
        ("deb.debian", "org"),
        ("crates", "io"),
        ("proxy.golang", "org"),
    )
]
LOCKS_WITH_HOSTS = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json"}


def machine_paths(root: Path) -> re.Pattern[str]:
    """Absolute paths of somebody's machine: homes, and the folder that holds this project."""
    folders = ["/ro" + "ot/", r"/ho" + r"me/\w+"]
    if len(root.parents) > 1 and not root.is_relative_to(tempfile.gettempdir()):
        folders.append(re.escape(f"{root.parent}/"))
    return re.compile(rf"(?<![\w.~)}}\"/-])(?:{'|'.join(folders)})")


def tied_to_a_place(root: Path, files: Iterable[Path]) -> list[str]:
    """Lines that name a registry's host or a machine's path, and lock files that would."""
    paths = machine_paths(root)
    faults = []
    for file in files:
        name = file.relative_to(root)
        if file.name in LOCKS_WITH_HOSTS:
            faults.append(f"{name} records hosts: requirements/*.txt is the lock")
        try:
            lines = file.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            found = next((host for host in REGISTRIES if host in line), None) or next(iter(paths.findall(line)), None)
            if found:
                faults.append(f"{name}:{number} names {found}")
    return faults


def vendored_drift(folder: Path) -> list[str]:
    """Vendored files that differ from the manifest, that it does not name, or that it names in vain."""
    packages = json.loads((folder / "manifest.json").read_text())
    digests = {file["path"]: file["sha256"] for package in packages for file in package["files"]}
    named = {"manifest.json", *digests, *(package["licence_file"] for package in packages)}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    faults = [f"{name} is in the manifest only" for name in sorted(named - present)]
    faults += [f"{name} is not in the manifest" for name in sorted(present - named)]
    for name in sorted(digests.keys() & present):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digests[name]:
            faults.append(f"{name} differs from the digest of the manifest")
    return faults


def copies(files: Iterable[Path], originals: Iterable[Path]) -> list[str]:
    """Files that hold, byte for byte, one of the originals (tiny ones apart: they prove nothing)."""
    by_size: dict[int, list[Path]] = {}
    for original in originals:
        if original.is_file() and original.stat().st_size > 200:
            by_size.setdefault(original.stat().st_size, []).append(original)
    return [
        f"{file.name} is a copy of {original.name}"
        for file in files
        for original in by_size.get(file.stat().st_size, [])
        if file.read_bytes() == original.read_bytes()
    ]
