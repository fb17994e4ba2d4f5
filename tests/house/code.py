"""Faults in Python code, read from its syntax tree: private imports, signals, hidden state changes, alarms."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

# What an app shows to the apps above it; `rules` is the pure core of doctrine. `common` is open to all.
PUBLIC = {"enums", "models", "queries", "perms", "services", "facts", "stats"}
SIGNALS = ("django.db.models.signals", "django.dispatch", "django.core.signals")
# `common` serves any trade: none of these words may appear in it.
BUSINESS_WORDS = (
    r"certifi\w*|habilitations?|fiches?|blocs?|rncp|siret|siren|partners?|partenaires?|jury|jurors?|jurés?|candidat\w*"
)
FUNCTION_LINES, FILE_LINES, TEMPLATE_LINES, COMMON_LINES = 40, 500, 150, 1000


def trees(root: Path) -> Iterator[tuple[Path, tuple[str, ...], ast.Module]]:
    """Each module under the package `habilis` (path, parts of its path inside it, syntax tree), migrations apart."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if "migrations" not in parts:
            yield path.relative_to(root), parts, ast.parse(path.read_text())


def imported_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """`import a.b.c` and `from a.b import c` as the same dotted name, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def private_imports(root: Path) -> list[str]:
    """Imports of a room that another app keeps for itself."""
    faults = []
    for path, parts, tree in trees(root):
        allowed = PUBLIC | ({"tests"} if "tests" in parts else set())
        for line, name in imported_names(tree):
            package, app, room = (*name.split("."), "", "")[:3]
            if package != "habilis" or app in (parts[0], "common") or parts[0] == "config":
                continue
            if room not in allowed and (app, room) != ("doctrine", "rules"):
                faults.append(f"{path}:{line} imports {name}: {app} shows {', '.join(sorted(PUBLIC))} only")
    return faults


def signals(root: Path) -> list[str]:
    """News travels by being pulled: no signal, sent or received."""
    return [
        f"{path}:{line} uses {name}: call the service"
        for path, _, tree in trees(root)
        for line, name in imported_names(tree)
        if f"{name}.".startswith(tuple(f"{signal}." for signal in SIGNALS))
    ]


def may_write_state(root: Path, parts: tuple[str, ...]) -> bool:
    """The workflow helper and the journal may; until the journal stands, so may the services of the owning app.

    The progress of a background job is no act of anybody: `common.jobs` keeps it, and an import its own.
    """
    jobs = (("common", "workflow"), ("common", "jobs"), ("registers", "services", "imports"))
    if parts in jobs or "tests" in parts:
        return True
    if (root / "journal").is_dir():
        return parts[:2] == ("journal", "services")
    return parts[1:2] == ("services",)


def state_writes(root: Path) -> list[str]:
    """`x.state = …` and `….update(state=…)` outside the modules that write history with it."""
    return [
        f"{path}:{line} writes a state: only a service may, through the workflow helper"
        for path, parts, tree in trees(root)
        if not may_write_state(root, parts)
        for line in lines_writing_state(tree)
    ]


def lines_writing_state(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "state"
            and isinstance(node.ctx, ast.Store)
            or is_call_of(node, "update")
            and any(keyword.arg == "state" for keyword in node.keywords)
        ):
            yield node.lineno


def is_call_of(node: ast.AST, method: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method


def wide_locks(root: Path) -> list[str]:
    """`select_for_update()` without `of`: it would lock the rows of every joined table."""
    return [
        f"{path}:{node.lineno} locks joined tables too: select_for_update(of=…)"
        for path, _, tree in trees(root)
        for node in ast.walk(tree)
        if is_call_of(node, "select_for_update") and not any(keyword.arg == "of" for keyword in node.keywords)
    ]


def business_words(root: Path) -> list[str]:
    """Words of the trade in `common`, code and templates alike; its tests may use examples."""
    words = re.compile(rf"\b({BUSINESS_WORDS})\b", re.IGNORECASE)
    return [
        f"{path.relative_to(root)}:{number} says “{found[0]}”: it belongs to an app above common"
        for path in sorted((root / "common").rglob("*"))
        if path.suffix in (".py", ".html") and "tests" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := words.search(line))
    ]


def long_functions(root: Path) -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name}: {lines} lines, the alarm is at {FUNCTION_LINES}"
        for path, _, tree in trees(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]


def long_files(root: Path) -> list[str]:
    """Python files past 500 lines, templates past 150, migrations apart."""
    return [
        f"{path.relative_to(root)}: {lines} lines, the alarm is at {limit}"
        for suffix, limit in ((".py", FILE_LINES), (".html", TEMPLATE_LINES))
        for path in sorted(root.rglob(f"*{suffix}"))
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > limit
    ]


def swollen_common(root: Path) -> list[str]:
    """`common` is no drawer: 1,000 lines of code in all, the components of the interface, tests and migrations apart."""
    apart = {"tests", "migrations", "components", "templatetags"}
    modules = [path for path in (root / "common").rglob("*.py") if not apart & set(path.with_suffix("").parts)]
    lines = sum(code_lines(path.read_text()) for path in modules)
    return [f"common: {lines} lines of code, the alarm is at {COMMON_LINES}"] if lines > COMMON_LINES else []


def code_lines(text: str) -> int:
    """Lines that hold code: not the blank ones, comments and docstrings."""
    documents = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    spans = [range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in layout]
    return len({line for span in spans for line in span} - documents)
