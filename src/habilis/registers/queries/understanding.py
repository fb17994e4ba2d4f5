"""What a question asks for: numbers, bodies, a level, and groups of words with their synonyms. Pure Python.

A question is cut in groups, all wanted. A group is a word or an expression as typed, with the other ways to say it: any
of its phrases will do. A phrase wants all its words, a word any of its stems. Nothing of what is typed goes further
than these stems: ASCII letters and digits.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path

from habilis.registers.queries.words import STOP_WORDS, WORD, lowered, stem, without_accents

Stems = tuple[str, ...]  # any of them
Phrase = tuple[Stems, ...]  # all of them

LONGEST_QUESTION = 400  # characters; the longest titles of the register are read to there
MOST_GROUPS = 24
LONGEST_EXPRESSION = 5  # words
SIGN = re.compile(r"([^=>]*)(?:([=>])(.*))?")

TOKEN = re.compile(rf"(?<!\w)(?:c\+\+|[cf]#|\.net\b)|{WORD.pattern}", re.IGNORECASE)
NUMBER = re.compile(r"(?<!\w)(rncp|rs)[\s\-_:]*(?:n\s*[°ºo]?\s*)?0*([1-9]\d{0,9})(?:\s*bc\s*\d+)?(?!\w)", re.IGNORECASE)
IDENTIFIER = re.compile(r"\W*(?:sire[nt]\W*)?((?:\d[\s.\-]*){14}|(?:\d[\s.\-]*){9})", re.IGNORECASE)
LEVEL = re.compile(r"(?<!\w)(?:niv(?:eau)?\.?\s*([3-8])(?!\w)|(?:niveau\s+)?bac\s*\+\s*([2-8])(?!\w))", re.IGNORECASE)
YEARS = {2: 5, 3: 6, 4: 6, 5: 7, 6: 7, 7: 8, 8: 8}  # years after the baccalauréat -> level of the framework

# Words that say why one asks rather than what one asks for: wanted in no fiche, but a title that has them is closer.
# fmt: off
WEAK = frozenset([
    "je", "tu", "nous", "vous", "me", "te", "se", "moi", "toi", "mon", "ma", "mes", "ton", "ta", "tes", "son", "sa", "ses",
    "notre", "nos", "votre", "vos", "y", "est", "sont", "suis", "etre", "ai", "as", "ont", "avoir", "veux", "veut",
    "veulent", "vouloir", "voudrais", "voudrait", "souhaite", "souhaiterais", "aimerais", "aimerait", "cherche",
    "cherchent", "chercher", "trouver", "besoin", "faire", "fait", "passer", "obtenir", "devenir", "travailler",
    "bosser", "apprendre", "etudier", "faut", "peut", "peux", "peut-on", "puis", "quel", "quelle", "quels", "quelles",
    "comment", "quand", "pourquoi", "combien", "formation", "formations", "diplome", "diplomes", "certificat",
    "certificats", "certification", "certifications", "certifiante", "certifiant", "diplomant", "diplomante", "titre",
    "titres", "metier", "metiers", "emploi", "emplois", "poste", "job", "boulot", "fiche", "fiches", "numero", "code",
    "reconversion", "reconvertir", "alternance", "cpf", "niveau", "svp", "merci", "bonjour", "pas", "plus", "comme", "etat",
    "bac", "candidat",
])
# fmt: on
ENDINGS = (("ees", "ées"), ("ee", "ée"), ("es", "és"), ("e", "é"))


@dataclass(frozen=True)
class Group:
    """One thing asked. `phrases[0]` is what was typed; the others, as many as `shown`, are other ways to say it."""

    start: int  # place in the question
    end: int
    phrases: tuple[Phrase, ...]
    shown: tuple[str, ...] = ()  # the other ways that differ enough to be told
    optional: bool = False

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(stem for phrase in self.phrases for stems in phrase for stem in stems)


@dataclass(frozen=True)
class Question:
    text: str
    groups: tuple[Group, ...] = ()
    numbers: frozenset[str] = frozenset()  # full numbers, or ranks when the register is not said
    identifier: str = ""  # SIRET or SIREN
    level: int | None = None

    @cached_property
    def required(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if not group.optional)

    @cached_property
    def weak(self) -> frozenset[str]:
        return frozenset().union(*(group.stems for group in self.groups if group.optional))

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset().union(*(group.stems for group in self.groups))

    def told(self) -> str | None:
        """The question with the other ways to say it, when there are some to tell."""
        text, end = "", 0
        for group in self.groups:
            if group.shown:
                text += self.text[end : group.start] + " / ".join(
                    (self.text[group.start : group.end], *group.shown[:3])
                )
                end = group.end
        return text + self.text[end:] if end else None


def variants(word: str) -> Stems:
    """Stems of a lower-case word as texts may have written it: with its accents, without them, with a final one."""
    plain = without_accents(word)
    found = [stem(word), stem(plain)]
    if plain == word:
        found += [stem(word.removesuffix(bare) + accented) for bare, accented in ENDINGS if word.endswith(bare)]
    return tuple(dict.fromkeys(filter(None, found)))


def loose(word: str) -> str:
    """Key of a word in the synonyms: its accents may be missing."""
    return stem(without_accents(word.rstrip("'’")) or word)


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Place and lower-case form of each word that carries meaning."""
    for found in TOKEN.finditer(text):
        word = lowered(found[0]).strip()
        if word not in STOP_WORDS and stem(word):
            yield found.start(), found.end(), word.rstrip("'’")


