"""Acts on organisations and their sites."""

from datetime import date, timedelta

import pytest

from habilis.organisations.enums import OrganisationKind, Role
from habilis.organisations.models import SINCE_EVER, SYSTEM, Actor, FormerName, HeldKind, Organisation, Site
from habilis.organisations.perms import Forbidden, Missing
from habilis.organisations.queries import kinds_on
from habilis.organisations.services import (
    Refused,
    add_site,
    close_site,
    create_organisation,
    rename_organisation,
    set_kinds,
)
from habilis.organisations.tests.factories import DAY, START, a_body, a_member, an_actor

pytestmark = pytest.mark.django_db
SIRET, OTHER_SIRET = "99900016900014", "99900016900022"
CERTIFIER, PARTNER = OrganisationKind.CERTIFIER, OrganisationKind.PARTNER


def a_numbered_body(**fields) -> Organisation:
    return a_body("Ancien nom", siret=SIRET, siren=SIRET[:9], **fields)


# Creating


def test_operator_creates_a_body():
    body = create_organisation(name=" Atelier  d’essai ", siret=SIRET, nda="11999999999", uai="0000001B", by=SYSTEM)
    assert (body.name, body.siren, body.has_valid_siret) == ("Atelier d’essai", SIRET[:9], True)
    with pytest.raises(Refused, match="existe déjà"):
        create_organisation(name="Autre", siret=SIRET, by=SYSTEM)
    assert create_organisation(name="Sans numéro", by=SYSTEM).siret is None


@pytest.mark.parametrize(
    "fields", [{"siret": "99900001600013"}, {"siret": "9990000160001"}, {"nda": "1"}, {"uai": "0000001A"}, {"name": " "}, {"name": "x" * 301}]
)  # fmt: skip
def test_inexact_number_or_name_is_refused(fields):
    with pytest.raises(Refused, match=r" : "):
        create_organisation(**{"name": "Essai"} | fields, by=SYSTEM)
    assert not Organisation.objects.exists()


def test_only_the_operator_creates_or_says_what_a_body_is():
    body = a_body()
    for actor in (an_actor(body), an_actor(body, Role.DIRECTOR), Actor()):
        with pytest.raises(Forbidden):
            create_organisation(name="Essai", by=actor)
        with pytest.raises(Forbidden):
            set_kinds(body, [PARTNER], by=actor, on=DAY)


# Names


def test_former_names_keep_their_days():
    body = a_numbered_body()
    administrator = an_actor(body)
    rename_organisation(body, "Deuxième nom", by=administrator, on=DAY)
    rename_organisation(body, "Deuxième nom", by=administrator, on=DAY)
    body = rename_organisation(body, "Troisième nom", by=SYSTEM, on=DAY + timedelta(days=30))

    assert [body.name_on(day) for day in (date(1950, 1, 1), DAY, DAY + timedelta(days=30))] == [
        "Ancien nom",
        "Deuxième nom",
        "Troisième nom",
    ]
    assert FormerName.objects.order_by("valid_from").values_list("valid_from", flat=True)[0] == SINCE_EVER
    with pytest.raises(Refused, match="ne peut le précéder"):
        rename_organisation(body, "Quatrième nom", by=administrator, on=DAY)


def test_body_known_by_its_name_alone_keeps_it():
    """Else the next import would not recognise it, and would make another one."""
    with pytest.raises(Refused, match="fusionnez-le"):
        rename_organisation(a_body("Nom"), "Autre", by=SYSTEM, on=DAY)


def test_others_rename_nothing():
    body = a_numbered_body()
    a_member(body)
    with pytest.raises(Forbidden):
        rename_organisation(body, "Autre", by=an_actor(body, Role.DIRECTOR), on=DAY)
    with pytest.raises(Missing):
        rename_organisation(body, "Autre", by=an_actor(a_body()), on=DAY)
    with pytest.raises(Missing):
        rename_organisation(Organisation(pk=0), "Autre", by=SYSTEM, on=DAY)


# Kinds


def test_kinds_change_on_a_day_and_the_others_go_on():
    body = a_body("", CERTIFIER)
    assert set_kinds(body, [CERTIFIER, PARTNER], by=SYSTEM, on=DAY) == {PARTNER}
    assert set_kinds(body, [CERTIFIER, PARTNER], by=SYSTEM, on=DAY) == set()
    assert set_kinds(body, [PARTNER], by=SYSTEM, on=DAY + timedelta(days=1)) == {CERTIFIER}
    assert kinds_on(body, START) == {CERTIFIER}
    assert kinds_on(body, DAY) == {CERTIFIER, PARTNER}
    assert kinds_on(body, DAY + timedelta(days=1)) == {PARTNER}
    assert HeldKind.objects.count() == 2


def test_kind_that_overlaps_a_past_one_is_refused_whole():
    body = a_body("", CERTIFIER)
    set_kinds(body, [], by=SYSTEM, on=DAY)
    with pytest.raises(Refused, match="déjà fixée"):
        set_kinds(body, [PARTNER, CERTIFIER], by=SYSTEM, on=DAY - timedelta(days=1))
    assert kinds_on(body, DAY) == set()


# Sites


def test_site_opens_once_and_closes_once():
    body = a_body("", PARTNER)
    a_member(body)
    manager = an_actor(body, Role.PARTNER_MANAGER)
    opened = {"name": "Annexe", "siret": OTHER_SIRET, "postal_code": "20620", "city": "BIGUGLIA", "by": manager}
    site = add_site(body, on=DAY, **opened)
    assert (site.department, site.valid_to) == ("2B", None)
    assert add_site(body, on=DAY + timedelta(days=9), **opened) == site

    assert close_site(site, by=manager, on=DAY + timedelta(days=1)).valid_to == DAY + timedelta(days=1)
    assert close_site(site, by=manager, on=DAY + timedelta(days=2)).valid_to == DAY + timedelta(days=1)
    with pytest.raises(Refused, match="déjà ouvert"):
        add_site(body, on=DAY, **opened)
    assert add_site(body, on=DAY + timedelta(days=1), **opened) != site


def test_site_without_number_is_known_by_name_and_place():
    body = a_body()
    actor = an_actor(body)
    sites = {
        add_site(body, name="Annexe", postal_code=code, by=actor, on=DAY).pk for code in ("35000", "35000", "44000")
    }
    assert len(sites) == 2
    for numbers in ({"siret": "99900001600013"}, {"uai": "0000001A"}):
        with pytest.raises(Refused):
            add_site(body, name="Autre", by=actor, on=DAY, **numbers)


def test_others_open_and_close_nothing():
    body = a_body()
    site = add_site(body, name="Annexe", by=an_actor(body), on=DAY)
    for actor, refusal in (
        (an_actor(body, Role.JUROR), Forbidden),
        (an_actor(a_body()), Missing),
        (SYSTEM, Missing),
        (Actor(), Missing),
    ):
        with pytest.raises(refusal):
            add_site(body, name="Autre", by=actor, on=DAY)
        with pytest.raises(refusal):
            close_site(site, by=actor, on=DAY)
    assert Site.objects.get().valid_to is None
