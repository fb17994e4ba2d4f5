"""The rule of words: what one types and what a fiche says come to the same stems."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habilis.registers.queries.spelling import Vocabulary, sound
from habilis.registers.queries.understanding import synonyms, understand
from habilis.registers.queries.words import search_document, stem, stems
from habilis.registers.records import Fiche


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("boulanger", "boulangère"),
        ("coiffeurs", "coiffeuse"),
        ("développeur", "développeuses"),
        ("conducteur", "conductrice"),
        ("éducateur", "éducatrices"),
        ("infirmier", "infirmiere"),
        ("technicien", "techniciennes"),
        ("œnologie", "oenologie"),
        ("métiers", "MÉTIER"),
        ("jeux", "jeu"),
        ("arts", "art"),
        ("comptable", "comptabilité"),
    ],
)
def test_stems_meet_whatever_the_form(one, other):
    assert stems(one) == stems(other) != []


@pytest.mark.parametrize(("one", "other"), [("DEAS", "DEES"), ("BTS", "BT"), ("CAP", "CAPA"), ("C++", "C#")])
def test_stems_keep_abbreviations_apart(one, other):
    assert stems(one) != stems(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’ingénieur d'affaires", ["ingenieur", "affair"]),
        ("qu’il n'y ait", ["y", "ait"]),
        ("C++, C# et .NET", ["cplusplus", "csharp", "dotnet"]),
        ("Grade_Master", ["grad", "mast"]),
        ("RNCP37674", ["rncp37674"]),
        ("« 3D » (niveau B2)", ["3d", "niveau", "b2"]),
        ("de la, le les", []),
        ("Ελλάδα 中文 \0 😀 \ud800", []),
    ],
)
def test_stems_of_a_text(text, expected):
    assert stems(text) == expected


@given(st.text(max_size=200))
def test_stems_are_ascii_whatever_the_text(text):
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in stems(text))


@given(st.text(max_size=200))
def test_understanding_never_fails_and_lets_nothing_but_stems_through(text):
    question = understand(text)
    assert all(word.isascii() and word.isalnum() for word in question.stems)
    for group in question.groups:
        assert 0 <= group.start < group.end <= len(question.text)
        assert all(group.phrases)


def test_stem_of_an_endless_word_is_bounded():
    assert len(stem("z" * 5000)) <= 40


def test_search_document_of_a_fiche():
    fiche = Fiche(
        "RNCP37674",
        fields={"title": "Développeur web", "abbreviation": "TP", "abbreviation_label": "Titre professionnel"},
        texts={"jobs": "Intégrateur web\nDéveloppeur", "sectors": "Numérique", "objectives": "Créer des sites. " * 100},
        lists={
            "codes": [("ROME", "M1805", "Études et développement", 1), ("IDCC", "1486", "Bureaux d’études", 1)],
            "blocks": [("RNCP37674BC01", "Sécuriser une application", "hors index", "", "", "")],
        },
        certifiers=[("", "MINISTÈRE DU TRAVAIL", "active", None, "", "")],
    )
    title, keywords, body = search_document(fiche)
    assert title == "developpeur web tp titr professionnel"
    assert keywords == "rncp37674 37674 m1805 etud developp minist travail integr web developpeur"
    assert body == "securis appliqu numer cre sit"


def test_search_document_of_an_empty_fiche():
    assert search_document(Fiche("RS1")) == ("", "rs1 1", "")


def test_search_document_does_not_cut_a_word():
    objectives = "mot " * 149 + "anglais"  # the limit falls within the last word
    assert search_document(Fiche("RS1", texts={"objectives": objectives}))[2] == "mot"


def test_words_load_without_django():
    script = "import sys, habilis.registers.queries.words; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("rncp 37674", {"RNCP37674"}),
        ("RNCP n° 37674", {"RNCP37674"}),
        ("Rs5719", {"RS5719"}),
        ("RNCP-037674", {"RNCP37674"}),
        ("RNCP37674BC01", {"RNCP37674"}),
        ("37674", {"37674"}),
        ("fiche numéro 37674", {"37674"}),
        ("CAP 2025", set()),
        ("RNCP", set()),
        ("coursier rsa", set()),
    ],
)
def test_understanding_reads_numbers(text, numbers):
    assert understand(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("12345678900012", "12345678900012"),
        ("123 456 789 00012", "12345678900012"),
        ("SIRET : 123.456.789-00012", "12345678900012"),
        ("siren 123 456 789", "123456789"),
        ("1234567890", ""),
    ],
)
def test_understanding_reads_identifiers(text, identifier):
    assert understand(text).identifier == identifier


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("comptable niveau 5", 5),
        ("niv. 6 droit", 6),
        ("bac+2 tourisme", 5),
        ("immobilier Bac + 5", 7),
        ("niveau B2", None),
    ],
)
def test_understanding_reads_levels(text, level):
    assert understand(text).level == level


def test_understanding_takes_the_longest_expression():
    (group,) = understand("dev web").groups
    assert (("developpeur",), ("web",)) in group.phrases


def test_understanding_drops_the_words_that_say_why():
    assert [group.stems for group in understand("je veux devenir fleuriste").required] == [
        understand("fleuriste").groups[0].stems
    ]


def test_understanding_keeps_weak_words_alone():
    assert len(understand("formation").required) == 1


def test_synonyms_are_all_usable():
    """Every expression has words, and no line says the same thing twice."""
    assert len(synonyms()) > 1000
    assert all(key and all(understand(other.text).groups for other in others) for key, others in synonyms().items())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("boulnger", "boulanger"),
        ("fotografe", "photographe"),
        ("chodronier", "chaudronnier"),
        ("electrissien", "électricien"),
        ("informat", "informatique"),
        ("xkcdqz", None),
        ("zzz", None),
        ("12345", None),
    ],
)
def test_vocabulary_finds_the_nearest_word(typed, meant):
    texts = ["Boulanger", "Photographe", "Chaudronnier", "Coordonner", "Électricien", "Informatique", "Informatique"]
    assert Vocabulary(texts).nearest(typed) == meant


def test_sounds_alike_are_written_alike():
    assert sound("chodronier") == sound("chaudronnier")
    assert sound("boulanger") != sound("coiffeur")
