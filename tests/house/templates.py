"""Faults in templates: those that nobody uses, and components that do not say how to call them."""

import re
from pathlib import Path

# Django finds these by their name alone.
FOUND_BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def template_names(root: Path) -> dict[str, Path]:
    """Name under which Django loads it -> file, for each template of each app."""
    return {
        path.relative_to(folder).as_posix(): path
        for folder in sorted(root.glob("*/templates"))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def unused_templates(root: Path) -> list[str]:
    """Templates whose name is quoted nowhere, in code or in another template (tests do not count)."""
    names = template_names(root)
    code = [path for path in root.rglob("*.py") if "tests" not in path.relative_to(root).parts]
    texts = {path: path.read_text() for path in [*code, *names.values()]}
    return [
        f"{path.relative_to(root)} is used nowhere"
        for name, path in names.items()
        if name not in FOUND_BY_NAME and not any(f'"{name}"' in text for file, text in texts.items() if file != path)
    ]


def components(root: Path) -> dict[str, Path]:
    return {name: path for name, path in template_names(root).items() if name.startswith("components/")}


def components_without_contract(root: Path) -> list[str]:
    """Components whose first line is not a comment that names them: how to call them, and what they take."""
    return [
        f"{path.relative_to(root)}: the first line must be {{# {path.stem} … #}}"
        for path in components(root).values()
        if not re.match(rf"{{# .*\b{path.stem}\b.*#}}\n", path.read_text())
    ]
