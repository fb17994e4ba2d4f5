"""Faults in the English translation, read from the catalogue itself: no tool of gettext is needed to check it."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!{){\w*}(?!})")
# A straight apostrophe between letters: French text takes the typographic one.
STRAIGHT = re.compile(r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]")


@dataclass
class Message:
    """One message of a .po file; `texts` holds its translation, or one for each plural form."""

    context: str | None = None
    source: str = ""
    plural: str | None = None
    texts: list[str] = field(default_factory=list)
    fuzzy: bool = False

    @property
    def key(self) -> str:
        return self.source if self.context is None else f"{self.context}\x04{self.source}"


def messages(catalogue: Path) -> Iterator[Message]:
    """Messages of a .po file, its header and its obsolete ones left out."""
    for paragraph in re.split(r"\n\s*\n", catalogue.read_text()):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#~")]
        message = Message(fuzzy=any(line.startswith("#,") and "fuzzy" in line for line in lines))
        for keyword, value in fields([line for line in lines if line and not line.startswith("#")]):
            if keyword == "msgctxt":
                message.context = value
            elif keyword == "msgid":
                message.source = value
            elif keyword == "msgid_plural":
                message.plural = value
            else:
                message.texts.append(value)
        if message.source:
            yield message


def fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Keyword and joined text of each field of a paragraph."""
    keyword, value = "", ""
    for line in lines:
        if line.startswith("msg"):
            if keyword:
                yield keyword, value
            keyword, _, line = line.partition(" ")
            value = ""
        value += ast.literal_eval(line)
    if keyword:
        yield keyword, value


def translation_faults(catalogue: Path) -> list[str]:
    """Messages without a sure translation, that lose a placeholder, or whose French is badly set."""
    faults = []
    for message in messages(catalogue):
        name = f"“{message.source[:60]}”"
        if message.fuzzy:
            faults.append(f"{name} is fuzzy")
        if not message.texts or not all(message.texts):
            faults.append(f"{name} is not translated")
        elif set(PLACEHOLDER.findall(message.plural or message.source)) != set(PLACEHOLDER.findall(message.texts[-1])):
            faults.append(f"{name} loses or gains a placeholder")
        if STRAIGHT.search(message.source) or STRAIGHT.search(message.plural or ""):
            faults.append(f"{name} has a straight apostrophe: French takes ’")
    return faults


def stale_binary(catalogue: Path) -> list[str]:
    """The .mo beside a .po must hold the same translations, or the pages show others than the reader of the .po sees."""
    binary = catalogue.with_suffix(".mo")
    if not binary.exists():
        return [f"{binary.name} is missing: habilis compilemessages"]
    with binary.open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    wanted: dict[object, str] = {}
    for message in messages(catalogue):
        if message.plural is None:
            wanted[message.key] = message.texts[0]
        else:
            wanted |= {(message.key, number): text for number, text in enumerate(message.texts)}
    compiled = {key: text for key, text in compiled.items() if key != ""}
    wanted = {key: text for key, text in wanted.items() if text}
    return [] if compiled == wanted else [f"{binary.name} is older than {catalogue.name}: habilis compilemessages"]
