"""Hypothesis strategies of complete, invented fiches, with every branch of the format and awkward characters."""

import re
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from habilis.registers.exchange.xml_reader import LEVELS
from habilis.registers.records import FIELDS, TEXTS, Fiche
from habilis.registers.tests.factories import a_siret

# U+FFFE and U+FFFF exist neither in XML nor in any real text; control characters are tested apart.
LETTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
AWKWARD = st.text("&<>]\"';=+-@é’\n\tb1 ", max_size=12)
PHRASES = st.sampled_from(
    ("", "a]]>b", "<b>&amp;</b>", "d''été", "=1+1", "'=1", "12 : Études", "deux\n\nlignes", "Été")
)
DATES = st.dates(date(1950, 1, 1), date(2060, 1, 1))
BOOLEANS = st.sampled_from((True, False, None))
RATES = st.none() | st.integers(0, 10_000).map(lambda hundredths: (Decimal(hundredths) / 100).quantize(Decimal("0.01")))
COUNTS = st.none() | st.integers(0, 9_999)
STATES = st.sampled_from(("active", "inactive", "removed"))
NUMBERS = st.tuples(st.sampled_from(("RNCP", "RS")), st.integers(1, 99_999)).map(lambda pair: f"{pair[0]}{pair[1]}")
SIRETS = st.sampled_from(("", *(a_siret(rank) for rank in range(20))))


def texts(size: int = 40, least: int = 0) -> st.SearchStrategy[str]:
    """Texts as a reader keeps them: without blanks around."""
    found = PHRASES | AWKWARD | st.text(LETTERS, max_size=size)
    return found.map(lambda text: text[:size].strip()).filter(lambda text: len(text) >= least)


def names() -> st.SearchStrategy[str]:
    return texts(60, least=1)


def codes() -> st.SearchStrategy[str]:
    return st.from_regex(r"[A-Z0-9]{1,13}", fullmatch=True)


def joined_codes() -> st.SearchStrategy[str]:
    return st.lists(codes(), max_size=3).map(" ".join)


@st.composite
def fields(draw: st.DrawFn) -> dict:
    level_code = draw(st.sampled_from(("", "AUCUN", *(f"NIV{level}" for level in range(3, 9)))))
    given_values = {
        "title": draw(names()),
        "level": LEVELS.get(level_code),
        "level_code": level_code,
        "level_label": draw(texts(20)) if level_code else "",
        "kind": draw(st.sampled_from(("as_of_right", "on_request"))),
        "duration_years": draw(st.none() | st.integers(1, 5)),
        "fiche_id": draw(st.integers(1, 99_999)),
        "abbreviation": draw(texts(12)),
        "abbreviation_label": draw(texts(36)),
        "editorial_state": draw(st.sampled_from(("Publiée", "Dépubliée/Archivée", "Modifications à valider"))),
        "promotion_years": draw(st.lists(st.integers(2000, 2030).map(str), max_size=3).map(" ".join)),
        "url": draw(texts(60)),
        "is_active": draw(st.booleans()),
        "has_partners": draw(st.booleans()),
    }
    for name in ("in_new_caledonia", "in_french_polynesia", "partial_validation"):
        given_values[name] = draw(BOOLEANS)
    for name in FIELDS:
        if name.endswith("_date"):
            given_values[name] = draw(st.none() | DATES)
    return {name: given_values[name] for name in FIELDS}


@st.composite
def code_rows(draw: st.DrawFn) -> list:
    rows = []
    for system in ("FORMACODE", "NSF", "ROME", "IDCC"):
        # The CSV of ROME doubles apostrophes, so two in a row are read as one.
        labels = draw(
            st.lists(st.tuples(codes(), names().map(lambda label: re.sub("'+", "'", label))), max_size=3, unique=True)
        )
        rows += [(system, code, label, position) for position, (code, label) in enumerate(labels, 1)]
    slots = draw(st.sets(st.sampled_from((1, 2, 3))))
    return rows + [("CCN", draw(codes()), draw(names()), slot) for slot in sorted(slots)]


@st.composite
def lists(draw: st.DrawFn, *, is_rs: bool) -> dict:
    def some(*columns: st.SearchStrategy, most: int = 3) -> list:
        return draw(st.lists(st.tuples(*columns), max_size=most))

    routes = [route for route in ("FI", "CA", "FC", "CQ", "CL", "VAE") if not (is_rs and route == "CA")]
    kinds = ("general", "creation", "other")
    lineage = draw(st.lists(NUMBERS, max_size=3, unique=True)), draw(st.lists(NUMBERS, max_size=3, unique=True))
    return {
        "blocks": some(codes(), names(), texts(), texts(), texts(), texts()),
        "routes": [(route, draw(st.booleans()), draw(texts()), draw(st.none() | DATES)) for route in routes],
        "codes": draw(code_rows()),
        "legal_texts": [(kind, *row) for kind in kinds for row in some(names(), st.none() | DATES, most=2)],
        "statistics": some(st.integers(2000, 2030), st.integers(0, 9_999), COUNTS, RATES, RATES),
        "correspondences": some(joined_codes(), NUMBERS, joined_codes()),
        "lineage": [("replaced_by", number) for number in lineage[0]] + [("replaces", number) for number in lineage[1]],
    }


@st.composite
def fiches(draw: st.DrawFn, numbers: st.SearchStrategy[str] = NUMBERS) -> Fiche:
    """A complete fiche, lists in the order of the XML."""
    number = draw(numbers)
    dates = st.none() | DATES
    certifiers = st.tuples(SIRETS, names(), st.sampled_from(("active", "inactive")), dates, texts(), texts())
    partners = st.tuples(SIRETS, names(), st.sampled_from(("prepare", "assess", "both")), STATES, dates, dates)
    return Fiche(
        number=number,
        fields=draw(fields()),
        texts={name: draw(texts()) for name in TEXTS},
        lists=draw(lists(is_rs=number.startswith("RS"))),
        certifiers=draw(st.lists(certifiers, min_size=1, max_size=3)),
        habilitations=draw(st.lists(partners, max_size=4)),
    )


def registers(size: int = 4) -> st.SearchStrategy[list[Fiche]]:
    """Fiches of distinct numbers, in the order of an export."""
    found = st.lists(fiches(), min_size=1, max_size=size, unique_by=lambda fiche: fiche.number)
    return found.map(lambda fiches: sorted(fiches, key=lambda fiche: (fiche.register, fiche.rank)))
