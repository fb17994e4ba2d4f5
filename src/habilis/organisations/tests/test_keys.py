"""Keys of the numbers, as properties: one key fits, and a wrong digit never passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habilis.organisations.models import has_valid_key, has_valid_siren_key, has_valid_uai_key, is_nda
from habilis.organisations.models.keys import LA_POSTE, UAI_LETTERS

DIGITS = "0123456789"


def numbers(size: int):
    return st.text(DIGITS, min_size=size, max_size=size)


def siret_bodies():
    return numbers(13).filter(lambda number: not number.startswith(LA_POSTE))


@given(siret_bodies())
def test_one_key_fits_a_siret(body):
    assert sum(has_valid_key(body + key) for key in DIGITS) == 1


@given(numbers(8))
def test_one_key_fits_a_siren(body):
    assert sum(has_valid_siren_key(body + key) for key in DIGITS) == 1


@given(numbers(4))
def test_two_keys_fit_an_establishment_of_the_post(nic):
    """The sum of digits modulo 5: weaker than Luhn, twice as many numbers pass. The head office keeps its Luhn key."""
    exact = [key for key in DIGITS if has_valid_key(LA_POSTE + nic + key) and nic + key != "00048"]
    assert len(exact) == (1 if nic == "0004" and sum(map(int, LA_POSTE + nic + "8")) % 5 == 0 else 2)


@pytest.mark.parametrize(("check", "size"), [(has_valid_key, 14), (has_valid_siren_key, 9)])
@given(data=st.data())
def test_a_wrong_digit_is_noticed(check, size, data):
    number = data.draw(siret_bodies() if size == 14 else numbers(size - 1))
    exact = next(number + key for key in DIGITS if check(number + key))
    place = data.draw(st.integers(9 if size == 14 else 0, size - 1))
    other = data.draw(st.sampled_from([digit for digit in DIGITS if digit != exact[place]]))
    assert not check(exact[:place] + other + exact[place + 1 :])


@given(numbers(7))
def test_one_letter_fits_a_uai(body):
    assert [letter for letter in UAI_LETTERS if has_valid_uai_key(body + letter)] == [UAI_LETTERS[int(body) % 23]]


@pytest.mark.parametrize("number", ["", "356000001", "35600000", "3560000000", "35600000O", "٣56000000"])
def test_what_is_no_siren_is_refused(number):
    assert has_valid_siren_key("356000000")
    assert not has_valid_siren_key(number)


@pytest.mark.parametrize("uai", ["", "0000000I", "0000001b", "0000001B\n", "000001B", "00000001B", "٠000001B"])
def test_what_is_no_uai_is_refused(uai):
    assert has_valid_uai_key("0000001B")
    assert not has_valid_uai_key(uai)


@pytest.mark.parametrize("number", ["", "1199999999", "119999999999", "1199999999X", "11999999999\n", "１1999999999"])
def test_what_is_no_declaration_number_is_refused(number):
    assert is_nda("11999999999")
    assert not is_nda(number)
