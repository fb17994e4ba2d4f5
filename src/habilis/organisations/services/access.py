"""Acts on memberships and invitations: who enters an organisation, with which role, and who leaves."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from habilis.organisations.enums import InvitationState, Role
from habilis.organisations.models import Actor, Invitation, Membership, Organisation, Person
from habilis.organisations.perms import (
    Missing,
    can_end_membership,
    can_erase,
    can_give_role,
    can_revoke_invitation,
    require,
)
from habilis.organisations.queries import kinds_on
from habilis.organisations.services.guards import Refused, locked, refusing, required_text, seen
from habilis.organisations.workflow import INVITATION

INVITATION_LASTS = timedelta(days=14)


class Invited(NamedTuple):
    invitation: Invitation
    token: str  # for the mail alone: nothing keeps it


def register_person(*, name: str, email: str) -> Person:
    """Somebody who proved that the address is hers: sign-up calls it. An address known already keeps its person.

    No right comes with it.
    """
    found, _created = Person.objects.get_or_create(
        email=email.strip().lower(), defaults={"name": required_text(name, 200)}
    )
    return found


@transaction.atomic
def invite(organisation: Organisation, *, email: str, role: Role, by: Actor, now: datetime) -> Invited:
    """Offer a role to an address for a fortnight; one offer at a time, an expired one gives way."""
    require(can_give_role(by, organisation.pk, role), by, organisation.pk)
    body, email = locked(organisation.pk), email.strip().lower()
    check_role(body, role, localtime(now).date())
    for earlier in Invitation.objects.filter(organisation=body, email=email, role=role, state=InvitationState.PENDING):
        if earlier.expires_at > now:
            raise Refused(
                _("Une invitation attend déjà la réponse de cette personne : retirez-la pour en envoyer une autre.")
            )
        INVITATION.move(earlier, "revoke", settled_at=now)
    token = secrets.token_urlsafe(32)
    with refusing(_("Cette invitation est incomplète : donnez une adresse électronique.")):
        invitation = Invitation.objects.create(
            organisation=body,
            email=email,
            role=role,
            token_digest=digest_of(token),
            invited_by_id=by.person_id,
            created_at=now,
            expires_at=now + INVITATION_LASTS,
            state=InvitationState.PENDING,
        )
    return Invited(invitation, token)


def digest_of(token: str) -> str:
    """A token has 256 random bits: its plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def accept_invitation(token: str, *, person: Person, now: datetime) -> Membership:
    """Enter the organisation; the token works once, in time, for the address that was invited.

    A token that is unknown or somebody else's is missing: a forwarded mail gives nothing. Accepted again by the same
    person, it answers with the membership.
    """
    invitation = Invitation.objects.filter(token_digest=digest_of(token)).first()
    if invitation is None or person.email is None or invitation.email != person.email:
        raise Missing
    body, on = locked(invitation.organisation_id), localtime(now).date()
    invitation.refresh_from_db()
    if invitation.accepted_by_id == person.pk:
        held = Membership.objects.valid_at(on).filter(person=person, organisation=body, role=invitation.role).first()
        if held:
            return held
    if invitation.state == InvitationState.PENDING and invitation.expires_at <= now:
        raise Refused(_("Cette invitation a expiré : demandez-en une nouvelle à la personne qui vous a invitée."))
    INVITATION.move(invitation, "accept", settled_at=now, accepted_by=person)
    return open_membership(person, body, Role(invitation.role), on, None)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Actor, now: datetime) -> Invitation:
    """Take an offer back before it is accepted. Raises `NotAvailable` once it is settled."""
    require(can_revoke_invitation(by, invitation.organisation_id), by, invitation.organisation_id)
    invitation = seen(Invitation.objects.visible_to(by), invitation.pk)
    INVITATION.move(invitation, "revoke", settled_at=now)
    return invitation


