"""The order of the hits: one function for both engines, pure Python.

In this order: the number asked for; how many of the words asked are there, those in the title counting twice and those of
the body not at all; in force before closed; how well the title answers (words as typed before synonyms, nothing else in
the title); newer before older.
"""

from collections.abc import Collection, Set
from dataclasses import dataclass

from habilis.registers.queries.understanding import Group, Phrase, Question

IN_KEYWORDS = 0.4  # of the worth of the same words in the title
SYNONYM = 0.85  # of the worth of the words as typed; each further synonym a little less
FURTHER = 0.02
CLOSENESS = 0.6
WEAK_IN_TITLE, WEAK_IN_KEYWORDS = 0.05, 0.02
KNOWN_FIRST = {True: 2, None: 1, False: 0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit, as sets of stems, each within the next. A word asked that is in none is in the body, or nowhere."""

    place: int
    number: str
    own_title: Set[str]  # without the abbreviation
    title: Set[str]
    keywords: Set[str]


Merit = tuple[bool, int, int, float, int]


def merit(question: Question, candidate: Candidate, active: bool | None) -> Merit:
    """What sorts the candidates, the greatest first."""
    found = [best(group, candidate) for group in question.required if not group.stems.isdisjoint(candidate.keywords)]
    here = [each for each in found if each]
    words = {stem for _, _, phrase in here for stems in phrase for stem in stems}
    weak = question.weak
    closeness = len((words | weak) & candidate.own_title) / max(len(candidate.own_title), 1)
    weak_words = WEAK_IN_TITLE * len(weak & candidate.own_title) + WEAK_IN_KEYWORDS * len(weak & candidate.keywords)
    answer = sum(worth for worth, _, _ in here) / max(len(question.required), 1)
    return (
        is_asked(candidate.number, question.numbers),
        sum(1 + in_title for _, in_title, _ in here),
        KNOWN_FIRST[active],
        round(answer + CLOSENESS * closeness + weak_words, 4),
        -candidate.place,
    )


def best(group: Group, candidate: Candidate) -> tuple[float, bool, Phrase] | None:
    """The phrase of the group that is worth most in this certification: its worth, whether in the title, itself.

    Phrases are worth less and less, so that the first one in the title wins, else the first one in the keywords.
    """
    elsewhere = None
    for rank, phrase in enumerate(group.phrases):
        if holds(candidate.keywords, phrase):
            worth = SYNONYM - FURTHER * rank if rank else 1.0
            if holds(candidate.title, phrase):
                return worth, True, phrase
            elsewhere = elsewhere or (worth * IN_KEYWORDS, False, phrase)
    return elsewhere


def holds(words: Set[str], phrase: Phrase) -> bool:
    return all(not words.isdisjoint(stems) for stems in phrase)


def is_asked(number: str, numbers: Collection[str]) -> bool:
    """Numbers are full, or a rank when the register is not said."""
    return number in numbers or number.lstrip("RNCPS") in numbers
