"""The order of the hits: one function for both engines, pure Python.

In this order: the number asked for; how many of the words asked are in the title or the keywords; how many in the title;
in force before closed; how well the title answers (words as typed before synonyms, nothing else in the title); newer
before older.
"""

from collections.abc import Collection, Set
from dataclasses import dataclass

from habilis.registers.queries.understanding import Group, Phrase, Question

IN_TITLE, IN_KEYWORDS = 2, 1
WORTH = {IN_TITLE: 1.0, IN_KEYWORDS: 0.4}
SYNONYM = 0.85  # of the worth of the words as typed; each further synonym a little less
FURTHER = 0.02
CLOSENESS = 0.6
WEAK_IN_TITLE, WEAK_IN_KEYWORDS = 0.05, 0.02
KNOWN_FIRST = {True: 2, None: 1, False: 0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit, as sets of stems. A word asked that is in none of them is in the body of the fiche, or nowhere."""

    place: int
    number: str
    title: Set[str]
    abbreviation: Set[str]
    keywords: Set[str]


Merit = tuple[bool, int, int, int, float, int]


def merit(question: Question, candidate: Candidate, active: bool | None) -> Merit:
    """What sorts the candidates, the greatest first."""
    title = candidate.title | candidate.abbreviation
    keywords = title | candidate.keywords
    found = list(filter(None, (best(group, title, keywords) for group in question.required)))
    words = {stem for _, _, phrase in found for stems in phrase for stem in stems}
    weak = {stem for group in question.groups if group.optional for stem in group.stems}
    closeness = len((words | weak) & candidate.title) / max(len(candidate.title), 1)
    weak_words = WEAK_IN_TITLE * len(weak & candidate.title) + WEAK_IN_KEYWORDS * len(weak & candidate.keywords)
    answer = sum(worth for worth, _, _ in found) / max(len(question.required), 1)
    return (
        is_asked(candidate.number, question.numbers),
        len(found),
        sum(where == IN_TITLE for _, where, _ in found),
        KNOWN_FIRST[active],
        round(answer + CLOSENESS * closeness + weak_words, 4),
        -candidate.place,
    )


def best(group: Group, title: Set[str], keywords: Set[str]) -> tuple[float, int, Phrase] | None:
    """The phrase of the group that is worth most in this certification: its worth, where it is, itself."""
    found = None
    for rank, phrase in enumerate(group.phrases):
        if holds(keywords, phrase):
            where = IN_TITLE if holds(title, phrase) else IN_KEYWORDS
            worth = WORTH[where] * (SYNONYM - FURTHER * rank if rank else 1)
            if found is None or worth > found[0]:
                found = worth, where, phrase
    return found


def holds(words: Set[str], phrase: Phrase) -> bool:
    return all(any(stem in words for stem in stems) for stems in phrase)


def is_asked(number: str, numbers: Collection[str]) -> bool:
    """Numbers are full, or a rank when the register is not said."""
    return number in numbers or number.lstrip("RNCPS") in numbers
