"""Small invented worlds for tests: bodies, people, memberships, and the actors that they make. Nothing here is real."""

from datetime import UTC, date, datetime
from itertools import count

from habilis.organisations.enums import DelegationScope, DelegationState, InvitationState, OrganisationKind, Role
from habilis.organisations.models import (
    Actor,
    DelegationLetter,
    HeldKind,
    Invitation,
    Membership,
    Organisation,
    Person,
)
from habilis.organisations.queries import actor_for

START, DAY = date(2026, 1, 1), date(2026, 9, 1)
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
DIGEST = "ab" * 32
serial = count(1)


def a_body(name: str = "", *kinds: OrganisationKind, **fields: object) -> Organisation:
    body = Organisation.objects.create(name=name or f"Organisme d’essai {next(serial)}", **fields)
    for kind in kinds or (OrganisationKind.CERTIFIER,):
        HeldKind.objects.create(organisation=body, kind=kind, valid_from=START)
    return body


def a_person(**fields: object) -> Person:
    rank = next(serial)
    return Person.objects.create(**{"name": f"Personne {rank}", "email": f"p{rank}@exemple.test"} | fields)


def a_member(
    body: Organisation,
    role: Role = Role.ADMINISTRATOR,
    person: Person | None = None,
    valid_from: date = START,
    valid_to: date | None = None,
) -> Membership:
    return Membership.objects.create(
        person=person or a_person(), organisation=body, role=role, valid_from=valid_from, valid_to=valid_to
    )


def an_actor(body: Organisation, *roles: Role, person: Person | None = None) -> Actor:
    """Somebody who acts for the body with these roles, written in the database and read back."""
    person = person or a_person()
    for role in roles or (Role.ADMINISTRATOR,):
        a_member(body, role, person)
    return actor_for(person, body, on=DAY)


def an_invitation(body: Organisation, **fields: object) -> Invitation:
    rank = next(serial)
    given = {
        "email": f"i{rank}@exemple.test",
        "role": Role.ADMINISTRATOR,
        "token_digest": f"{rank:064x}",
        "created_at": NOW,
        "expires_at": NOW.replace(day=15),
        "state": InvitationState.PENDING,
    }
    return Invitation.objects.create(organisation=body, **given | fields)


def a_letter(giver: Organisation, to: Person, of: Organisation, **fields: object) -> DelegationLetter:
    given = {
        "scope": DelegationScope.REQUESTS,
        "evidence_digest": DIGEST,
        "state": DelegationState.GIVEN,
        "valid_from": START,
        "valid_to": date(2027, 1, 1),
    } | fields
    signatory = given.pop("signatory", None) or a_person()
    return DelegationLetter.objects.create(
        organisation=giver, signatory=signatory, delegate=to, delegate_organisation=of, **given
    )
