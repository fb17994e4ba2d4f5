"""Who may do what: closed by default, decided from the actor alone, without a query."""

from collections.abc import Mapping

from django.utils.translation import gettext

from habilis.organisations.enums import Degree, Role, SensitiveFact
from habilis.organisations.models import Actor, DelegationLetter, Membership

# Those who bind their organisation by their signature.
SIGNATORIES = (Role.DIRECTOR, Role.PARTNER_MANAGER, Role.DIRECTOR_GENERAL)
FLAG, READ, WRITE = Degree.FLAG, Degree.READ, Degree.WRITE
# Fact -> role -> degrees, in the organisation that holds the fact. What is not written here is refused.
DEGREES: Mapping[SensitiveFact, Mapping[Role, frozenset[Degree]]] = {
    SensitiveFact.NIR: {  # collected for the declarations only; one role reveals it (CT R6113-17-1)
        Role.NIR_OFFICER: frozenset({FLAG, READ, WRITE}),
        Role.DECLARATIONS_OFFICER: frozenset({FLAG}),
        Role.EXAM_OFFICE: frozenset({FLAG, WRITE}),
        Role.SESSION_ORGANISER: frozenset({FLAG, WRITE}),
    },
    SensitiveFact.RISK_SIGNAL: {
        Role.CONTROLLER: frozenset({FLAG, READ, WRITE}),
        Role.DIRECTOR: frozenset({FLAG, READ}),
        Role.NETWORK_MANAGER: frozenset({FLAG}),
        Role.REGULATOR_CONTROLLER: frozenset({FLAG, READ, WRITE}),
        Role.INSTRUCTOR: frozenset({FLAG}),
    },
}


class Forbidden(Exception):
    """The actor sees the thing but may not do that. The message says who may."""


class Missing(Exception):
    """What does not exist for the actor: same words whether it is another organisation's or nowhere."""

    def __init__(self) -> None:
        super().__init__(gettext("Introuvable : cet élément n’existe pas, ou n’existe plus. Revenez à la liste."))


def require(permitted: bool, actor: Actor, organisation_id: int | None) -> None:
    """Refuse an act: as forbidden within the actor's own organisation, as missing anywhere else."""
    if permitted:
        return
    if not actor.holds(organisation_id):
        raise Missing
    raise Forbidden(
        gettext("Votre rôle ne permet pas cette action. Demandez-la à un gestionnaire des accès de votre organisme.")
    )


def require_operator(actor: Actor) -> None:
    if not actor.is_operator:
        raise Forbidden(gettext("Seul l’exploitant de la plateforme peut le faire. Adressez-lui la demande."))


def can_give_role(actor: Actor, organisation_id: int, role: Role) -> bool:
    """Administrators give the roles of their organisation; an operator, the first administrator; only an operator, his own.

    Else the administrator of any partner could make herself operator of the whole platform.
    """
    if role == Role.OPERATOR:
        return actor.is_operator
    if actor.holds(organisation_id, Role.ADMINISTRATOR):
        return True
    return actor.is_operator and role == Role.ADMINISTRATOR


def can_end_membership(actor: Actor, membership: Membership) -> bool:
    """Administrators end those of their organisation; anybody leaves."""
    if not actor.holds(membership.organisation_id):
        return False
    return membership.person_id == actor.person_id or Role.ADMINISTRATOR in actor.roles


def can_revoke_invitation(actor: Actor, organisation_id: int) -> bool:
    return actor.holds(organisation_id, Role.ADMINISTRATOR)


def can_rename(actor: Actor, organisation_id: int) -> bool:
    return actor.is_operator or actor.holds(organisation_id, Role.ADMINISTRATOR)


def can_manage_sites(actor: Actor, organisation_id: int) -> bool:
    return actor.holds(organisation_id, Role.ADMINISTRATOR, Role.DIRECTOR, Role.PARTNER_MANAGER)


def can_delegate(actor: Actor, organisation_id: int) -> bool:
    return actor.holds(organisation_id, *SIGNATORIES)


def can_revoke_delegation(actor: Actor, letter: DelegationLetter) -> bool:
    """The organisation that gave it; not the one that received it."""
    return actor.holds(letter.organisation_id, *SIGNATORIES)


def can_erase(actor: Actor, person_id: int) -> bool:
    """Oneself, or an operator who received the request."""
    return actor.is_operator or actor.person_id == person_id


def degrees(actor: Actor, fact: SensitiveFact, organisation_id: int | None) -> frozenset[Degree]:
    """What the actor may do with a sensitive fact that this organisation holds; nothing outside her own."""
    if not actor.holds(organisation_id):
        return frozenset()
    granted = DEGREES.get(fact, {})
    return frozenset().union(*(granted.get(role, frozenset()) for role in actor.roles))
