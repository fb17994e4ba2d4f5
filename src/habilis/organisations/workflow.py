"""What may happen to an invitation and to a letter of delegation."""

from django.utils.translation import gettext_lazy as _

from habilis.common.workflow import Transition, Workflow
from habilis.organisations.enums import DelegationState, InvitationState

INVITATION = Workflow(
    InvitationState,
    Transition("accept", (InvitationState.PENDING,), InvitationState.ACCEPTED, _("Accepter l’invitation")),
    Transition("revoke", (InvitationState.PENDING,), InvitationState.REVOKED, _("Retirer l’invitation")),
)
DELEGATION = Workflow(
    DelegationState,
    Transition("revoke", (DelegationState.GIVEN,), DelegationState.REVOKED, _("Révoquer la délégation")),
)
