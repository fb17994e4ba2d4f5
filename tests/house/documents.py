"""What the documentation promises: commands, links and terms, read from its Markdown."""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import CommandError, get_commands, load_command_class

SHELL_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def shown_commands(text: str) -> Iterator[list[str]]:
    """Words of each `habilis …` or `make …` of a page; `[--option]`, `a|b` and `…` read as a person does."""
    blocks = "\n".join(SHELL_BLOCK.findall(text)).replace("\\\n", " ").splitlines()
    for line in [*blocks, *INLINE_CODE.findall(SHELL_BLOCK.sub("", text))]:
        plain = re.sub(r"^(?:[A-Z_]+=\S+ |\$ )*(?:\.venv/bin/)?", "", line.strip())
        if re.match(r"(?:habilis|make) ", plain):
            words = shlex.split(re.sub(r"[\[\]…]", "", plain), comments=True)
            yield [word.split("|")[0] if re.fullmatch(r"[\w|-]+", word) else word for word in words]


def command_faults(text: str, makefile: str) -> list[str]:
    """Commands of a page that do not exist, or refuse the arguments that it shows."""
    faults = []
    for words in shown_commands(text):
        program, name, *arguments = *words, "--help"
        if program == "make":
            missing = [word for word in words[1:] if word not in TARGET.findall(makefile)]
            faults += [f"make {word}: no such target" for word in missing]
        elif name not in get_commands():
            faults.append(f"habilis {name}: no such command")
        elif problem := refused(name, arguments[:-1]):
            faults.append(f"{shlex.join(words)}: {problem}")
    return faults


def refused(name: str, arguments: list[str]) -> str:
    """Why the parser of a command refuses these arguments; empty when it takes them."""
    app: Any = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    parser = command.create_parser("habilis", name)
    try:
        parser.parse_args([argument for argument in arguments if argument not in ("-h", "--help")])
    except CommandError as error:
        return str(error)
    return ""


def broken_links(page: Path) -> list[str]:
    """Relative links of a page to files that are not there."""
    return [
        f"{page.name} links to {target}, which is not there"
        for target in LINK.findall(page.read_text())
        if ":" not in target and not (page.parent / target).exists()
    ]


def glossary_rows(text: str) -> list[tuple[list[str], list[str]]]:
    """French terms and identifiers of each row of a glossary."""
    rows = re.findall(r"^\| (.+?) \| (`.+?`(?: · `.+?`)*) \| .+ \| .+ \|$", text, re.MULTILINE)
    return [(terms.split(" · "), re.findall(r"`(.+?)`", identifiers)) for terms, identifiers in rows]


def synonyms(rows: Iterable[tuple[list[str], list[str]]]) -> list[str]:
    """A French term with two rows, or an identifier with two rows."""
    faults, seen = [], set()
    for terms, identifiers in rows:
        for word in [*terms, *identifiers]:
            if word in seen:
                faults.append(f"{word} stands in two rows")
            seen.add(word)
    return faults
