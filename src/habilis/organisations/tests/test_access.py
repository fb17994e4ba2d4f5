"""Invitations, roles, departures and erasure; each act by who may, who may not, and somebody from elsewhere."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from habilis.common.workflow import NotAvailable
from habilis.organisations.enums import InvitationState, OrganisationKind, Role
from habilis.organisations.models import SYSTEM, Actor, Invitation, Membership, Organisation, Person
from habilis.organisations.perms import Forbidden, Missing
from habilis.organisations.queries import actor_for
from habilis.organisations.services import (
    INVITATION_LASTS,
    Refused,
    accept_invitation,
    end_membership,
    erase_person,
    grant_role,
    invite,
    register_person,
    revoke_invitation,
)
from habilis.organisations.tests.factories import DAY, NOW, START, a_body, a_member, a_person, an_actor, an_invitation

pytestmark = pytest.mark.django_db
EMAIL = "invitee@exemple.test"


@pytest.fixture
def body() -> Organisation:
    return a_body()


@pytest.fixture
def administrator(body) -> Actor:
    return an_actor(body)


@pytest.fixture
def director(body, administrator) -> Actor:
    return an_actor(body, Role.DIRECTOR)


@pytest.fixture
def stranger() -> Actor:
    """Administrator of another certifier."""
    return an_actor(a_body())


# Inviting


def test_administrator_invites(body, administrator):
    invitation, token = invite(body, email="  Invitee@Exemple.test ", role=Role.JUROR, by=administrator, now=NOW)

    assert (invitation.email, invitation.role, invitation.state) == (EMAIL, Role.JUROR, InvitationState.PENDING)
    assert invitation.expires_at == NOW + INVITATION_LASTS
    assert token not in str(Invitation.objects.values().get())


def test_director_may_not_invite_and_the_body_is_missing_for_strangers(body, director, stranger):
    with pytest.raises(Forbidden):
        invite(body, email=EMAIL, role=Role.JUROR, by=director, now=NOW)
    for actor in (stranger, SYSTEM, Actor(), Actor(person_id=director.person_id)):
        with pytest.raises(Missing):
            invite(body, email=EMAIL, role=Role.JUROR, by=actor, now=NOW)


def test_operator_invites_the_first_administrator_and_only_an_operator_another(body, administrator):
    assert invite(body, email=EMAIL, role=Role.ADMINISTRATOR, by=SYSTEM, now=NOW).invitation.invited_by is None
    assert invite(body, email=EMAIL, role=Role.OPERATOR, by=SYSTEM, now=NOW).token
    with pytest.raises(Forbidden):
        invite(body, email="b@exemple.test", role=Role.OPERATOR, by=administrator, now=NOW)


def test_one_invitation_waits_until_it_expires(body, administrator):
    first, _ = invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=NOW)
    with pytest.raises(Refused, match="attend déjà"):
        invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=NOW + timedelta(days=1))

    invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=first.expires_at)

    first.refresh_from_db()
    assert first.state == InvitationState.REVOKED
    assert Invitation.objects.filter(state=InvitationState.PENDING).count() == 1


@pytest.mark.parametrize(("email", "role"), [("", Role.JUROR), (EMAIL, Role.TRAINER), (EMAIL, Role.INSTRUCTOR)])
def test_invitation_without_address_or_to_a_role_of_another_kind_is_refused(body, administrator, email, role):
    with pytest.raises(Refused):
        invite(body, email=email, role=role, by=administrator, now=NOW)
    assert not Invitation.objects.exists()


# Accepting


def test_invited_person_enters_once(body, administrator):
    invitation, token = invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=NOW)
    person = register_person(name="Camille Essai", email=EMAIL.upper())

    membership = accept_invitation(token, person=person, now=NOW + timedelta(days=1))

    assert (membership.role, membership.valid_from, membership.valid_to) == (Role.JUROR, DAY + timedelta(days=1), None)
    assert accept_invitation(token, person=person, now=NOW + timedelta(days=2)) == membership
    assert actor_for(person, body, on=membership.valid_from).roles == {Role.JUROR}
    invitation.refresh_from_db()
    assert (invitation.state, invitation.accepted_by) == (InvitationState.ACCEPTED, person)

    end_membership(membership, by=administrator, on=DAY + timedelta(days=3))
    with pytest.raises(NotAvailable):
        accept_invitation(token, person=person, now=NOW + timedelta(days=4))


def test_token_of_somebody_else_or_invented_is_missing(body, administrator):
    _, token = invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=NOW)
    person = register_person(name="Camille Essai", email=EMAIL)
    for shown, who in ((token, a_person()), ("invented", person), ("", person), (token[:-1], person)):
        with pytest.raises(Missing):
            accept_invitation(shown, person=who, now=NOW)


def test_expired_or_revoked_invitation_gives_nothing(body, administrator):
    person = register_person(name="Camille Essai", email=EMAIL)
    late, late_token = invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=NOW)
    back, back_token = invite(body, email=EMAIL, role=Role.EXAM_OFFICE, by=administrator, now=NOW)
    revoke_invitation(back, by=administrator, now=NOW)

    with pytest.raises(Refused, match="expiré"):
        accept_invitation(late_token, person=person, now=late.expires_at)
    with pytest.raises(NotAvailable):
        accept_invitation(back_token, person=person, now=NOW)

    assert not Membership.objects.of_person(person).exists()
    assert accept_invitation(late_token, person=person, now=late.expires_at - timedelta(seconds=1))


def test_first_member_is_an_administrator(body):
    _, token = invite(body, email=EMAIL, role=Role.ADMINISTRATOR, by=SYSTEM, now=NOW)
    person = register_person(name="Camille Essai", email=EMAIL)
    with pytest.raises(Refused, match="nommez-le d’abord"):
        grant_role(person, body, Role.OPERATOR, by=SYSTEM, on=DAY)

    accept_invitation(token, person=person, now=NOW)

    assert grant_role(person, body, Role.OPERATOR, by=SYSTEM, on=DAY).role == Role.OPERATOR


def test_revocation_is_for_administrators(body, director, administrator, stranger):
    invitation = an_invitation(body)
    with pytest.raises(Forbidden):
        revoke_invitation(invitation, by=director, now=NOW)
    with pytest.raises(Missing):
        revoke_invitation(invitation, by=stranger, now=NOW)
    assert revoke_invitation(invitation, by=administrator, now=NOW).settled_at == NOW
    with pytest.raises(NotAvailable):
        revoke_invitation(invitation, by=administrator, now=NOW)


def test_known_address_keeps_its_person():
    first = register_person(name="Camille  Essai", email=EMAIL)
    assert register_person(name="Autre", email=" INVITEE@exemple.test") == first
    assert first.name == "Camille Essai"
    with pytest.raises(Refused):
        register_person(name=" ", email="b@exemple.test")


# Roles


def test_administrator_grants_another_role_to_a_member(body, administrator, director):
    person = Person.objects.get(pk=director.person_id)

    membership = grant_role(person, body, Role.NIR_OFFICER, by=administrator, on=DAY)

    assert grant_role(person, body, Role.NIR_OFFICER, by=administrator, on=DAY + timedelta(days=9)) == membership
    assert actor_for(person, body, on=DAY).roles == {Role.DIRECTOR, Role.NIR_OFFICER}
    with pytest.raises(Refused, match="déjà ce rôle"):
        grant_role(person, body, Role.NIR_OFFICER, by=administrator, on=START, until=DAY + timedelta(days=1))
    with pytest.raises(Refused, match="vérifiez sa nature"):
        grant_role(person, body, Role.TRAINER, by=administrator, on=DAY)


def test_others_grant_nothing(body, administrator, director, stranger):
    person = Person.objects.get(pk=director.person_id)
    for actor, refusal in ((director, Forbidden), (stranger, Missing), (Actor(), Missing)):
        with pytest.raises(refusal):
            grant_role(person, body, Role.NIR_OFFICER, by=actor, on=DAY)
    with pytest.raises(Forbidden):
        grant_role(person, body, Role.OPERATOR, by=administrator, on=DAY)
    with pytest.raises(Missing):  # a person whom the administrator does not know: she is invited
        grant_role(Person.objects.get(pk=stranger.person_id), body, Role.JUROR, by=administrator, on=DAY)


def test_body_that_was_absorbed_takes_nobody(body, administrator):
    Organisation.objects.filter(pk=body.pk).update(merged_into=a_body())
    with pytest.raises(Refused, match="absorbé"):
        invite(body, email=EMAIL, role=Role.JUROR, by=administrator, now=NOW)


# Departures


def test_administrator_ends_a_role_and_a_member_leaves(body, administrator, director):
    juror = a_member(body, Role.JUROR)
    assert end_membership(juror, by=administrator, on=DAY).valid_to == DAY
    assert end_membership(juror, by=administrator, on=DAY + timedelta(days=5)).valid_to == DAY

    own = Membership.objects.get(person=director.person_id)
    assert end_membership(own, by=director, on=DAY).valid_to == DAY


def test_others_end_nothing(body, administrator, director, stranger):
    membership = a_member(body, Role.JUROR)
    for actor, refusal in ((director, Forbidden), (stranger, Missing), (Actor(), Missing), (SYSTEM, Missing)):
        with pytest.raises(refusal):
            end_membership(membership, by=actor, on=DAY)
    membership.refresh_from_db()
    assert membership.valid_to is None


def test_role_that_has_not_begun_ends_empty(body, administrator):
    membership = a_member(body, Role.JUROR, valid_from=DAY + timedelta(days=9))
    assert end_membership(membership, by=administrator, on=DAY).valid_to == membership.valid_from


def test_last_administrator_stays_until_another_one_lasts(body, administrator, director):
    last = Membership.objects.get(person=administrator.person_id)
    deputy = a_member(body, Role.ADMINISTRATOR, valid_to=DAY + timedelta(days=60))
    with pytest.raises(Refused, match="dernier gestionnaire"):
        end_membership(last, by=administrator, on=DAY)

    end_membership(deputy, by=administrator, on=DAY)
    grant_role(deputy.person, body, Role.ADMINISTRATOR, by=SYSTEM, on=DAY)
    assert end_membership(last, by=administrator, on=DAY).valid_to == DAY


def test_two_administrators_with_stale_pages_do_not_both_leave(body):
    """The guard is in the UPDATE: what each of them saw before counts for nothing."""
    pair = [an_actor(body), an_actor(body)]
    a_member(body, Role.DIRECTOR)
    rows = [Membership.objects.get(person=actor.person_id) for actor in pair]

    end_membership(rows[0], by=pair[0], on=DAY)
    with pytest.raises(Refused, match="dernier gestionnaire"), transaction.atomic():
        end_membership(rows[1], by=pair[1], on=DAY)

    assert Membership.objects.lasting_administrators(DAY).count() == 1


def test_everybody_leaves_and_the_administrator_last(body, administrator, director):
    end_membership(Membership.objects.get(person=director.person_id), by=administrator, on=DAY)
    last = Membership.objects.get(person=administrator.person_id)
    assert end_membership(last, by=administrator, on=DAY).valid_to == DAY


ACTS = st.lists(
    st.tuples(
        st.booleans(),  # to enter or to leave
        st.integers(0, 3),  # who
        st.sampled_from([Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.DIRECTOR, Role.JUROR]),
        st.integers(0, 3),  # days since the act before
        st.sampled_from([None, None, 2, 9]),  # how long, when it has an end
    ),
    max_size=25,
)


class TestSequences(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ACTS)
    def test_whatever_the_acts_a_body_with_members_has_an_administrator(self, acts):
        body, people, day = a_body(), [a_person() for _ in range(4)], DAY
        for enters, who, role, wait, length in acts:
            day += timedelta(days=wait)
            until = day + timedelta(days=length) if length else None
            by = Actor(people[who].pk, body.pk, frozenset({Role.ADMINISTRATOR, Role.OPERATOR}))
            try:
                if enters:
                    grant_role(people[who], body, role, by=by, on=day, until=until)
                else:
                    for row in Membership.objects.of_person(people[who]).valid_at(day).filter(role=role):
                        end_membership(row, by=by, on=day)
            except Refused:
                pass
            lasting = body.memberships.lasting_past(day)
            assert body.memberships.lasting_administrators(day).exists() or not lasting.exists()


# Erasure


def test_erased_person_leaves_no_trace_of_her_name():
    body = a_body("", OrganisationKind.PARTNER)
    a_member(body)
    person = a_person(name="zCanari", email="zcanari@exemple.test")
    a_member(body, Role.TRAINER, person, valid_to=DAY)
    waiting = an_invitation(body, email=person.email)

    for _ in range(2):
        erased = erase_person(person, by=Actor(person_id=person.pk), now=NOW)

    assert (erased.name, erased.email, erased.erased_on) == ("", None, DAY)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.email) == (InvitationState.REVOKED, "")
    for model in (Person, Membership, Invitation):
        assert "canari" not in str(list(model.objects.values())).lower()
    assert Membership.objects.of_person(person).count() == 1
    with pytest.raises(Missing):
        grant_role(person, body, Role.ADMINISTRATOR, by=SYSTEM, on=DAY)


def test_member_is_not_erased_nor_anybody_by_others(body, administrator, director):
    person = Person.objects.get(pk=director.person_id)
    with pytest.raises(Refused, match="encore membre"):
        erase_person(person, by=director, now=NOW)
    for actor in (administrator, Actor()):
        with pytest.raises(Missing):
            erase_person(person, by=actor, now=NOW)
