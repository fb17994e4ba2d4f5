"""The order of the hits: one function for both engines, pure Python.

In this order: the number asked for; how many of the words asked are there; where they are (title, keywords, body); in force
before closed; how well the title answers (words as typed before synonyms, nothing else in the title); newer before older.
"""

from collections.abc import Collection, Set
from dataclasses import dataclass

from habilis.registers.queries.understanding import Group, Phrase, Question

IN_TITLE, IN_KEYWORDS, IN_BODY = 2, 1, 0
WORTH = {IN_TITLE: 1.0, IN_KEYWORDS: 0.4, IN_BODY: 0.15}
SYNONYM = 0.85  # of the worth of the words as typed; each further synonym a little less
FURTHER = 0.02
CLOSENESS = 0.6
WEAK_WORD = 0.05
KNOWN_FIRST = {True: 2, None: 1, False: 0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit, as the index has it. `body` is None when it was not read: then every word asked is known to be somewhere."""

    place: int
    number: str
    title: Set[str]
    abbreviation: Set[str]
    keywords: Set[str]
    body: Set[str] | None
    active: bool | None


Merit = tuple[bool, int, int, int, float, int]


def merit(question: Question, candidate: Candidate) -> Merit:
    """What sorts the candidates, the greatest first."""
    title = candidate.title | candidate.abbreviation
    keywords = title | candidate.keywords
    body = None if candidate.body is None else keywords | candidate.body
    found = [best(group, (title, keywords, body)) for group in question.required]
    here = [each for each in found if each]
    words = {stem for _, _, phrase in here for stems in phrase for stem in stems}
    weak = {stem for group in question.groups if group.optional for stem in group.stems} & candidate.title
    answer = sum(worth for worth, _, _ in here) / max(len(found), 1)
    closeness = len((words | weak) & candidate.title) / max(len(candidate.title), 1)
    return (
        is_asked(candidate.number, question.numbers),
        len(here),
        min((where for _, where, _ in here), default=0),
        KNOWN_FIRST[candidate.active],
        round(answer + CLOSENESS * closeness + WEAK_WORD * len(weak), 4),
        -candidate.place,
    )


def best(group: Group, places: tuple[Set[str], Set[str], Set[str] | None]) -> tuple[float, int, Phrase] | None:
    """The phrase of the group that is worth most in this certification: its worth, where it is, itself."""
    found = None
    for rank, phrase in enumerate(group.phrases):
        where = place_of(phrase, places)
        if where is not None:
            worth = WORTH[where] * (SYNONYM - FURTHER * rank if rank else 1)
            if found is None or worth > found[0]:
                found = worth, where, phrase
    return found


def place_of(phrase: Phrase, places: tuple[Set[str], Set[str], Set[str] | None]) -> int | None:
    title, keywords, body = places
    if holds(title, phrase):
        return IN_TITLE
    if holds(keywords, phrase):
        return IN_KEYWORDS
    return IN_BODY if body is None or holds(body, phrase) else None


def holds(words: Set[str], phrase: Phrase) -> bool:
    return all(any(stem in words for stem in stems) for stems in phrase)


def is_asked(number: str, numbers: Collection[str]) -> bool:
    """Numbers are full, or a rank when the register is not said."""
    return number in numbers or number.lstrip("RNCPS") in numbers
