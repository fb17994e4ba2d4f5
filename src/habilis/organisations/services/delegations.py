"""Acts on letters of delegation."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from habilis.organisations.enums import DelegationScope, DelegationState
from habilis.organisations.models import Actor, DelegationLetter, Organisation, Person
from habilis.organisations.perms import can_delegate, can_revoke_delegation, require
from habilis.organisations.services.guards import Refused, locked, refusing, seen
from habilis.organisations.workflow import DELEGATION


@transaction.atomic
def delegate(
    organisation: Organisation,
    *,
    to: Person,
    of: Organisation,
    scope: DelegationScope,
    valid_from: date,
    valid_to: date,
    evidence_digest: str,
    by: Actor,
) -> DelegationLetter:
    """Let a person of an organisation act in the name of one's own; the actor signs. The same letter again is returned.

    It gives nothing to somebody who is not a member of that organisation on the day when she acts: nobody is told here
    whether she is one.
    """
    require(can_delegate(by, organisation.pk), by, organisation.pk)
    assert by.person_id is not None  # no role is anybody's but a person's
    if to.pk == by.person_id:
        raise Refused(_("Nul ne se délègue à soi-même : choisissez une autre personne."))
    if valid_to <= valid_from:
        raise Refused(_("La délégation finit avant de commencer : corrigez ses dates."))
    terms = {"delegate": to, "delegate_organisation": of, "scope": scope, "evidence_digest": evidence_digest}
    given = {"organisation": locked(organisation.pk), "valid_from": valid_from, "valid_to": valid_to, **terms}
    if known := DelegationLetter.objects.filter(state=DelegationState.GIVEN, **given).first():
        return known
    with refusing(
        _(
            "Cette délégation recouvre une autre, ou l’empreinte de la lettre manque : révoquez l’autre ou joignez la lettre."
        )
    ):
        return DelegationLetter.objects.create(signatory_id=by.person_id, state=DelegationState.GIVEN, **given)


@transaction.atomic
def revoke_delegation(letter: DelegationLetter, *, by: Actor, on: date) -> DelegationLetter:
    """End a delegation from that day, for the organisation that gave it. Raises `NotAvailable` when it is revoked already."""
    letter = seen(DelegationLetter.objects.visible_to(by), letter.pk)
    require(can_revoke_delegation(by, letter), by, by.organisation_id)
    assert letter.valid_to is not None  # by a constraint of the table
    end = max(min(letter.valid_to, on), letter.valid_from)
    DELEGATION.move(letter, "revoke", valid_to=end, revoked_on=on)
    return letter
