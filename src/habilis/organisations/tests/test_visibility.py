"""What an actor sees, in random worlds: rows of her organisation, and never one of another's."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from habilis.organisations.enums import DelegationScope, OrganisationKind, Role
from habilis.organisations.models import (
    ANONYMOUS,
    SYSTEM,
    DelegationLetter,
    Invitation,
    Membership,
    Organisation,
    OrganisationMerge,
    Person,
)
from habilis.organisations.models.people import MembershipQuerySet
from habilis.organisations.queries import actor_for
from habilis.organisations.tests.factories import (
    DAY,
    START,
    a_body,
    a_letter,
    a_member,
    a_person,
    an_actor,
    an_invitation,
)

# Models that anybody may read, with the reason; every other one starts from `visible_to`.
PUBLIC = {
    "Organisation": "published by the registers",
    "FormerName": "what a body was called is public, as its name is",
    "HeldKind": "a certifier is known as such",
    "QualiopiMark": "published by the public list",
    "Site": "published by the public list, or told to the public",
}
TENANT = [Person, Membership, Invitation, DelegationLetter, OrganisationMerge]


def test_every_model_is_public_for_a_reason_or_visible_to_some():
    for model in apps.get_app_config("organisations").get_models():
        assert (model.__name__ in PUBLIC) != hasattr(model._default_manager, "visible_to"), model.__name__
    assert {model.__name__ for model in TENANT} == {
        model.__name__ for model in apps.get_app_config("organisations").get_models()
    } - set(PUBLIC)


# Random worlds: members of several bodies, periods past, present and to come, letters across, invitations.

DAYS = st.integers(0, 12).map(lambda rank: START + timedelta(days=40 * rank))
PEOPLE, BODIES = 4, 3
memberships = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, BODIES - 1), st.sampled_from(Role), DAYS, st.none() | DAYS),
    min_size=2,
    max_size=10,
    unique_by=lambda row: row[:3],
)
letters = st.lists(
    st.tuples(st.integers(0, BODIES - 1), st.integers(0, PEOPLE - 1), st.integers(0, BODIES - 1), st.sampled_from(DelegationScope)),
    max_size=4,
    unique=True,
)  # fmt: skip
kinds = st.lists(st.sets(st.sampled_from(OrganisationKind)), min_size=BODIES, max_size=BODIES)
worlds = st.fixed_dictionaries(
    {
        "kinds": kinds,
        "memberships": memberships,
        "letters": letters,
        "invited": st.lists(st.integers(0, BODIES - 1), max_size=4),
    }
)


class World:
    """The rows of a drawn world, and what each actor ought to see, told from the drawing and not from the database."""

    def __init__(self, drawn) -> None:
        self.bodies = [a_body("", *sorted(kinds)) if kinds else Organisation.objects.create(name=f"Sans nature {rank}")
                       for rank, kinds in enumerate(drawn["kinds"])]  # fmt: skip
        self.kinds, self.drawn = drawn["kinds"], drawn
        self.people = [a_person() for _ in range(PEOPLE)]
        signatory = a_person()
        self.members = {
            a_member(self.bodies[b], role, self.people[p], begin, end if end is None else max(begin, end)): (p, b)
            for p, b, role, begin, end in drawn["memberships"]
        }
        self.letters = {
            a_letter(self.bodies[g], self.people[p], self.bodies[r], scope=scope, signatory=signatory): (g, r)
            for g, p, r, scope in drawn["letters"]
        }
        self.invitations = {an_invitation(self.bodies[b]): b for b in drawn["invited"]}

    def roles(self, p: int, b: int, day: date) -> set[Role]:
        return {
            role
            for pp, bb, role, begin, end in self.drawn["memberships"]
            if (pp, bb) == (p, b)
            and begin <= day
            and (end is None or day < max(begin, end))
            and role.fits(self.kinds[b])
        }

    def expected(self, p: int, b: int, day: date) -> dict[type, set[int]]:
        roles = self.roles(p, b, day)
        inside = {row.pk for row, (_, body) in self.members.items() if roles and body == b}
        people = {self.people[pp].pk for pp, bb in self.members.values() if roles and bb == b}
        return {
            Person: people | {self.people[p].pk},
            Membership: inside,
            Invitation: {row.pk for row, body in self.invitations.items() if Role.ADMINISTRATOR in roles and body == b},
            DelegationLetter: {row.pk for row, pair in self.letters.items() if roles and b in pair},
            OrganisationMerge: set(),
        }


def check(drawn, day: date) -> int:
    """Compare what each person sees, acting for each body, with what she ought to; counts the rows she sees."""
    world, seen = World(drawn), 0
    for p, person in enumerate(world.people):
        for b, body in enumerate(world.bodies):
            actor = actor_for(person, body, on=day)
            assert actor.roles == world.roles(p, b, day)
            found = {
                model: set(model._default_manager.visible_to(actor).values_list("pk", flat=True)) for model in TENANT
            }
            assert found == world.expected(p, b, day)
            seen += sum(map(len, found.values()))
    return seen


class TestWorlds(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(worlds, DAYS)
    def test_an_actor_sees_her_organisation_and_nothing_else(self, drawn, day):
        check(drawn, day)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(worlds)
    def test_nobody_known_and_the_system_see_no_tenant_row(self, drawn):
        World(drawn)
        for actor in (ANONYMOUS, SYSTEM):
            assert [model for model in TENANT if model._default_manager.visible_to(actor).exists()] == []


# Mutants: each drops one condition; the check of the worlds must notice. Two certifiers, one administrator each.

PLANTED = {
    "kinds": [{OrganisationKind.CERTIFIER}, {OrganisationKind.PARTNER}, set()],
    "memberships": [
        (0, 0, Role.ADMINISTRATOR, START, None),
        (1, 0, Role.DIRECTOR, START, None),
        (2, 1, Role.ADMINISTRATOR, START, None),
        (3, 1, Role.NIR_OFFICER, START, None),
        (1, 1, Role.TRAINER, START, DAY),
    ],
    "letters": [(0, 2, 1, DelegationScope.NETWORK), (0, 2, 2, DelegationScope.NETWORK)],
    "invited": [0, 1],
}
MUTANTS = {
    "any membership": (Membership, lambda rows, actor: rows.all()),
    "memberships of those who act": (
        Membership,
        lambda rows, actor: rows.all() if actor.roles else rows.none(),
    ),
    "own memberships elsewhere": (
        Membership,
        lambda rows, actor: MembershipQuerySet.visible_to(rows, actor) | rows.filter(person=actor.person_id),
    ),
    "everybody": (Person, lambda rows, actor: rows.all()),
    "invitations to any member": (
        Invitation,
        lambda rows, actor: rows.filter(organisation=actor.organisation_id),
    ),
    "any letter": (DelegationLetter, lambda rows, actor: rows.all() if actor.roles else rows.none()),
    "letters given only": (
        DelegationLetter,
        lambda rows, actor: rows.filter(organisation=actor.organisation_id),
    ),
    "nothing": (Membership, lambda rows, actor: rows.none()),
}


@pytest.mark.django_db
def test_planted_world_passes_unharmed():
    assert check(PLANTED, DAY) > 10


@pytest.mark.django_db
@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_of_visible_to_is_killed(name, monkeypatch):
    model, mutant = MUTANTS[name]
    rows = type(model._default_manager.all())
    if name == "own memberships elsewhere":
        sound = rows.visible_to
        mutant = lambda rows, actor: sound(rows, actor) | rows.filter(person=actor.person_id)  # noqa: E731
    monkeypatch.setattr(rows, "visible_to", mutant)
    with pytest.raises(AssertionError):
        check(PLANTED, DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "blindness", [lambda role, kinds: True, lambda role, kinds: role in (Role.ADMINISTRATOR, Role.OPERATOR)]
)
def test_role_that_does_not_fit_its_body_is_noticed(blindness, monkeypatch):
    """The NIR officer of a body that is no certifier has no right; the oracle keeps the sound rule."""
    sound = Role.fits
    world = World.roles
    monkeypatch.setattr(World, "roles", lambda *args: with_fits(sound, lambda: world(*args)))

    def with_fits(rule, read):
        with monkeypatch.context() as patch:
            patch.setattr(Role, "fits", rule)
            return read()

    monkeypatch.setattr(Role, "fits", blindness)
    with pytest.raises(AssertionError):
        check(PLANTED, DAY)


# Cost


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3])
def test_queries_do_not_grow(size):
    body, person = a_body(), a_person()
    actor = an_actor(body, Role.ADMINISTRATOR, Role.DIRECTOR, person=person)
    for _ in range(size):
        a_member(body, Role.JUROR)
        an_invitation(body)
        a_letter(a_body(), person, body)
    with CaptureQueriesContext(connection) as queries:
        found = actor_for(person, body, on=DAY)
    assert (len(queries), len(found.delegations)) == (3, size)
    with CaptureQueriesContext(connection) as queries:
        lists = [list(model._default_manager.visible_to(actor)) for model in TENANT[:4]]
    assert len(queries) == 4
    assert [len(rows) for rows in lists] == [size + 1, size + 2, size, size]


# The actor of a day


@pytest.mark.django_db
def test_actor_has_the_rights_of_the_day():
    body, other, person = a_body(), a_body(), a_person()
    a_member(body)
    a_member(body, Role.DIRECTOR, person, valid_to=DAY)
    a_letter(other, person, body, valid_to=DAY)
    eve = actor_for(person, body, on=DAY - timedelta(days=1))
    assert (eve.roles, eve.acts_for(DelegationScope.REQUESTS)) == ({Role.DIRECTOR}, {other.pk})
    after = actor_for(person, body, on=DAY)
    assert (after.person_id, after.organisation_id, after.roles, after.delegations) == (person.pk, None, set(), set())
    assert actor_for(person, None, on=DAY) == after
    assert actor_for(person, other, on=DAY - timedelta(days=1)) == after


@pytest.mark.django_db
def test_body_that_was_absorbed_or_person_erased_gives_no_right():
    body, person = a_body(), a_person()
    a_member(body, Role.ADMINISTRATOR, person)
    assert actor_for(person, body, on=DAY).roles
    Person.objects.filter(pk=person.pk).update(name="", email=None, erased_on=DAY)
    assert not actor_for(person, body, on=DAY).roles
    Person.objects.filter(pk=person.pk).update(name="A", email="a@exemple.test", erased_on=None)
    Organisation.objects.filter(pk=body.pk).update(merged_into=a_body())
    assert not actor_for(person, body, on=DAY).roles
    assert list(Membership.objects.of_person(person).values_list("organisation", flat=True)) == [body.pk]
