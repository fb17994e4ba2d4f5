"""Working days against the calendars that the State publishes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habilis.common.working_days import (
    Place,
    add_months,
    add_working_days,
    easter,
    is_working_day,
    public_holidays,
)

# Easter Monday, Ascension, Whit Monday, as published by service-public.fr and in the calendars of the Journal officiel.
MOVING = {
    2019: ("22/04", "30/05", "10/06"),
    2020: ("13/04", "21/05", "01/06"),
    2021: ("05/04", "13/05", "24/05"),
    2022: ("18/04", "26/05", "06/06"),
    2023: ("10/04", "18/05", "29/05"),
    2024: ("01/04", "09/05", "20/05"),
    2025: ("21/04", "29/05", "09/06"),
    2026: ("06/04", "14/05", "25/05"),
    2027: ("29/03", "06/05", "17/05"),
    2028: ("17/04", "25/05", "05/06"),
    2029: ("02/04", "10/05", "21/05"),
    2030: ("22/04", "30/05", "10/06"),
}
FIXED = {"01/01", "01/05", "08/05", "14/07", "15/08", "01/11", "11/11", "25/12"}
WORKING_DAYS = {
    2019: 251, 2020: 253, 2021: 254, 2022: 253, 2023: 251, 2024: 252,
    2025: 251, 2026: 252, 2027: 254, 2028: 251, 2029: 252, 2030: 251,
}  # fmt: skip
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize("year", MOVING)
def test_knows_the_published_calendar(year):
    assert {f"{day:%d/%m}" for day in public_holidays(year)} == FIXED | set(MOVING[year])
    in_year = (date(year, 1, 1) + timedelta(n) for n in range(366))
    assert sum(is_working_day(day) for day in in_year if day.year == year) == WORKING_DAYS[year]


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1818, "22/03"),
        (1943, "25/04"),
        (1954, "18/04"),
        (1981, "19/04"),
        (2000, "23/04"),
        (2038, "25/04"),
        (2285, "22/03"),
    ],
)
def test_finds_easter_in_the_hard_years(year, day):
    assert f"{easter(year):%d/%m}" == day


@pytest.mark.parametrize(
    ("place", "extra"),
    [
        (Place.ALSACE_MOSELLE, {date(2026, 4, 3), date(2026, 12, 26)}),
        (Place.GUADELOUPE, {date(2026, 5, 27)}),
        (Place.MARTINIQUE, {date(2026, 5, 22)}),
        (Place.GUYANE, {date(2026, 6, 10)}),
        (Place.REUNION, {date(2026, 12, 20)}),
        (Place.MAYOTTE, {date(2026, 4, 27)}),
        (Place.SAINT_BARTHELEMY, {date(2026, 10, 9)}),
        (Place.SAINT_MARTIN, {date(2026, 5, 28)}),
    ],
)
def test_adds_the_days_of_a_place(place, extra):
    assert public_holidays(2026, place) - public_holidays(2026) == extra
    assert public_holidays(2026) < public_holidays(2026, place)


def test_works_on_good_friday_except_in_alsace_moselle():
    assert is_working_day(date(2026, 4, 3))
    assert not is_working_day(date(2026, 4, 3), Place.ALSACE_MOSELLE)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 4, 30), 1, date(2026, 5, 4)),  # 1 May is a Friday
        (date(2026, 5, 12), 2, date(2026, 5, 15)),  # Ascension on the 14th
        (date(2026, 5, 16), 1, date(2026, 5, 18)),  # from a Saturday
        (date(2026, 5, 16), 0, date(2026, 5, 18)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
        (date(2026, 1, 2), -1, date(2025, 12, 31)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 1, 1), 252, date(2026, 12, 31)),
    ],
)
def test_counts_working_days(start, count, expected):
    assert add_working_days(start, count) == expected


@given(days, st.integers(-60, 60).filter(bool))
def test_lands_on_the_working_day_that_closes_the_count(start, count):
    end = add_working_days(start, count)
    between = [start + timedelta(n) for n in range(1, (end - start).days + 1)]
    if count < 0:
        between = [end + timedelta(n) for n in range((start - end).days)]
    assert is_working_day(end)
    assert sum(is_working_day(day) for day in between) == abs(count)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_adds_months_to_the_end_of_a_short_one(start, count, expected):
    assert add_months(start, count) == expected


@given(days, st.integers(-240, 240))
def test_comes_back_by_the_months_it_went(start, count):
    there = add_months(start, count)
    assert (there.year * 12 + there.month) - (start.year * 12 + start.month) == count
    assert add_months(there, -count).replace(day=1) == start.replace(day=1)
    assert there.day == start.day or (there.day < start.day and (there + timedelta(1)).day == 1)
