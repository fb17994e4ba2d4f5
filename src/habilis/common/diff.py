"""What differs between two collections of keyed rows, and between two texts, word by word."""

import operator
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Any, Generic, Literal, TypeVar

from rapidfuzz.distance import LCSseq

K = TypeVar("K", bound=Hashable)
Row = tuple[Any, ...]
Op = Literal["equal", "delete", "insert"]
Piece = tuple[Op, str]

TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")  # a word or a sign, with the blanks before it
WORK = 400_000_000  # pairs of words compared at most: 50 MB and a fraction of a second
CHANCE = 5  # characters: “ les” between two changes is a coincidence, a longer shared text is not


class Verb(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Difference(Generic[K]):
    """The fate of one key; `changes` holds (field, before, after) of the fields that differ, for an update only."""

    verb: Verb
    key: K
    before: Row | None
    after: Row | None
    changes: tuple[tuple[str, Any, Any], ...] = ()


def diff(
    before: Mapping[K, Row],
    after: Iterable[tuple[K, Row]],
    fields: Sequence[str],
    same: Callable[[Any, Any], bool] = operator.eq,
) -> Iterator[Difference[K]]:
    """Compare rows of the same columns. `after` is read once, lazily, and answered in its order; removals come last.

    `same` decides for two unequal cells (say `same_text`). A key given twice by `after` is a ValueError.
    """
    seen: set[K] = set()
    for key, row in after:
        if key in seen:
            raise ValueError(f"{key!r} is given twice")
        seen.add(key)
        old = before.get(key)
        if old is None:
            yield Difference(Verb.ADDED, key, None, row)
        elif changes := _changes(old, row, fields, same):
            yield Difference(Verb.UPDATED, key, old, row, changes)
        else:
            yield Difference(Verb.UNCHANGED, key, old, row)
    for key, old in before.items():
        if key not in seen:
            yield Difference(Verb.REMOVED, key, old, None)


def _changes(
    old: Row, new: Row, fields: Sequence[str], same: Callable[[Any, Any], bool]
) -> tuple[tuple[str, Any, Any], ...]:
    if old == new:
        return ()
    cells = zip(fields, old, new, strict=True)
    return tuple((name, was, now) for name, was, now in cells if was != now and not same(was, now))


def same_text(a: object, b: object) -> bool:
    """True when only blanks differ (non-breaking ones included). Values that are not texts must be equal."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b or "".join(a.split()) == "".join(b.split())
    return a == b


def words(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in reading order, ("equal" | "delete" | "insert", text), deletions first at one place.

    "equal" and "insert" pieces joined give `after`; "equal" and "delete" joined give `before` but for blanks. Texts too
    different and too long to compare (see `WORK`) share their beginning and end only.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    numbers: dict[str, int] = {}
    a = [numbers.setdefault(token.strip(), len(numbers)) for token in old]
    b = [numbers.setdefault(token.strip(), len(numbers)) for token in new]
    head = _shared(zip(a, b, strict=False))
    tail = _shared(zip(reversed(a[head:]), reversed(b[head:]), strict=False))
    a, b = a[head : len(a) - tail], b[head : len(b) - tail]

    spans = [Span("".join(new[:head]))]
    if len(a) * len(b) <= WORK:
        for step in LCSseq.opcodes(a, b):
            now = "".join(new[head + step.dest_start : head + step.dest_end])
            if step.tag == "equal":
                spans.append(Span(now))
            else:
                spans[-1].deleted += "".join(old[head + step.src_start : head + step.src_end])
                spans[-1].inserted += now
    else:
        spans[-1].deleted = "".join(old[head : head + len(a)])
        spans[-1].inserted = "".join(new[head : head + len(b)])
    spans.append(Span("".join(new[len(new) - tail :])))
    return _pieces(spans)


@dataclass(slots=True)
class Span:
    """A shared text and the change that follows it."""

    shared: str
    deleted: str = ""
    inserted: str = ""

    @property
    def size(self) -> int:
        return max(len(self.deleted), len(self.inserted))


def _shared(pairs: Iterable[tuple[int, int]]) -> int:
    """How many pairs are equal from the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _pieces(spans: list[Span]) -> list[Piece]:
    """Flatten, giving up the small words shared by chance between larger changes: they hinder reading."""
    kept = spans[:1]
    for span in spans[1:]:
        last = kept[-1]
        if len(span.shared) <= min(CHANCE, last.size, span.size):
            last.deleted += span.shared + span.deleted
            last.inserted += span.shared + span.inserted
        else:
            kept.append(span)
    pieces: list[Piece] = []
    for span in kept:
        pieces += [("equal", span.shared), ("delete", span.deleted), ("insert", span.inserted)]
    return [(op, text) for op, text in pieces if text]
