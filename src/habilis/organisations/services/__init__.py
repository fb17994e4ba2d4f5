"""Acts on organisations, people and rights: one verb each. They refuse by `Forbidden`, `Missing`, `Refused` or `Stale`."""

from habilis.organisations.services.access import (
    INVITATION_LASTS,
    Invited,
    accept_invitation,
    end_membership,
    erase_person,
    grant_role,
    invite,
    register_person,
    revoke_invitation,
)
from habilis.organisations.services.bodies import (
    add_site,
    close_site,
    create_organisation,
    rename_organisation,
    set_kinds,
)
from habilis.organisations.services.delegations import delegate, revoke_delegation
from habilis.organisations.services.guards import Refused
from habilis.organisations.services.merging import merge_organisations, undo_merge
from habilis.organisations.services.published import department_of, is_siret, register_published
from habilis.organisations.services.training_list import Address, ListedBody, record_training_list

__all__ = [
    "INVITATION_LASTS",
    "Address",
    "Invited",
    "ListedBody",
    "Refused",
    "accept_invitation",
    "add_site",
    "close_site",
    "create_organisation",
    "delegate",
    "department_of",
    "end_membership",
    "erase_person",
    "grant_role",
    "invite",
    "is_siret",
    "merge_organisations",
    "record_training_list",
    "register_person",
    "register_published",
    "rename_organisation",
    "revoke_delegation",
    "revoke_invitation",
    "set_kinds",
    "undo_merge",
]