def phrase(words: Iterable[str]) -> Phrase:
    return tuple(filter(None, map(variants, words)))


@dataclass(frozen=True, slots=True)
class Synonym:
    text: str
    is_told: bool
    replaces: bool  # what was typed is not searched as typed


@cache
def synonyms() -> dict[tuple[str, ...], tuple[Synonym, ...]]:
    """Expressions that people type -> other ways to say them, from `synonyms.txt`, which says its own rules."""
    found: dict[tuple[str, ...], dict[str, Synonym]] = {}
    for typed, sign, said in synonym_lines():
        for key in typed:
            words = tuple(loose(word) for _, _, word in tokens(key))
            others = [Synonym(other, bool(sign), sign == ">") for other in said or typed if other != key]
            found.setdefault(words, {}).update((other.text, other) for other in others)
    return {key: tuple(others.values()) for key, others in found.items()}


def synonym_lines() -> Iterator[tuple[list[str], str, list[str]]]:
    text = Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        typed, sign, said = SIGN.match(line.partition("#")[0]).groups()  # type: ignore[union-attr] # matches any line
        yield split(typed), sign or "", split(said or "")


def split(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


@lru_cache(maxsize=4096)
def said(text: str) -> Phrase:
    """The words of a synonym as texts write them."""
    return tuple(tuple(dict.fromkeys((stem(word), stem(without_accents(word))))) for _, _, word in tokens(text))


@cache
def typed_words() -> frozenset[str]:
    """Words of the expressions that people type: a typing error may be one of them."""
    return frozenset(word for typed, _, _ in synonym_lines() for key in typed for _, _, word in tokens(key))


def understand(text: str) -> Question:
    """Reads a question. Never fails, whatever the text; cost bounded by `LONGEST_QUESTION`."""
    text = " ".join(unicodedata.normalize("NFKC", text[: 4 * LONGEST_QUESTION]).replace("\0", " ").split())
    text = text[:LONGEST_QUESTION]
    if found := IDENTIFIER.fullmatch(text):
        return Question(text, identifier="".join(filter(str.isdecimal, found[1])))
    level = LEVEL.search(text)
    kept = text[: level.start()] + " " * len(level[0]) + text[level.end() :] if level else text
    groups: list[Group] = []
    numbers: list[str] = []
    for found in NUMBER.finditer(kept):
        numbers.append((found[1] + found[2]).upper())
        groups.append(Group(found.start(), found.end(), (((numbers[-1].lower(),),),)))
    kept = NUMBER.sub(lambda found: " " * len(found[0]), kept)
    words = list(tokens(kept))
    strong = [word for _, _, word in words if without_accents(word) not in WEAK]
    if len(strong) == 1 and not numbers and strong[0].isdecimal():
        numbers = strong  # "37674", "fiche 37674"
    groups = sorted([*groups, *group_words(words)], key=lambda group: group.start)[:MOST_GROUPS]
    if all(group.optional for group in groups):
        groups = [replace(group, optional=False) for group in groups]
    return Question(text, tuple(groups), frozenset(numbers), level=as_level(level) if level else None)


def as_level(found: re.Match[str]) -> int:
    return int(found[1]) if found[1] else YEARS[int(found[2])]


def group_words(words: list[tuple[int, int, str]]) -> Iterator[Group]:
    """Longest known expressions first, then single words."""
    known = synonyms()
    keys = [loose(word) for _, _, word in words]
    place = 0
    while place < len(words):
        length = next((n for n in range(LONGEST_EXPRESSION, 0, -1) if tuple(keys[place : place + n]) in known), 1)
        taken = words[place : place + length]
        others = known.get(tuple(keys[place : place + length]), ())
        typed = () if any(other.replaces for other in others) else (phrase(word for _, _, word in taken),)
        yield Group(
            taken[0][0],
            taken[-1][1],
            (*typed, *(said(other.text) for other in others)),
            tuple(other.text for other in others if other.is_told),
            optional=length == 1 and not others and without_accents(taken[0][2]) in WEAK,
        )
        place += length


def corrected(question: Question, words: dict[int, str]) -> Question:
    """The question with some words replaced, by place of their group; read again, since the right word may have synonyms."""
    text, end = "", 0
    for start, word in sorted(words.items()):
        group = next(group for group in question.groups if group.start == start)
        text += question.text[end:start] + word
        end = group.end
    return understand(text + question.text[end:])


def without(question: Question, starts: Collection[int]) -> Question:
    """The question without the groups that begin at these places."""
    return replace(question, groups=tuple(group for group in question.groups if group.start not in starts))
