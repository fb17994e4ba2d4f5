"""Nearest known word for a mistyped one. Pure Python: the words come from the caller."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from habilis.registers.queries.understanding import typed_words
from habilis.registers.queries.words import WORD, lowered, stem, without_accents

SHORTEST = 4  # letters: under that, another word is as likely as an error
CANDIDATES = 20
# What sounds alike in French is written alike here, in this order.
SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"),
        ("eau|au", "o"),
        ("sch|sh", "ch"),
        ("ck|qu|k|c(?![ehiy])", "q"),
        ("c(?=[eiy])|ss|ti(?=on)", "s"),
        ("ge(?=[ao])|j", "g"),
        ("ai|ei", "e"),
        ("am|an|em|en(?!$)", "an"),
        ("y", "i"),
        ("(?<!c)h", ""),
        ("(.)\\1+", r"\1"),
        ("(?<=..)(?:e|s|x|t|er|ez|es)$", ""),
    )
)


def sound(word: str) -> str:
    """How a word without accents sounds, roughly."""
    for pattern, written in SOUNDS:
        word = pattern.sub(written, word)
    return word


class Vocabulary:
    """Written forms of the words of the register and of the synonyms, with how often they come."""

    def __init__(self, texts: Iterable[str]) -> None:
        written: Counter[str] = Counter()
        for text in texts:
            written.update(WORD.findall(lowered(text)))
        self.counts: Counter[str] = Counter()  # by form without accents
        self.forms: dict[str, str] = {}  # its most frequent accented form
        for word, count in written.most_common():
            self.add(word, count)
        for word in typed_words():
            self.add(word, 1)
        self.ordered = sorted(self.counts)
        self.sounds: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.ordered:
            self.sounds[sound(word)].append(word)

    def add(self, word: str, count: int) -> None:
        plain = without_accents(word.rstrip("'’"))
        if len(plain) >= SHORTEST and plain.isalpha() and stem(word):
            self.counts[plain] += count
            self.forms.setdefault(plain, word)

    def nearest(self, word: str) -> str | None:
        """The known word that this one was meant to be, or its most frequent continuation. About 5 ms at national size."""
        plain = without_accents(lowered(word))
        if len(plain) < SHORTEST or not plain.isalpha():
            return None
        allowed = 1 if len(plain) <= 5 else 2 if len(plain) <= 8 else 3
        near = process.extract(plain, self.ordered, scorer=OSA.distance, score_cutoff=allowed, limit=CANDIDATES)
        heard = sound(plain)
        others = {other for other, _, _ in near} | set(self.sounds.get(heard, ()))
        distance, _, _, best = min((self.distance(plain, heard, other) for other in others), default=(99, 0, 0, ""))
        longer = [other for other in self.ordered if other.startswith(plain)]
        if longer and distance > 1:
            best = max(longer, key=self.counts.__getitem__)
        return self.forms[best] if best else None

    def distance(self, plain: str, heard: str, other: str) -> tuple[int, bool, int, str]:
        """What sorts the candidates: letters that differ, in writing and in sound; then the first letter, then use."""
        letters = OSA.distance(plain, other) + OSA.distance(heard, sound(other))
        return letters, other[0] != plain[0], -self.counts[other], other
