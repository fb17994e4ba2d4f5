"""Search in French over the two registers: what was meant, the hits in one order on both engines, their facets.

The full-text engine says which certifications hold the words; `snapshot` filters and counts; `ranking` sorts. Figures at
national size are printed by the benchmark.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import combinations

from django.db.models import Q
from django.db.models.functions import Substr

from habilis.organisations.models import Organisation
from habilis.registers.models import Certification, CertifierLink, PublishedHabilitation, SearchEntry
from habilis.registers.queries import engine
from habilis.registers.queries.facets import Facet, FacetValue, Filters, count_facets, passing
from habilis.registers.queries.ranking import Candidate, holds, merit
from habilis.registers.queries.snapshot import Snapshot, snapshot
from habilis.registers.queries.understanding import TOKEN, Group, Question, corrected, understand
from habilis.registers.queries.words import label_stems, lowered, stem, stems

__all__ = ["Facet", "FacetValue", "Filters", "Hit", "Results", "facets", "highlight", "search"]

RANKED = 200  # hits sorted by merit; those beyond come in the order of their title and date
FEW = 5  # hits that are no answer by themselves, when none holds all the words in its title
MOST_CORRECTIONS = 6  # words
MOST_SUBSETS = 8  # groups; over that, a partial answer wants three groups in a row
CERTIFIER_NAMES = 3
SNIPPET_SOURCE = 1000  # characters
SNIPPET = 220
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
NO_FILTER = Filters()
RANKING_COLUMNS = [
    "certification_id",
    "certification__number",
    "title",
    "keywords",
    "certification__current_version__abbreviation",
    "certification__current_version__abbreviation_label",
]
SHOWN = (
    "pk",
    "number",
    "register",
    "current_version__title",
    "current_version__level",
    "current_version__abbreviation",
    "current_version__end_date",
    "text",
)


@dataclass(frozen=True, slots=True)
class Hit:
    certification_id: int
    number: str
    title: str
    register: str
    level: int | None
    abbreviation: str
    is_active: bool | None  # on the day of the search
    end_date: date | None
    certifiers: tuple[str, ...]  # the first ones, in the order of the fiche
    certifier_count: int
    snippet: str  # the sentence of the objectives that answers best; empty without words or without answer


@dataclass(frozen=True, slots=True)
class Results:
    """`understood`: what was searched when it is not what was typed. `ignored`: words that no fiche holds.

    `partial`: no fiche, or hardly any, holds all the other words: most hits hold some of them.
    """

    hits: tuple[Hit, ...]
    total: int
    question: Question
    understood: str | None = None
    ignored: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The hits before filters, newest first. `first`: those that come before the others when there are too many to rank."""

    question: Question
    places: list[int]
    understood: str | None = None
    ignored: tuple[str, ...] = ()
    partial: bool = False
    first: frozenset[int] = frozenset()


def search(text: str, *, on: date, filters: Filters = NO_FILTER, limit: int = 20, offset: int = 0) -> Results:
    """Hits from `offset` on. No text: all certifications, in force first, newest first."""
    facts = snapshot()
    found = find(text, facts)
    kept = passing(found.places, filters, facts, on)
    page = sorted_hits(found, kept, facts, on, offset + limit)[offset : offset + limit]
    hits = tuple(hits_of(page, found.question, facts, on))
    return Results(hits, len(kept), found.question, found.understood, found.ignored, found.partial)


def facets(text: str, *, on: date, filters: Filters = NO_FILTER) -> list[Facet]:
    """Each facet over the hits that the other filters let through."""
    facts = snapshot()
    return count_facets(find(text, facts).places, filters, facts, on)


# --- Which certifications ---------------------------------------------------------------------------------------------
def find(text: str, facts: Snapshot) -> Found:
    question = understand(text)
    found: Found = facts.once(question.text, lambda: with_level(answered(question, facts), facts))
    return found


def answered(question: Question, facts: Snapshot) -> Found:
    if question.identifier:
        return served_by(question, facts)
    if not question.groups:
        return Found(question, list(range(len(facts.ids))), question.told())
    if found := complete(question, facts):
        return found
    better, ignored = spelled(question, facts)
    found = complete(better, facts) if better != question and better.required else None
    found = found or nearly(better, facts)
    text = better.text if better.text != question.text else None
    return replace(found, ignored=ignored, understood=found.understood or text)


