"""Reads that span the models of organisations."""

from datetime import date

from habilis.organisations.enums import DelegationScope, Role
from habilis.organisations.models import (
    Actor,
    Delegation,
    DelegationLetter,
    HeldKind,
    Membership,
    Organisation,
    Person,
)


def actor_for(person: Person, organisation: Organisation | None, *, on: date) -> Actor:
    """The person acting for that organisation on that day, with the rights that hold then; three queries.

    A role counts only while the body is of a kind that has it; without any role that day, she acts for nobody. Called
    again at each request, it makes a withdrawn right vanish at once.
    """
    if organisation is None:
        return Actor(person_id=person.pk)
    held = Membership.objects.valid_at(on).filter(
        person=person, organisation=organisation, person__erased_on__isnull=True, organisation__merged_into__isnull=True
    )
    names = held.order_by().values_list("role", flat=True)
    kinds = kinds_on(organisation, on)
    roles = frozenset(role for role in map(Role, names) if role.fits(kinds))
    if not roles:
        return Actor(person_id=person.pk)
    return Actor(person.pk, organisation.pk, roles, delegations_of(person, organisation, on))


def kinds_on(organisation: Organisation, day: date) -> frozenset[str]:
    rows = HeldKind.objects.valid_at(day).filter(organisation=organisation)
    return frozenset(rows.order_by().values_list("kind", flat=True))


def delegations_of(person: Person, organisation: Organisation, day: date) -> frozenset[Delegation]:
    """What others let her do that day while she acts for that organisation; a revoked letter ends when it is revoked."""
    letters = DelegationLetter.objects.valid_at(day).filter(delegate=person, delegate_organisation=organisation)
    pairs = letters.order_by().values_list("organisation", "scope")
    return frozenset(Delegation(giver, DelegationScope(scope)) for giver, scope in pairs)
