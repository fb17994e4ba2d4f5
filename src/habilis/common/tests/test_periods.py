"""Periods of validity, and the database that refuses overlapping ones."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.state import ProjectState
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habilis.common.periods import Period, PeriodQuerySet, forbid_overlap, one_current, ordered_period

TABLE = "common_stay"
OPERATIONS = forbid_overlap(TABLE, "guest", "room")
START = date(2026, 1, 1)

with isolate_apps("habilis.common"):

    class Stay(Period):
        guest = models.IntegerField(null=True)
        room = models.IntegerField()

        objects = PeriodQuerySet.as_manager()

        class Meta:
            app_label = "common"
            ordering = ["id"]
            constraints = [ordered_period("stay"), one_current("stay", "guest", "room")]


pytestmark = pytest.mark.django_db


def migrate(operations=OPERATIONS, backwards=False):
    state = ProjectState()
    with connection.schema_editor() as editor:
        for operation in operations:
            run = operation.database_backwards if backwards else operation.database_forwards
            run("common", editor, state, state)


@pytest.fixture(scope="module", autouse=True)
def table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Stay)
        migrate()
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Stay)


def stay(start, end=None, guest=1, room=1):
    """Book from day `start` to day `end`, counted from the first of January."""
    first = START + timedelta(start)
    return Stay.objects.create(
        valid_from=first, valid_to=None if end is None else START + timedelta(end), guest=guest, room=room
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((0, 10), (5, 15)),
        ((5, 15), (0, 10)),
        ((0, 10), (3, 4)),
        ((3, 4), (0, 10)),
        ((0, 10), (0, 10)),
        ((0, None), (5, 6)),
        ((5, 6), (0, None)),
        ((0, None), (5, None)),
        ((5, None), (0, 6)),
    ],
)
def test_refuses_an_overlap(one, two):
    stay(*one)
    with pytest.raises(IntegrityError), transaction.atomic():
        stay(*two)
    assert Stay.objects.count() == 1
    other = stay(*two, room=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.filter(pk=other.pk).update(room=1)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((0, 10), (10, 15)),
        ((10, None), (0, 10)),
        ((0, 10), (5, 5)),
        ((5, 5), (0, 10)),
        ((5, 5), (5, 5)),
        ((5, 5), (0, None)),
    ],
)
def test_accepts_neighbours_and_empty_periods(one, two):
    stay(*one)
    stay(*two)
    assert Stay.objects.count() == 2


def test_compares_all_the_columns():
    stay(0, 10)
    stay(0, 10, guest=2)
    stay(0, 10, room=2)
    stay(0, 10, guest=None)
    stay(0, 10, guest=None)
    assert Stay.objects.count() == 5


def test_refuses_a_change_that_overlaps_and_accepts_one_that_does_not():
    stay(10, 20)
    row = stay(0, 10)
    row.valid_to = START + timedelta(11)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    row.valid_to = START + timedelta(9)
    row.save()
    assert [str(found.valid_to) for found in Stay.objects.all()] == ["2026-01-21", "2026-01-10"]


def test_closes_and_opens_in_one_transaction():
    stay(0)
    Stay.objects.current().update(valid_to=START + timedelta(4))
    stay(4)
    assert Stay.objects.count() == 2


def test_refuses_a_period_that_ends_before_it_starts():
    with pytest.raises(IntegrityError), transaction.atomic():
        stay(5, 4)


def test_refuses_a_second_current_row():
    stay(0)
    with pytest.raises(IntegrityError), transaction.atomic():
        stay(0)


def test_keeps_nothing_of_a_refused_bulk():
    stay(0, 10)
    rows = [
        Stay(valid_from=START + timedelta(day), valid_to=START + timedelta(day + 1), guest=1, room=1) for day in (20, 9)
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.bulk_create(rows)
    assert Stay.objects.count() == 1


def test_answers_for_a_day():
    stay(0, 10)
    stay(10, room=2)
    days = {day: [row.room for row in Stay.objects.valid_at(START + timedelta(day))] for day in (-1, 0, 9, 10, 99)}
    assert days == {-1: [], 0: [1], 9: [1], 10: [2], 99: [2]}


periods = st.tuples(st.integers(0, 8), st.none() | st.integers(0, 8), st.integers(1, 2)).filter(
    lambda period: period[1] is None or period[0] <= period[1]
)


def days_of(start, end):
    return set(range(start, 20 if end is None else end))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(periods, max_size=8))
def test_agrees_with_a_naive_model(wanted):
    taken = {1: set(), 2: set()}
    open_rooms = set()
    Stay.objects.all().delete()
    for start, end, room in wanted:
        days = days_of(start, end)
        # Two current rows are refused by `one_current` too, and always share a day.
        free = not (days & taken[room]) and not (end is None and room in open_rooms)
        try:
            with transaction.atomic():
                row = stay(start, end, room=room)
        except IntegrityError:
            assert not free
        else:
            assert free
            taken[room] |= days
            open_rooms |= {room} if end is None else set()
            assert all(row.holds_on(START + timedelta(day)) == (day in days) for day in range(12))
    for day in range(12):
        found = [row.room for row in Stay.objects.valid_at(START + timedelta(day)).order_by("room")]
        assert found == [room for room in (1, 2) if day in taken[room]]


class TestMigration:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_can_be_repeated_and_undone(self):
        migrate()
        migrate(backwards=True)
        migrate(backwards=True)
        stay(0, 10)
        stay(5, 15)  # the control: without the constraint nothing stops it
        Stay.objects.all().delete()
        migrate()
        stay(0, 10)
        with pytest.raises(DatabaseError):
            stay(5, 15)
        assert Stay.objects.count() == 1
        Stay.objects.all().delete()


def test_looks_up_an_index():
    """On SQLite, one partial index per half of the rows; on PostgreSQL, the index of the constraint itself."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"{TABLE}_no_overlap"])
            assert "USING gist (guest, room, daterange(valid_from, valid_to" in cursor.fetchone()[0]
            return
        same = f"EXPLAIN QUERY PLAN SELECT 1 FROM {TABLE} WHERE guest = 1 AND room = 1"
        cursor.execute(f"{same} AND valid_to IS NULL")
        assert "USING INDEX stay_one_current (guest=? AND room=?)" in cursor.fetchone()[3]
        cursor.execute(f"{same} AND valid_to IS NOT NULL AND valid_to > '2026-01-01'")
        assert f"INDEX {TABLE}_closed (guest=? AND room=? AND valid_to>?)" in cursor.fetchone()[3]
