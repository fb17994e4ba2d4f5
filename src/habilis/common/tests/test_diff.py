"""Keyed rows and texts compared."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habilis.common.diff import Difference, Verb, diff, same_text, words

FIELDS = ("code", "title")
rows = st.dictionaries(st.integers(0, 20), st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "x ", "y"])))


def test_names_the_fate_of_each_key_in_the_order_of_the_new_rows():
    before = {1: ("A", "one"), 2: ("B", "two"), 3: ("C", "three")}
    after = [(4, ("D", "four")), (2, ("B", "deux")), (1, ("A", "one"))]
    assert list(diff(before, after, FIELDS)) == [
        Difference(Verb.ADDED, 4, None, ("D", "four")),
        Difference(Verb.UPDATED, 2, ("B", "two"), ("B", "deux"), (("title", "two", "deux"),)),
        Difference(Verb.UNCHANGED, 1, ("A", "one"), ("A", "one")),
        Difference(Verb.REMOVED, 3, ("C", "three"), None),
    ]


def test_ignores_blanks_when_told_so():
    found = list(diff({1: ("A", "un  bloc")}, [(1, ("A", "un bloc\n"))], FIELDS, same=same_text))
    assert [item.verb for item in found] == [Verb.UNCHANGED]


def test_answers_while_it_reads():
    def endless():
        number = 0
        while True:
            number += 1
            yield number, ("A", "")

    assert next(diff({}, endless(), FIELDS)).key == 1


def test_refuses_a_key_given_twice():
    with pytest.raises(ValueError, match="7 is given twice"):
        list(diff({}, [(7, ("A", "")), (7, ("B", ""))], FIELDS))


def test_refuses_a_row_of_another_width():
    with pytest.raises(ValueError, match="zip"):
        list(diff({1: ("A", "")}, [(1, ("A",))], FIELDS))


@given(rows, rows)
def test_rebuilds_the_new_rows_from_the_old_ones(before, after):
    rebuilt = dict(before)
    for item in diff(before, after.items(), FIELDS):
        if item.verb == Verb.REMOVED:
            del rebuilt[item.key]
        elif item.verb == Verb.ADDED:
            rebuilt[item.key] = item.after
        else:
            changed = {field: now for field, _, now in item.changes}
            assert bool(changed) == (item.verb == Verb.UPDATED)
            rebuilt[item.key] = tuple(changed.get(field, was) for field, was in zip(FIELDS, item.before, strict=True))
    assert rebuilt == after


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("un bloc", "un\u00a0bloc", True),
        ("mot :", "mot:", True),
        ("a\r\nb", "a\nb ", True),
        ("", " ", True),
        ("bloc", "blocs", False),
        (None, "", False),
        (1, 1, True),
    ],
)
def test_sees_past_blanks_only(a, b, expected):
    assert same_text(a, b) is expected


def test_shows_a_changed_word():
    assert words("Développeur web junior", "Développeur mobile junior") == [
        ("equal", "Développeur"),
        ("delete", " web"),
        ("insert", " mobile"),
        ("equal", " junior"),
    ]


def test_shows_added_and_removed_texts():
    assert words("", "Bonjour") == [("insert", "Bonjour")]
    assert words("Bonjour", "") == [("delete", "Bonjour")]
    assert words("", "") == []
    assert words("Bonjour à tous", "Bonjour  à tous") == [("equal", "Bonjour  à tous")]


def test_keeps_a_short_word_inside_a_larger_change():
    pieces = words("gérer les comptes de la clientèle", "piloter les budgets de la direction")
    assert pieces == [
        ("delete", "gérer les comptes"),
        ("insert", "piloter les budgets"),
        ("equal", " de la"),
        ("delete", " clientèle"),
        ("insert", " direction"),
    ]


texts = st.text(alphabet="ab é.'\n", max_size=60) | st.text(max_size=40)


@given(texts, texts)
def test_gives_both_texts_back(before, after):
    pieces = words(before, after)
    assert "".join(text for op, text in pieces if op != "delete") == after
    assert same_text("".join(text for op, text in pieces if op != "insert"), before)
    assert all(text for _, text in pieces)
    assert all(one[0] != two[0] for one, two in zip(pieces, pieces[1:], strict=False))


@given(texts)
def test_finds_nothing_between_a_text_and_itself(text):
    assert words(text, text) == ([("equal", text)] if text else [])


def test_stays_cheap_on_huge_texts():
    before = " ".join(f"mot{number % 7919}" for number in range(100_000))
    after = " ".join(f"mot{number % 7907 + 1}" for number in range(100_000))
    tracemalloc.start()
    start = time.perf_counter()
    pieces = words(before, after)
    assert time.perf_counter() - start < 10
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()
    assert "".join(text for op, text in pieces if op != "delete") == after
