"""Letters of delegation: who gives them, who sees them, what they open."""

from datetime import date, timedelta

import pytest

from habilis.common.workflow import NotAvailable
from habilis.organisations.enums import DelegationScope, DelegationState, OrganisationKind, Role
from habilis.organisations.models import SYSTEM, Actor, DelegationLetter, Person
from habilis.organisations.perms import Forbidden, Missing
from habilis.organisations.queries import actor_for
from habilis.organisations.services import Refused, delegate, revoke_delegation
from habilis.organisations.tests.factories import DAY, DIGEST, a_body, a_letter, a_member, a_person, an_actor

pytestmark = pytest.mark.django_db
END = date(2027, 1, 1)


@pytest.fixture
def scene():
    giver, receiver, person = a_body(), a_body("", OrganisationKind.PARTNER), a_person()
    a_member(giver)
    a_member(receiver, Role.ADMINISTRATOR, person)
    return giver, receiver, person, an_actor(giver, Role.DIRECTOR)


def a_deed(giver, receiver, person, by, **terms) -> DelegationLetter:
    given = {"scope": DelegationScope.REQUESTS, "valid_from": DAY, "valid_to": END, "evidence_digest": DIGEST} | terms
    return delegate(giver, to=person, of=receiver, by=by, **given)


def test_director_delegates_and_the_delegate_acts_in_that_scope(scene):
    giver, receiver, person, director = scene
    letter = a_deed(*scene)

    assert a_deed(*scene) == letter
    assert (letter.signatory_id, letter.state) == (director.person_id, DelegationState.GIVEN)
    acting = actor_for(person, receiver, on=DAY)
    assert acting.acts_for(DelegationScope.REQUESTS) == {giver.pk}
    assert acting.acts_for(DelegationScope.NETWORK) == set()
    assert not acting.holds(giver.pk)
    for day in (DAY - timedelta(days=1), END):
        assert actor_for(person, receiver, on=day).delegations == set()


def test_both_organisations_see_the_letter_and_no_other(scene):
    giver, receiver, person, director = scene
    letter = a_deed(*scene)
    for actor in (director, actor_for(person, receiver, on=DAY)):
        assert list(DelegationLetter.objects.visible_to(actor)) == [letter]
    assert not DelegationLetter.objects.visible_to(an_actor(a_body())).exists()


@pytest.mark.parametrize(
    "terms", [{"valid_to": DAY}, {"valid_from": END}, {"evidence_digest": ""}, {"evidence_digest": "AB" * 32}]
)
def test_letter_without_days_or_evidence_is_refused(scene, terms):
    with pytest.raises(Refused):
        a_deed(*scene, **terms)


def test_letter_over_another_or_to_oneself_is_refused(scene):
    giver, receiver, person, director = scene
    a_deed(*scene)
    with pytest.raises(Refused, match="recouvre"):
        a_deed(*scene, valid_from=DAY + timedelta(days=1))
    with pytest.raises(Refused, match="soi-même"):
        a_deed(giver, receiver, Person.objects.get(pk=director.person_id), director)


def test_others_delegate_nothing(scene):
    giver, receiver, person, _ = scene
    for actor, refusal in (
        (an_actor(giver, Role.ADMINISTRATOR), Forbidden),
        (an_actor(a_body(), Role.DIRECTOR), Missing),
        (SYSTEM, Missing),
        (Actor(), Missing),
    ):
        with pytest.raises(refusal):
            a_deed(giver, receiver, person, actor)


def test_revoked_letter_ends_that_day_and_the_past_stays_true(scene):
    giver, receiver, person, director = scene
    letter = a_deed(*scene)
    revoked = revoke_delegation(letter, by=director, on=DAY + timedelta(days=10))

    assert (revoked.valid_to, revoked.revoked_on, revoked.state) == (*[DAY + timedelta(days=10)] * 2, "revoked")
    assert actor_for(person, receiver, on=DAY).delegations
    assert not actor_for(person, receiver, on=DAY + timedelta(days=10)).delegations
    with pytest.raises(NotAvailable):
        revoke_delegation(letter, by=director, on=DAY + timedelta(days=11))
    assert a_deed(*scene, valid_from=DAY + timedelta(days=10)) != letter


@pytest.mark.parametrize(("on", "end"), [(DAY - timedelta(days=5), DAY), (END + timedelta(days=5), END)])
def test_revocation_out_of_the_days_of_the_letter_stays_within_them(scene, on, end):
    revoked = revoke_delegation(a_deed(*scene), by=scene[3], on=on)
    assert (revoked.valid_to, revoked.revoked_on) == (end, on)


def test_others_revoke_nothing(scene):
    giver, receiver, person, _ = scene
    letter = a_letter(giver, person, receiver)
    for actor, refusal in (
        (an_actor(giver, Role.ADMINISTRATOR), Forbidden),
        (an_actor(receiver, Role.PARTNER_MANAGER), Forbidden),
        (an_actor(a_body(), Role.DIRECTOR), Missing),
        (Actor(), Missing),
    ):
        with pytest.raises(refusal):
            revoke_delegation(letter, by=actor, on=DAY)
