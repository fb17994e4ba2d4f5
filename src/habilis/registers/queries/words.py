"""Words of the search index: one rule for texts and for questions, pure Python, the same on both database engines.

The rule: lower case, ligatures opened, words of letters and digits, feminine brought to the masculine, French Snowball
stem, accents stripped after stemming. Words without meaning (articles, prepositions, elisions) give nothing.
Every stem is ASCII letters and digits, so that neither engine can cut it in another way.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from Stemmer import Stemmer

from habilis.registers.records import Fiche

# Kept whole with their apostrophe, so that "l'", "qu'" fall in the same dictionary look-up as the words.
WORD = re.compile(r"[^\W_]+['’]?")
APOSTROPHES = "'’"
# Names that the rule of letters and digits would mutilate.
SPECIAL = re.compile(r"(?<!\w)(?:c\+\+|[cf]#|\.net\b)")
SPECIAL_NAMES = {"c++": " cplusplus ", "c#": " csharp ", "f#": " fsharp ", ".net": " dotnet "}
ELISIONS = frozenset(["l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"])
# fmt: off
STOP_WORDS = frozenset([
    "de", "du", "des", "le", "la", "les", "un", "une", "et", "ou", "où", "à", "a", "au", "aux", "en", "dans", "par",
    "pour", "sur", "sous", "avec", "sans", "chez", "vers", "entre", "dont", "ce", "cet", "cette", "ces", "il", "elle",
    "ils", "elles", "on", "leur", "leurs", "qui", "que", "quoi", "ne",
])
# fmt: on
LONGEST_WORD = 40  # letters; a longer run is cut: no French word reaches it
KNOWN_WORDS = 400_000  # the national export holds about 100,000 distinct written forms

# How much of each long text is read, in characters; titles and labels are read whole.
JOBS_LENGTH = 1200
SECTORS_LENGTH = 400
OBJECTIVES_LENGTH = 600
CERTIFIERS = 150
BLOCKS = 30

# Feminine endings of job names, brought to the masculine before the stem: Snowball alone keeps them apart.
FEMININE = re.compile(r"(?:(?<=\w{3})(eus)|(?<=\w\wt)(ric)|(?<=\w{3})([eè]r))e(s?)$")
VOWEL = re.compile(r"[aeiouyàâäéèêëîïôöùûü]")
PLURAL = re.compile(r"(?<![aeiou][ae])[sx]$")  # of the short words that Snowball would cut: arts, jeux; not DEAS, DEES
FRENCH: Callable[[str], str] = Stemmer("french", 0).stemWord

_stems: dict[str, str] = {}
_labels: dict[str, str] = {}


def without_accents(word: str) -> str:
    """ASCII letters and digits of a word; other scripts give nothing."""
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Stem of one lower-case word, or "" when it carries no meaning. About 5 µs: texts go through a dictionary."""
    if word[-1:] in APOSTROPHES:
        word = word[:-1]
        if word in ELISIONS:
            return ""
    if word in STOP_WORDS:
        return ""
    word = word[:LONGEST_WORD]
    if word.isalpha() and VOWEL.search(word):  # not an abbreviation: BTS, DWWM
        if len(word) == 4:
            word = PLURAL.sub("", word)
        elif len(word) > 4:
            word = FRENCH(FEMININE.sub(masculine, word))
    return without_accents(word)


def masculine(found: re.Match[str]) -> str:
    """coiffeuse → coiffeur, conductrice → conducteur, boulangère → boulanger."""
    return ("er" if found[3] else "eur") + found[4]


def lowered(text: str) -> str:
    """Text ready to be cut in words: one form for each letter, lower case, ligatures opened, programming languages named."""
    text = unicodedata.normalize("NFKC", text).lower()
    if not text.isascii():
        text = text.replace("œ", "oe").replace("æ", "ae").replace("ʼ", "'")
    if "+" in text or "#" in text or ".n" in text:
        text = SPECIAL.sub(lambda found: SPECIAL_NAMES[found[0]], text)
    return text


def stems(text: str) -> list[str]:
    """Stems of a text in order, meaningless words left out."""
    known = _stems
    out = []
    for word in WORD.findall(lowered(text)):
        found = known.get(word)
        if found is None:
            found = stem(word)
            if len(known) < KNOWN_WORDS:
                known[word] = found
        if found:
            out.append(found)
    return out


def label_stems(label: str) -> str:
    """Stems of a label that many fiches share (codes, certifiers): each label is cut once per process."""
    found = _labels.get(label)
    if found is None:
        found = " ".join(stems(label))
        if len(_labels) < KNOWN_WORDS:
            _labels[label] = found
    return found


def search_document(fiche: Fiche) -> tuple[str, str, str]:
    """Title, keywords and body of a complete fiche as stemmed texts, most telling first; a word counts once per text.

    Cost: about 100 µs on national data once the dictionaries are warm; long texts are read in part.
    """
    fields, texts = fiche.fields, fiche.texts
    title = " ".join(
        (fields.get("title") or "", fields.get("abbreviation") or "", fields.get("abbreviation_label") or "")
    )
    labels = [f"{code} {label}" for system, code, label, _ in fiche.lists.get("codes", ()) if system in INDEXED_SYSTEMS]
    names = [row[1] for row in (fiche.certifiers or ())[:CERTIFIERS]]
    blocks = " ".join(row[1] or "" for row in fiche.lists.get("blocks", ())[:BLOCKS])
    keywords = [f"{fiche.number.lower()} {fiche.rank}", *map(label_stems, labels), *map(label_stems, names)]
    keywords += stems(start_of(texts.get("jobs", ""), JOBS_LENGTH))
    body = "\n".join(
        (
            blocks,
            start_of(texts.get("sectors", ""), SECTORS_LENGTH),
            start_of(texts.get("objectives", ""), OBJECTIVES_LENGTH),
        )
    )
    return " ".join(stems(title)), once(keywords), once(stems(body))


INDEXED_SYSTEMS = frozenset(("NSF", "ROME", "FORMACODE"))


def start_of(text: str, length: int) -> str:
    """The beginning of a text, without the word that the limit would cut."""
    return text if len(text) <= length else text[:length].rpartition(" ")[0]


def once(parts: Iterable[str]) -> str:
    """The words of the parts in order of first appearance."""
    return " ".join(dict.fromkeys(" ".join(parts).split()))
