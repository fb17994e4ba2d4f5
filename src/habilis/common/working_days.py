"""French working days: Monday to Friday, save public holidays (Code du travail, art. L.3133-1).

The national list holds everywhere; some places add days of their own (local law of Alsace-Moselle; commemoration of the
abolition of slavery overseas, décret n° 83-1003). Customary days off and bridge days are unknown here.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from functools import cache


class Place(StrEnum):
    """Where the deadline runs: `MAINLAND` has the national list only."""

    MAINLAND = "mainland"
    ALSACE_MOSELLE = "alsace_moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    REUNION = "reunion"
    MAYOTTE = "mayotte"
    SAINT_BARTHELEMY = "saint_barthelemy"
    SAINT_MARTIN = "saint_martin"


NATIONAL = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
ABOLITION = {
    Place.MAYOTTE: (4, 27),
    Place.MARTINIQUE: (5, 22),
    Place.GUADELOUPE: (5, 27),
    Place.SAINT_MARTIN: (5, 28),
    Place.GUYANE: (6, 10),
    Place.SAINT_BARTHELEMY: (10, 9),
    Place.REUNION: (12, 20),
}


def easter(year: int) -> date:
    """Sunday of Easter in the Gregorian calendar (algorithm of Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = epact + weekday - 7 * ((golden + 11 * epact + 22 * weekday) // 451) + 114
    return date(year, shift // 31, shift % 31 + 1)


@cache
def public_holidays(year: int, place: Place = Place.MAINLAND) -> frozenset[date]:
    sunday = easter(year)
    days = {date(year, month, day) for month, day in NATIONAL} | {sunday + timedelta(n) for n in AFTER_EASTER}
    if place == Place.ALSACE_MOSELLE:
        days |= {sunday - timedelta(2), date(year, 12, 26)}  # Good Friday, second day of Christmas
    elif place in ABOLITION:
        days.add(date(year, *ABOLITION[place]))
    return frozenset(days)


def is_working_day(day: date, place: Place = Place.MAINLAND) -> bool:
    return day.weekday() < 5 and day not in public_holidays(day.year, place)


def add_working_days(day: date, count: int, place: Place = Place.MAINLAND) -> date:
    """The `count`-th working day after `day`, which is not counted itself; before it when `count` is negative.

    With 0: the day itself, or the next working day when it is none.
    """
    step = timedelta(-1 if count < 0 else 1)
    if count == 0:
        while not is_working_day(day, place):
            day += step
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, place):
            day += step
    return day


def add_months(day: date, count: int) -> date:
    """The same day `count` months later (or earlier); the last day of that month when it is too short."""
    months = day.year * 12 + day.month - 1 + count
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
