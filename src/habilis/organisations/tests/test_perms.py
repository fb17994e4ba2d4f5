"""Each permission alone, over actors that are plain data: no database."""

import pytest
from django.utils import translation

from habilis.organisations import perms
from habilis.organisations.enums import Degree, DelegationScope, OrganisationKind, Role, SensitiveFact
from habilis.organisations.models import ANONYMOUS, SYSTEM, Actor, Delegation, DelegationLetter, Membership

OWN, FOREIGN = 1, 2


def acting(*roles: Role, organisation: int = OWN, person: int = 7) -> Actor:
    return Actor(person, organisation, frozenset(roles))


EVERYBODY = [ANONYMOUS, Actor(person_id=7), *(acting(role) for role in Role)]


def allowed(predicate) -> set[Role | None]:
    """Roles of the own organisation to which the predicate says yes; None stands for nobody known."""
    return {next(iter(actor.roles), None) for actor in EVERYBODY if predicate(actor)}


ADMINISTRATOR, OPERATOR = Role.ADMINISTRATOR, Role.OPERATOR
SIGNATORIES = {Role.DIRECTOR, Role.PARTNER_MANAGER, Role.DIRECTOR_GENERAL}
# Predicate -> who may, in the own organisation; who may, in a foreign one.
TABLE = {
    "trainer": (lambda actor, body: perms.can_give_role(actor, body, Role.TRAINER), {ADMINISTRATOR}, set()),
    "administrator": (
        lambda actor, body: perms.can_give_role(actor, body, ADMINISTRATOR),
        {ADMINISTRATOR, OPERATOR},
        {OPERATOR},
    ),
    "operator": (lambda actor, body: perms.can_give_role(actor, body, OPERATOR), {OPERATOR}, {OPERATOR}),
    "end": (
        lambda actor, body: perms.can_end_membership(actor, Membership(person_id=8, organisation_id=body)),
        {ADMINISTRATOR},
        set(),
    ),
    "leave": (
        lambda actor, body: perms.can_end_membership(actor, Membership(person_id=7, organisation_id=body)),
        set(Role),
        set(),
    ),
    "revoke": (perms.can_revoke_invitation, {ADMINISTRATOR}, set()),
    "rename": (perms.can_rename, {ADMINISTRATOR, OPERATOR}, {OPERATOR}),
    "sites": (perms.can_manage_sites, {ADMINISTRATOR, Role.DIRECTOR, Role.PARTNER_MANAGER}, set()),
    "delegate": (perms.can_delegate, SIGNATORIES, set()),
    "undelegate": (
        lambda actor, body: perms.can_revoke_delegation(actor, DelegationLetter(organisation_id=body)),
        SIGNATORIES,
        set(),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_permission_is_that_of_the_table(name):
    predicate, own, foreign = TABLE[name]
    assert allowed(lambda actor: predicate(actor, OWN)) == own
    assert allowed(lambda actor: predicate(actor, FOREIGN)) == foreign


def test_erasure_is_for_oneself_or_the_operator():
    assert perms.can_erase(Actor(person_id=7), 7)
    assert not perms.can_erase(Actor(person_id=7), 8)
    assert not perms.can_erase(ANONYMOUS, 8)
    assert perms.can_erase(SYSTEM, 8)


# Refusals


def test_refusal_is_forbidden_at_home_and_missing_elsewhere():
    perms.require(True, ANONYMOUS, FOREIGN)
    for actor, body, refusal in (
        (acting(Role.TRAINER), OWN, perms.Forbidden),
        (acting(Role.TRAINER), FOREIGN, perms.Missing),
        (acting(Role.TRAINER), None, perms.Missing),
        (ANONYMOUS, OWN, perms.Missing),
        (ANONYMOUS, None, perms.Missing),
        (SYSTEM, OWN, perms.Missing),
    ):
        with pytest.raises(refusal) as caught, translation.override("fr"):
            perms.require(False, actor, body)
        assert str(caught.value).count(".") == 2 or "Introuvable" in str(caught.value)


def test_only_operators_run_the_platform():
    perms.require_operator(SYSTEM)
    perms.require_operator(acting(OPERATOR))
    for actor in EVERYBODY:
        if not actor.is_operator:
            with pytest.raises(perms.Forbidden):
                perms.require_operator(actor)


# Sensitive facts


@pytest.mark.parametrize("fact", SensitiveFact)
def test_sensitive_fact_is_closed_by_default(fact):
    for actor in (ANONYMOUS, SYSTEM, Actor(person_id=7), acting(OPERATOR), acting(ADMINISTRATOR)):
        assert perms.degrees(actor, fact, OWN) == perms.degrees(actor, fact, None) == frozenset()
    for role in Role:
        assert perms.degrees(acting(role), fact, FOREIGN) == frozenset()


def test_one_role_reads_the_nir_and_partners_write_it_blindly():
    readers = allowed(lambda actor: Degree.READ in perms.degrees(actor, SensitiveFact.NIR, OWN))
    assert readers == {Role.NIR_OFFICER}
    partner = perms.degrees(acting(Role.SESSION_ORGANISER), SensitiveFact.NIR, OWN)
    assert partner == {Degree.FLAG, Degree.WRITE}
    both = acting(Role.SESSION_ORGANISER, Role.DECLARATIONS_OFFICER)
    assert perms.degrees(both, SensitiveFact.NIR, OWN) == {Degree.FLAG, Degree.WRITE}


# Actors


@pytest.mark.parametrize(
    "columns",
    [
        {"roles": frozenset({Role.DIRECTOR})},
        {"roles": frozenset({OPERATOR, Role.DIRECTOR})},
        {"person_id": 7, "roles": frozenset({OPERATOR})},
        {"organisation_id": 1, "roles": frozenset({OPERATOR})},
        {"person_id": 7, "delegations": frozenset({Delegation(1, DelegationScope.NETWORK)})},
        {"roles": frozenset({OPERATOR}), "delegations": frozenset({Delegation(1, DelegationScope.NETWORK)})},
    ],
)
def test_rights_without_a_place_are_no_actor(columns):
    with pytest.raises(ValueError, match="in an organisation"):
        Actor(**columns)


def test_actor_cannot_be_changed():
    with pytest.raises(AttributeError):
        ANONYMOUS.person_id = 1


def test_actor_acts_for_those_who_delegated_that_scope():
    letters = {Delegation(3, DelegationScope.NETWORK), Delegation(4, DelegationScope.REQUESTS)}
    actor = Actor(7, OWN, frozenset({Role.DIRECTOR}), frozenset(letters))
    assert actor.acts_for(DelegationScope.NETWORK) == {3}
    assert actor.acts_for(DelegationScope.DECLARATIONS) == frozenset()
    assert not actor.holds(3)


def test_every_role_has_a_kind_of_body_and_no_other():
    kinds = {role: {kind for kind in OrganisationKind if role.fits({kind})} for role in Role}
    assert {role for role in Role if role.fits(())} == {ADMINISTRATOR, OPERATOR}
    assert {len(found) for role, found in kinds.items() if not role.fits(())} == {1}
    assert kinds[Role.NIR_OFFICER] == {OrganisationKind.CERTIFIER}
    assert Role.TRAINER.fits({OrganisationKind.CERTIFIER, OrganisationKind.PARTNER})