@transaction.atomic
def grant_role(
    person: Person, organisation: Organisation, role: Role, *, by: Actor, on: date, until: date | None = None
) -> Membership:
    """Give a role to somebody known: a member to whom another role falls, or anybody, from an operator.

    Newcomers are invited. A role that she holds already is returned as it is.
    """
    require(can_give_role(by, organisation.pk, role), by, organisation.pk)
    known = Person.objects.all() if by.is_operator else Person.objects.visible_to(by)
    return open_membership(seen(known, person.pk), locked(organisation.pk), role, on, until)


def open_membership(person: Person, body: Organisation, role: Role, on: date, until: date | None) -> Membership:
    """Write the membership of a body that the caller has locked."""
    if person.erased_on is not None:
        raise Missing
    check_role(body, role, on)
    held = Membership.objects.valid_at(on).filter(person=person, organisation=body, role=role).first()
    if held and held.valid_to == until:
        return held
    lasts = role == Role.ADMINISTRATOR and until is None
    if not lasts and not body.memberships.lasting_administrators(on).exists():
        raise Refused(
            _("Cet organisme n’a pas encore de gestionnaire des accès : nommez-le d’abord, sans date de fin.")
        )
    with refusing(_("Cette personne tient déjà ce rôle pour une partie de ces jours : mettez-y fin d’abord.")):
        return Membership.objects.create(person=person, organisation=body, role=role, valid_from=on, valid_to=until)


def check_role(body: Organisation, role: Role, on: date) -> None:
    if not role.fits(kinds_on(body, on)):
        raise Refused(
            _("Le rôle « %(role)s » n’existe pas dans cet organisme à cette date : vérifiez sa nature.")
            % {"role": role.label}
        )


@transaction.atomic
def end_membership(membership: Membership, *, by: Actor, on: date) -> Membership:
    """End a role from that day; ended already by then, it stays as it is. The last administrator stays (`Membership`)."""
    membership = seen(Membership.objects.visible_to(by), membership.pk)
    require(can_end_membership(by, membership), by, membership.organisation_id)
    locked(membership.organisation_id)
    membership.refresh_from_db()
    if membership.valid_to is not None and membership.valid_to <= on:
        return membership
    end = max(on, membership.valid_from)
    unchanged = Membership.objects.filter(pk=membership.pk, valid_to=membership.valid_to)
    if not unchanged.filter(leaves_an_administrator(end)).update(valid_to=end):
        raise Refused(
            _("C’est le dernier gestionnaire des accès de l’organisme : nommez-en un autre, sans date de fin, d’abord.")
        )
    membership.valid_to = end
    return membership


def leaves_an_administrator(end: date) -> Q:
    """Condition of the one UPDATE that ends a membership: it opens no door, another one does, or nobody stays."""
    others = Membership.objects.filter(organisation=OuterRef("organisation")).exclude(pk=OuterRef("pk"))
    return (
        ~Q(role=Role.ADMINISTRATOR, valid_to__isnull=True)
        | Q(Exists(others.lasting_administrators(end)))
        | ~Q(Exists(others.lasting_past(end)))
    )


@transaction.atomic
def erase_person(person: Person, *, by: Actor, now: datetime) -> Person:
    """Forget the name and the address of somebody who has left everywhere; her acts stay, under her number.

    Regulation (EU) 2016/679, article 17. Invitations lose the address too; those that were waiting are taken back.
    """
    if not can_erase(by, person.pk):
        raise Missing
    on = localtime(now).date()
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.erased_on is not None:
        return person
    if person.memberships.lasting_past(on).exists():
        raise Refused(_("Cette personne est encore membre d’un organisme : mettez fin à ses rôles d’abord."))
    for waiting in Invitation.objects.filter(email=person.email, state=InvitationState.PENDING):
        INVITATION.move(waiting, "revoke", settled_at=now)
    Invitation.objects.filter(email=person.email).update(email="")
    person.name, person.email, person.erased_on = "", None, on
    person.save(update_fields=["name", "email", "erased_on"])
    return person
