"""Nearest known word for a mistyped one. Pure Python: the words come from the caller."""

from collections import Counter
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from habilis.registers.queries.understanding import typed_words
from habilis.registers.queries.words import WORD, lowered, stem, without_accents

SHORTEST = 4  # letters: under that, another word is as likely as an error
CANDIDATES = 20


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
        ranked = sorted(
            (int(distance), other[0] != plain[0], -self.counts[other], other) for other, distance, _ in near
        )
        longer = max(
            (other for other in self.ordered if other.startswith(plain)), key=self.counts.__getitem__, default=""
        )
        if longer and not (ranked and ranked[0][0] == 1):
            return self.forms[longer]
        return self.forms[ranked[0][3]] if ranked else None
