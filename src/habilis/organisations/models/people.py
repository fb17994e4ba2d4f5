"""People, what they do in organisations and for how long, invitations, and letters of delegation."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from habilis.common.periods import Period, PeriodQuerySet, one_current, ordered_period
from habilis.common.workflow import Stateful
from habilis.organisations.enums import DelegationScope, DelegationState, InvitationState, Role
from habilis.organisations.models.actor import Actor
from habilis.organisations.models.organisation import Organisation
from habilis.organisations.workflow import DELEGATION, INVITATION

SHA256_PATTERN = r"\A[0-9a-f]{64}\Z"


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, actor: Actor) -> Self:
        """Oneself, and whoever is or was a member of the organisation that one acts for."""
        oneself = Q(pk=actor.person_id)
        if not actor.holds(actor.organisation_id):
            return self.filter(oneself)
        members = Membership.objects.filter(person=OuterRef("pk"), organisation=actor.organisation_id)
        return self.filter(oneself | Q(Exists(members)))


class Person(models.Model):
    """Somebody, whatever the organisations; no civil identity and no NIR. Erased, she keeps her acts and loses her name.

    Apart from the account that signs in (ADR 7). The e-mail is stored in lower case, so that uniqueness is plain.
    """

    name = models.CharField("nom", max_length=200, blank=True)
    email = models.EmailField("adresse électronique", null=True, unique=True)
    erased_on = models.DateField("effacée le", null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "personne"
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_on__isnull=True, email__isnull=False) & ~Q(name="") & ~Q(email="")
                | Q(erased_on__isnull=False, email__isnull=True, name=""),
                name="person_known_or_erased",
                violation_error_message="Une personne a un nom et une adresse électronique, ou elle est effacée.",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class MembershipQuerySet(PeriodQuerySet["Membership"]):
    def visible_to(self, actor: Actor) -> Self:
        """Memberships of the organisation that one acts for, and no other: one's own elsewhere are `of_person`."""
        if not actor.holds(actor.organisation_id):
            return self.none()
        return self.filter(organisation=actor.organisation_id)

    def of_person(self, person: Person) -> Self:
        """All that a person does, wherever: for the choice of the organisation to act for."""
        return self.filter(person=person)

    def lasting_administrators(self, day: date) -> Self:
        """Those who open the door from that day on, without a known end."""
        return self.filter(role=Role.ADMINISTRATOR, valid_from__lte=day, valid_to__isnull=True)

    def lasting_past(self, day: date) -> Self:
        """Memberships that still hold, or will, once that day has come."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class Membership(Period):
    """A person has a role in an organisation for a while.

    An organisation that has members never loses its last administrator without a known end: the services refuse it, and
    so does a trigger on both engines, whoever writes (migration 0002).
    """

    person = models.ForeignKey(Person, verbose_name="personne", on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField("rôle", max_length=20, choices=Role.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "appartenance"
        ordering = ["organisation", "person", "role", "valid_from", "id"]
        constraints = [
            ordered_period("membership"),
            one_current("membership", "person", "organisation", "role"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.organisation_id} · {Role(self.role).label}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the organisation that one acts for, to its administrators only: an address is in them."""
        if not actor.holds(actor.organisation_id, Role.ADMINISTRATOR):
            return self.none()
        return self.filter(organisation=actor.organisation_id)

    def pending_at(self, now: datetime) -> Self:
        return self.filter(state=InvitationState.PENDING, expires_at__gt=now)


class Invitation(Stateful):
    """A role offered to an address; whoever shows the token, once and in time, may take it. Only its digest is kept."""

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField("adresse électronique", blank=True)  # empty once the person is erased
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    token_digest = models.CharField("empreinte du jeton", max_length=64, unique=True)
    invited_by = models.ForeignKey(
        Person, verbose_name="invitée par", null=True, on_delete=models.PROTECT, related_name="invitations_sent"
    )
    accepted_by = models.ForeignKey(
        Person, verbose_name="acceptée par", null=True, on_delete=models.PROTECT, related_name="invitations_accepted"
    )
    created_at = models.DateTimeField("créée le")
    expires_at = models.DateTimeField("expire le")
    settled_at = models.DateTimeField("acceptée ou retirée le", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["-created_at", "-id"]
        constraints = [
            INVITATION.constraint("invitation"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_known_role"),
            models.CheckConstraint(condition=Q(token_digest__regex=SHA256_PATTERN), name="invitation_digest_shape"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_lasts"),
            models.CheckConstraint(
                condition=Q(state=InvitationState.PENDING, settled_at__isnull=True, accepted_by__isnull=True)
                & ~Q(email="")
                | Q(state=InvitationState.ACCEPTED, settled_at__isnull=False, accepted_by__isnull=False)
                | Q(state=InvitationState.REVOKED, settled_at__isnull=False, accepted_by__isnull=True),
                name="invitation_settled_as_its_state_says",
            ),
            models.UniqueConstraint(
                fields=["organisation", "email", "role"],
                condition=Q(state=InvitationState.PENDING),
                name="invitation_one_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} · {Role(self.role).label} · {self.state}"


class DelegationQuerySet(PeriodQuerySet["DelegationLetter"]):
    def visible_to(self, actor: Actor) -> Self:
        """Letters that the organisation one acts for gave or received; a letter is what two organisations share."""
        if not actor.holds(actor.organisation_id):
            return self.none()
        return self.filter(Q(organisation=actor.organisation_id) | Q(delegate_organisation=actor.organisation_id))


class DelegationLetter(Stateful, Period):
    """An organisation lets a person of an organisation act in its name, in one scope and for a while that has an end.

    Revoked, it ends that day. `evidence_digest` is that of the signed file, kept elsewhere.
    """

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme qui délègue", on_delete=models.PROTECT, related_name="delegations_given"
    )
    signatory = models.ForeignKey(
        Person, verbose_name="signataire", on_delete=models.PROTECT, related_name="delegations_signed"
    )
    delegate = models.ForeignKey(
        Person, verbose_name="délégataire", on_delete=models.PROTECT, related_name="delegations_received"
    )
    delegate_organisation = models.ForeignKey(
        Organisation,
        verbose_name="organisme du délégataire",
        on_delete=models.PROTECT,
        related_name="delegations_received",
    )
    scope = models.CharField("objet", max_length=12, choices=DelegationScope.choices)
    evidence_digest = models.CharField("empreinte SHA-256 de la lettre", max_length=64)
    revoked_on = models.DateField("révoquée le", null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = "lettre de délégation"
        verbose_name_plural = "lettres de délégation"
        ordering = ["-valid_from", "-id"]
        constraints = [
            ordered_period("delegation_letter"),
            DELEGATION.constraint("delegation_letter"),
            models.CheckConstraint(condition=Q(valid_to__isnull=False), name="delegation_letter_has_an_end"),
            models.CheckConstraint(condition=Q(scope__in=DelegationScope.values), name="delegation_letter_known_scope"),
            models.CheckConstraint(
                condition=Q(evidence_digest__regex=SHA256_PATTERN), name="delegation_letter_digest_shape"
            ),
            models.CheckConstraint(condition=~Q(signatory=F("delegate")), name="delegation_letter_of_two_people"),
            models.CheckConstraint(
                condition=Q(state=DelegationState.GIVEN, revoked_on__isnull=True)
                | Q(state=DelegationState.REVOKED, revoked_on__isnull=False),
                name="delegation_letter_revoked_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} → {self.delegate_id} · {DelegationScope(self.scope).label}"
