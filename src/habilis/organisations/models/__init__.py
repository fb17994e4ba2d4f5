"""Models of organisations, and the keys of their numbers."""

from habilis.organisations.models.actor import ANONYMOUS, SYSTEM, Actor, Delegation
from habilis.organisations.models.keys import has_valid_key, has_valid_siren_key, has_valid_uai_key, is_nda
from habilis.organisations.models.organisation import (
    SINCE_EVER,
    FormerName,
    HeldKind,
    Organisation,
    OrganisationMerge,
    OrganisationQuerySet,
    QualiopiMark,
    Site,
)
from habilis.organisations.models.people import (
    DelegationLetter,
    Invitation,
    Membership,
    MembershipQuerySet,
    Person,
)

__all__ = [
    "ANONYMOUS",
    "SINCE_EVER",
    "SYSTEM",
    "Actor",
    "Delegation",
    "DelegationLetter",
    "FormerName",
    "HeldKind",
    "Invitation",
    "Membership",
    "MembershipQuerySet",
    "Organisation",
    "OrganisationMerge",
    "OrganisationQuerySet",
    "Person",
    "QualiopiMark",
    "Site",
    "has_valid_key",
    "has_valid_siren_key",
    "has_valid_uai_key",
    "is_nda",
]
