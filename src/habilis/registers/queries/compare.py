"""Two fiches side by side, or one fiche on two days: what is equal, what differs, and which blocks answer to which.

Bounded work: block titles are compared all to all (`BLOCKS` on each side at most), texts by words (`WORDS` at most).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from habilis.registers.models import Block, Certification, CertificationVersion, CertifierLink, Code
from habilis.registers.queries import bodies, fiches
from habilis.registers.records import FIELDS, TEXTS

BLOCKS = 150
WORDS = 12_000
ALIKE = 60  # percent: under it, two titles have little more than their small words in common

DATES = ("start_date",)


@dataclass(frozen=True, slots=True)
class Side:
    """A fiche as it is read for a comparison; `on` is None for its last known state."""

    certification: Certification
    version: CertificationVersion
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One field on both sides; for a text, `score` says how much of its words they share, in percent."""

    name: str
    left: Any
    right: Any
    score: int | None = None

    @property
    def same(self) -> bool:
        return bool(self.left == self.right)


@dataclass(frozen=True, slots=True)
class BlockPair:
    """Two blocks whose titles are alike (`score`, percent), and how much their skills are (`skills`); or one alone."""

    left: Block | None
    right: Block | None
    score: int = 0
    skills: int = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """Codes of one nomenclature, or certifiers, as (key, label): on both sides, on one only."""

    name: str
    both: list[tuple[str, str]]
    left: list[tuple[str, str]]
    right: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Side
    right: Side
    fields: list[Pair]
    texts: list[Pair]
    routes: list[Pair]
    blocks: list[BlockPair]
    codes: list[Shared]
    certifiers: Shared


def compare(left: Side, right: Side) -> Comparison:
    """Eight queries when the texts of both versions were read with them, as `fiches.find` and `version_on` do."""
    sides = (left, right)
    routes = [fiches.routes(side.version) for side in sides]
    codes = [fiches.codes(side.version) for side in sides]
    certifiers = [[_body(link) for link in bodies.certifiers(side.certification, side.on)] for side in sides]
    return Comparison(
        left,
        right,
        fields=[_pair(name, left.version, right.version) for name in (*FIELDS, *DATES)],
        texts=[_text(name, left.version, right.version) for name in TEXTS],
        routes=[Pair(a.route, a.is_open, b.is_open) for a, b in zip(*routes, strict=True)],
        blocks=match_blocks(*(list(side.version.blocks.all()[:BLOCKS]) for side in sides)),
        codes=[_shared(system, *(map(_code, found[system]) for found in codes)) for system in codes[0]],
        certifiers=_shared("certifiers", *certifiers),
    )


def match_blocks(left: Sequence[Block], right: Sequence[Block]) -> list[BlockPair]:
    """Pair the most similar titles first, then the same code, then the nearest place; what is left over stands alone.

    In the order of the left side, then what only the right side has.
    """
    words = [[_title(block) for block in blocks] for blocks in (left, right)]
    scored = [
        (score, a.code == b.code, -abs(i - j), -i, -j)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if (score := fuzz.ratio(words[0][i], words[1][j], score_cutoff=ALIKE))
    ]
    pairs: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    for score, _, _, i, j in sorted(scored, reverse=True):
        if -i not in pairs and -j not in taken:
            pairs[-i] = (-j, round(score))
            taken.add(-j)
    matched = [
        BlockPair(block, right[pairs[i][0]], pairs[i][1], alike(block.skills, right[pairs[i][0]].skills))
        if i in pairs
        else BlockPair(block, None)
        for i, block in enumerate(left)
    ]
    return matched + [BlockPair(None, block) for j, block in enumerate(right) if j not in taken]


def alike(left: str, right: str) -> int:
    """How much of their words two texts share in the same order, in percent; two empty texts are equal."""
    return round(100 * Indel.normalized_similarity(left.lower().split()[:WORDS], right.lower().split()[:WORDS]))


def _title(block: Block) -> str:
    """Words in alphabetical order: « gérer un projet » and « projet : gérer » are alike."""
    letters = "".join(char if char.isalnum() else " " for char in block.title.lower())
    return " ".join(sorted(letters.split()))


def _pair(name: str, left: CertificationVersion, right: CertificationVersion) -> Pair:
    return Pair(name, getattr(left, name), getattr(right, name))


def _text(name: str, left: CertificationVersion, right: CertificationVersion) -> Pair:
    a, b = getattr(left.texts, name), getattr(right.texts, name)
    return Pair(name, a, b, alike(a, b))


def _code(code: Code) -> tuple[str, str]:
    return code.code, code.label


def _body(link: CertifierLink) -> tuple[str, str]:
    return link.organisation.siret or link.name, link.name


def _shared(name: str, left: Iterable[tuple[str, str]], right: Iterable[tuple[str, str]]) -> Shared:
    """By key; the label is that of the left side, since exports do not always agree on it."""
    a, b = dict(left), dict(right)
    return Shared(
        name,
        both=[(key, label) for key, label in a.items() if key in b],
        left=[(key, label) for key, label in a.items() if key not in b],
        right=[(key, label) for key, label in b.items() if key not in a],
    )
