"""Two connections at once on PostgreSQL: whichever pair of writers tries, an administrator stays."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from habilis.organisations.enums import Role
from habilis.organisations.models import SYSTEM, Membership
from habilis.organisations.queries import actor_for
from habilis.organisations.services import Refused, end_membership, grant_role
from habilis.organisations.tests.factories import DAY, a_body, a_member, a_person

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def together(*acts: Callable[[], object]) -> list[str]:
    """Run each act in a connection of its own, each committing after all have begun; what became of them."""
    start, fates = threading.Barrier(len(acts)), ["?"] * len(acts)

    def run(rank: int) -> None:
        try:
            with transaction.atomic():
                start.wait(10)
                acts[rank]()
            fates[rank] = "done"
        except (Refused, IntegrityError) as problem:
            fates[rank] = type(problem).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[rank]) for rank in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(fates)


@pytest.fixture
def scene():
    body = a_body()
    pair = [a_member(body), a_member(body)]
    a_member(body, Role.DIRECTOR)
    return body, pair, [actor_for(row.person, body, on=DAY) for row in pair]


def administrators(body) -> int:
    return Membership.objects.filter(organisation=body).lasting_administrators(DAY).count()


@pytest.mark.parametrize("attempt", range(5))
def test_two_administrators_do_not_both_leave(scene, attempt):
    body, pair, actors = scene
    fates = together(*(lambda rank=rank: end_membership(pair[rank], by=actors[rank], on=DAY) for rank in (0, 1)))
    assert fates == ["Refused", "done"]
    assert administrators(body) == 1


@pytest.mark.parametrize("attempt", range(5))
def test_two_writers_without_any_service_do_not_both_pass(scene, attempt):
    body, pair, _ = scene
    rows = [Membership.objects.filter(pk=row.pk) for row in pair]
    fates = together(lambda: rows[0].update(valid_to=DAY), lambda: rows[1].update(role=Role.DIRECTOR))
    assert fates == ["IntegrityError", "done"]
    assert administrators(body) == 1


@pytest.mark.parametrize("attempt", range(5))
def test_the_last_one_does_not_leave_while_somebody_enters(attempt):
    body, person = a_body(), a_person()
    last = a_member(body)
    actor = actor_for(last.person, body, on=DAY)
    fates = together(
        lambda: end_membership(last, by=actor, on=DAY),
        lambda: grant_role(person, body, Role.ADMINISTRATOR, by=SYSTEM, on=DAY, until=DAY.replace(year=2027)),
    )
    assert fates == ["Refused", "done"]
    lasting = Membership.objects.filter(organisation=body).lasting_past(DAY)
    assert administrators(body) == 1 or not lasting.exists()


def test_without_the_trigger_two_writers_both_pass(scene):
    """The fault that the trigger prevents is real: each sees the other administrator, and both leave."""
    body, pair, _ = scene
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE organisations_membership DISABLE TRIGGER USER")
    try:
        rows = [Membership.objects.filter(pk=row.pk) for row in pair]
        assert together(*(lambda one=one: one.update(valid_to=DAY) for one in rows)) == ["done", "done"]
        assert administrators(body) == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE organisations_membership ENABLE TRIGGER USER")