def complete(question: Question, facts: Snapshot) -> Found | None:
    """Certifications that hold every word; None when there are none."""
    wanted = question.required
    places = matched([wanted], facts)
    if not places:
        return None
    several = len(wanted) > 1
    first = frozenset(matched([wanted], facts, in_title=True)) if several or len(places) > RANKED else frozenset()
    if several and not first and (len(places) < FEW or is_scattered(question, places, facts)):
        return nearly(question, facts, places)
    return Found(question, places, question.told(), first=first)


def matched(wanted: Sequence[Sequence[Group]], facts: Snapshot, in_title: bool = False) -> list[int]:
    return facts.placed(engine.matching(wanted, in_title=in_title))


def is_scattered(question: Question, places: list[int], facts: Snapshot) -> bool:
    """Every hit holds one of the words in its body only: chance, more often than an answer."""
    if len(places) > RANKED:
        return False
    needed = [group.phrases for group in question.required]
    return not any(
        all(any(holds(one.keywords, phrase) for phrase in phrases) for phrases in needed)
        for one in candidates(places, facts)
    )


def nearly(question: Question, facts: Snapshot, complete: Sequence[int] = ()) -> Found:
    """Certifications that hold some of the words, in their title rather than anywhere, besides the complete ones."""
    for some in fewer(question.required):
        for in_title in (True, False):
            if places := matched(some, facts, in_title):
                return Found(question, sorted({*places, *complete}), question.told(), partial=True)
    return Found(question, list(complete), question.told())


def with_level(found: Found, facts: Snapshot) -> Found:
    """Keeps the level that the question names, unless no hit has it."""
    level = found.question.level
    places = [place for place in found.places if facts.levels[place] == level] if level else []
    return replace(found, places=places) if places else found


def served_by(question: Question, facts: Snapshot) -> Found:
    """Certifications that a body certifies, then those it is a partner for."""
    number = question.identifier
    bodies = list(Organisation.objects.filter(Q(siret=number) | Q(siren=number)).values_list("pk", "name"))
    ids = [pk for pk, _ in bodies]
    certified = CertifierLink.objects.current().filter(organisation__in=ids).values_list("certification_id", flat=True)
    prepared = PublishedHabilitation.objects.current().filter(organisation__in=ids)
    first = set(certified)
    places = facts.placed(first.union(prepared.values_list("certification_id", flat=True)))
    return Found(question, places, bodies[0][1] if bodies else None, first=frozenset(facts.placed(first)))


def spelled(question: Question, facts: Snapshot) -> tuple[Question, tuple[str, ...]]:
    """The question with its unknown words corrected, and the words that nothing resembles."""
    missing = [
        group for group, known in zip(question.required, engine.known(question.required), strict=True) if not known
    ]
    written = {group.start: question.text[group.start : group.end] for group in missing}
    nearest = {start: facts.vocabulary.nearest(word) for start, word in list(written.items())[:MOST_CORRECTIONS]}
    ignored = tuple(word for start, word in written.items() if not nearest.get(start))
    if not missing:
        return question, ()
    better = corrected(question, {start: word for start, word in nearest.items() if word})
    groups = tuple(group for group in better.groups if better.text[group.start : group.end] not in ignored)
    return replace(better, groups=groups), ignored


def fewer(wanted: Sequence[Group]) -> list[list[tuple[Group, ...]]]:
    """All the groups but one, then any of them; of a long question, three in a row, then any."""
    if len(wanted) < 2:
        return []
    if len(wanted) > MOST_SUBSETS:
        some = [tuple(wanted[start : start + 3]) for start in range(len(wanted) - 2)]
    else:
        some = list(combinations(wanted, len(wanted) - 1))
    return [some, [(group,) for group in wanted]] if len(wanted) > 2 else [some]


# --- In which order ---------------------------------------------------------------------------------------------------
def sorted_hits(found: Found, kept: list[int], facts: Snapshot, on: date, wanted: int) -> list[int]:
    order = roughly_sorted(found, kept, facts, on)
    if not found.question.groups:
        return order
    return by_merit(found.question, order[:RANKED], facts, on) + order[RANKED:wanted]


def roughly_sorted(found: Found, kept: list[int], facts: Snapshot, on: date) -> list[int]:
    """Words in the title first, short titles first among these; then in force first, and newest first."""
    if len(kept) <= RANKED and found.question.groups:
        return kept
    active, first, lengths = facts.active(on), found.first, facts.lengths
    titled = [place for place in kept if place in first] if first else []
    if found.question.groups:
        titled.sort(key=lengths.__getitem__)
    others = [place for place in kept if place not in first] if first else kept
    parts = [
        [place for place in part if bool(active[place]) is state]
        for part in (titled, others)
        for state in (True, False)
    ]
    return [place for part in parts for place in part]


