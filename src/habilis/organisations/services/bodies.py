"""Acts on organisations and their sites."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habilis.organisations.enums import OrganisationKind
from habilis.organisations.models import (
    SINCE_EVER,
    Actor,
    FormerName,
    HeldKind,
    Organisation,
    Site,
    has_valid_key,
    has_valid_siren_key,
    has_valid_uai_key,
    is_nda,
)
from habilis.organisations.perms import can_manage_sites, can_rename, require, require_operator
from habilis.organisations.services.guards import Refused, locked, refusing, required_text, seen
from habilis.organisations.services.published import department_of


@transaction.atomic
def create_organisation(*, name: str, siret: str = "", nda: str = "", uai: str = "", by: Actor) -> Organisation:
    """A body that no register has named yet. Unlike published numbers, those that people enter have exact keys."""
    require_operator(by)
    check_numbers(siret=siret, nda=nda, uai=uai)
    with refusing(_("Cet organisme existe déjà : cherchez-le par son SIRET, ou par son nom s’il n’en a pas.")):
        return Organisation.objects.create(
            name=required_text(name, 300),
            siret=siret or None,
            siren=siret[:9],
            has_valid_siret=bool(siret),
            nda=nda,
            uai=uai,
        )


def check_numbers(*, siret: str = "", nda: str = "", uai: str = "") -> None:
    """Raise `Refused` for a number, given, whose shape or key is wrong."""
    if siret and not (has_valid_key(siret) and has_valid_siren_key(siret[:9])):
        raise Refused(_("Ce SIRET est inexact : vérifiez ses 14 chiffres."))
    if nda and not is_nda(nda):
        raise Refused(_("Un numéro de déclaration d’activité a 11 chiffres : vérifiez-le."))
    if uai and not has_valid_uai_key(uai):
        raise Refused(_("Cet UAI est inexact : vérifiez ses 7 chiffres et sa lettre."))


@transaction.atomic
def rename_organisation(organisation: Organisation, name: str, *, by: Actor, on: date) -> Organisation:
    """Bear a new name from that day; the former one stays known with its days. The same name changes nothing."""
    require(can_rename(by, organisation.pk), by, organisation.pk)
    body, name = locked(organisation.pk), required_text(name, 300)
    if name == body.name:
        return body
    if body.siret is None:
        raise Refused(
            _("Sans SIRET, un organisme est connu par son seul nom : fusionnez-le avec celui qui porte le nouveau.")
        )
    last = body.former_names.order_by("-valid_to", "-id").first()
    since = last.valid_to if last and last.valid_to else SINCE_EVER
    if on < since:
        raise Refused(
            _("Cet organisme a déjà changé de nom le %(day)s : le suivant ne peut le précéder.")
            % {"day": date_format(since)}
        )
    FormerName.objects.create(organisation=body, name=body.name, valid_from=since, valid_to=on)
    body.name = name
    body.save(update_fields=["name"])
    return body


@transaction.atomic
def set_kinds(
    organisation: Organisation, kinds: Collection[OrganisationKind], *, by: Actor, on: date
) -> frozenset[OrganisationKind]:
    """Say what the body is from that day on; kinds that go on keep their row. Returns the kinds that changed."""
    require_operator(by)
    body = locked(organisation.pk)
    current = {OrganisationKind(row.kind): row for row in body.held_kinds.current()}
    changed = set(kinds) ^ current.keys()
    with refusing(
        _("La nature de l’organisme est déjà fixée pour une date postérieure : choisissez une date plus récente.")
    ):
        for kind in sorted(changed):
            if kind in current:
                row = current[kind]
                row.valid_to = max(on, row.valid_from)
                row.save(update_fields=["valid_to"])
            else:
                HeldKind.objects.create(organisation=body, kind=kind, valid_from=on)
    return frozenset(changed)


@transaction.atomic
def add_site(
    organisation: Organisation,
    *,
    name: str,
    siret: str = "",
    uai: str = "",
    address: str = "",
    postal_code: str = "",
    city: str = "",
    by: Actor,
    on: date,
) -> Site:
    """Open a site. An open site of the same SIRET, else of the same name and postal code, is returned as it is."""
    require(can_manage_sites(by, organisation.pk), by, organisation.pk)
    body, name = locked(organisation.pk), required_text(name, 300)
    check_numbers(siret=siret, uai=uai)
    key = {"siret": siret} if siret else {"siret": None, "name": name, "postal_code": postal_code}
    if known := body.sites.current().filter(**key).first():
        return known
    with refusing(_("Ce site est déjà ouvert pour une partie de ces jours : choisissez une date plus récente.")):
        return Site.objects.create(
            organisation=body,
            siret=siret or None,
            uai=uai,
            name=name,
            address=address[:300],
            postal_code=postal_code[:5],
            city=city[:120],
            department=department_of(postal_code),
            valid_from=on,
        )


@transaction.atomic
def close_site(site: Site, *, by: Actor, on: date) -> Site:
    """Close a site from that day; closed already by then, it stays as it is."""
    require(can_manage_sites(by, site.organisation_id), by, site.organisation_id)
    locked(site.organisation_id)
    site = seen(Site.objects.filter(organisation=site.organisation_id), site.pk)
    if site.valid_to is None or site.valid_to > on:
        site.valid_to = max(on, site.valid_from)
        site.save(update_fields=["valid_to"])
    return site