def by_merit(question: Question, places: list[int], facts: Snapshot, on: date) -> list[int]:
    active = facts.active(on)
    merits = {one.place: merit(question, one, active[one.place]) for one in candidates(places, facts)}
    return sorted(merits, key=merits.__getitem__, reverse=True)


def candidates(places: list[int], facts: Snapshot) -> Iterator[Candidate]:
    """What the index says of the certifications at these places. One query."""
    entries = SearchEntry.objects.filter(pk__in=[facts.ids[place] for place in places]).order_by()
    for pk, number, title, keywords, code, label in entries.values_list(*RANKING_COLUMNS):
        every = frozenset(title.split())
        own = every - frozenset(label_stems(f"{code} {label}").split())
        yield Candidate(facts.places[pk], number, own or every, every, every.union(keywords.split()))


# --- What is shown ----------------------------------------------------------------------------------------------------
def hits_of(page: list[int], question: Question, facts: Snapshot, on: date) -> Iterator[Hit]:
    """Two queries, whatever the page."""
    ids = [facts.ids[place] for place in page]
    names: dict[int, dict[str, None]] = {pk: {} for pk in ids}
    links = CertifierLink.objects.current().filter(certification__in=ids).order_by("position", "id")
    for pk, name in links.values_list("certification_id", "name"):
        names[pk][name] = None
    rows = Certification.objects.filter(pk__in=ids).order_by()
    texts = rows.annotate(text=Substr("current_version__texts__objectives", 1, SNIPPET_SOURCE))
    by_id = {row[0]: row for row in texts.values_list(*SHOWN)}
    active = facts.active(on)
    for place, pk in zip(page, ids, strict=True):
        _, number, register, title, level, abbreviation, end, text = by_id[pk]
        certifiers = tuple(names[pk])
        yield Hit(
            certification_id=pk,
            number=number,
            title=title,
            register=register,
            level=level,
            abbreviation=abbreviation,
            is_active=active[place],
            end_date=end,
            certifiers=certifiers[:CERTIFIER_NAMES],
            certifier_count=len(certifiers),
            snippet=snippet(text or "", question),
        )


def highlight(text: str, query: str | Question) -> list[tuple[bool, str]]:
    """The text in parts, each with whether it answers the query: words of the same stem, expressions when they are whole.

    `query`: what was typed, or better `Results.question`, where typing errors are corrected.
    """
    question = asked(query) if isinstance(query, str) else query
    words = [(found.start(), found.end(), stem(lowered(found[0]).strip())) for found in TOKEN.finditer(text)]
    wanted = answering(question, frozenset(word for _, _, word in words))
    parts: list[tuple[bool, str]] = []
    end = 0
    for start, stop, word in words:
        if word in wanted:
            parts += [(False, text[end:start]), (True, text[start:stop])]
            end = stop
    return [part for part in (*parts, (False, text[end:])) if part[1]]


def answering(question: Question, words: frozenset[str]) -> frozenset[str]:
    """The stems to mark among the words of a text: those typed, and those of the synonyms that are there in full."""
    phrases = [phrase for group in question.required for phrase in group.phrases[1:] if holds(words, phrase)]
    typed = [group.phrases[0] for group in question.groups]
    return frozenset(each for phrase in (*phrases, *typed) for either in phrase for each in either)


def snippet(text: str, question: Question) -> str:
    """The sentence that holds most of the words asked, cut around the first of them."""
    best, most, wanted = "", 0, question.stems
    for sentence in SENTENCE_END.split(text) if wanted else ():
        count = len(wanted.intersection(stems(sentence)))
        if count > most:
            best, most = " ".join(sentence.split()), count
    if len(best) <= SNIPPET:
        return best
    before = next(iter(highlight(best, question)))
    start = max(0, len(before[1]) - SNIPPET // 3) if not before[0] else 0
    start = best.rfind(" ", 0, start) + 1
    kept = best[start:] if len(best) - start <= SNIPPET else best[start : start + SNIPPET].rsplit(" ", 1)[0] + " …"
    return "… " + kept if start else kept


asked = lru_cache(maxsize=256)(understand)
