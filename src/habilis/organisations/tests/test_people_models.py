"""What the database refuses about people and rights, whoever writes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from habilis.organisations.enums import DelegationState, InvitationState, OrganisationKind, Role, TrainingAction
from habilis.organisations.models import (
    DelegationLetter,
    FormerName,
    HeldKind,
    Membership,
    Organisation,
    Person,
    QualiopiMark,
    Site,
)
from habilis.organisations.tests.factories import (
    DAY,
    NOW,
    START,
    a_body,
    a_letter,
    a_member,
    a_person,
    an_invitation,
)

pytestmark = pytest.mark.django_db
LATER = DAY + timedelta(days=30)


def refused(write) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


# Numbers


@pytest.mark.parametrize("numbers", [{"nda": "1199999999"}, {"nda": "x" * 11}, {"uai": "0000001I"}, {"uai": "1B"}])
def test_misshapen_number_is_refused(numbers):
    assert refused(lambda: Organisation.objects.create(name="Essai", **numbers))


def test_shaped_number_is_kept():
    Organisation.objects.create(name="Essai", nda="11999999999", uai="0000001B")
    Organisation.objects.create(name="Sans numéro")
    assert sorted(Organisation.objects.values_list("nda", "uai")) == [("", ""), ("11999999999", "0000001B")]


# Periods


def facts():
    body, person, other = a_body("Essai", OrganisationKind.PARTNER), a_person(), a_person()
    a_member(body)
    return [
        lambda **period: FormerName.objects.create(organisation=body, name="Avant", **period),
        lambda **period: HeldKind.objects.create(organisation=body, kind=OrganisationKind.CERTIFIER, **period),
        lambda **period: QualiopiMark.objects.create(organisation=body, action=TrainingAction.VAE, **period),
        lambda **period: Site.objects.create(organisation=body, siret="99900001600017", name="Site", **period),
        lambda **period: a_member(body, Role.TRAINER, person, **period),
        lambda **period: a_letter(body, person, body, signatory=other, **period),
    ]


@pytest.mark.parametrize("fact", range(6))
def test_periods_of_one_fact_never_overlap(fact):
    write = facts()[fact]
    write(valid_from=START, valid_to=DAY)
    assert refused(lambda: write(valid_from=START + timedelta(days=1), valid_to=LATER))
    assert refused(lambda: write(valid_from=date(2025, 1, 1), valid_to=START + timedelta(days=1)))
    assert not refused(lambda: write(valid_from=DAY, valid_to=LATER))
    assert refused(lambda: write(valid_from=LATER, valid_to=DAY))


@pytest.mark.parametrize("fact", [1, 2, 3, 4])
def test_one_fact_without_end_at_a_time(fact):
    write = facts()[fact]
    write(valid_from=START, valid_to=None)
    assert refused(lambda: write(valid_from=DAY, valid_to=None))


@pytest.mark.parametrize("fact", [0, 5])
def test_what_must_end_has_an_end(fact):
    write = facts()[fact]
    assert refused(lambda: write(valid_from=START, valid_to=None))


def test_name_of_a_day_is_found():
    body = a_body("Nouveau")
    FormerName.objects.create(organisation=body, name="Ancien", valid_from=date.min, valid_to=DAY)
    assert body.name_on(date(1999, 1, 1)) == "Ancien"
    assert body.name_on(DAY) == "Nouveau"


# People


@pytest.mark.parametrize(
    "columns",
    [
        {"name": ""},
        {"email": None},
        {"email": ""},
        {"email": "Majuscule@exemple.test"},
        {"erased_on": DAY},
        {"erased_on": DAY, "name": ""},
        {"erased_on": DAY, "email": None},
    ],
)
def test_person_is_known_or_erased(columns):
    assert refused(lambda: a_person(**columns))
    assert not refused(lambda: a_person())


def test_erased_people_share_no_address():
    for _ in range(2):
        Person.objects.create(name="", email=None, erased_on=DAY)
    assert {str(person)[0] for person in Person.objects.all()} == {"#"}


def test_address_is_one_persons():
    a_person(email="a@exemple.test")
    assert refused(lambda: a_person(email="a@exemple.test"))


# Invitations and letters


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "lost"},
        {"role": "king"},
        {"token_digest": "clear"},
        {"expires_at": NOW},
        {"state": InvitationState.ACCEPTED},
        {"state": InvitationState.ACCEPTED, "settled_at": NOW},
        {"state": InvitationState.REVOKED},
        {"settled_at": NOW},
        {"email": ""},
    ],
)
def test_incoherent_invitation_is_refused(columns):
    body = a_body()
    assert refused(lambda: an_invitation(body, **columns))
    assert not refused(lambda: an_invitation(body))


def test_one_invitation_waits_for_one_role():
    body = a_body()
    an_invitation(body, email="a@exemple.test")
    assert refused(lambda: an_invitation(body, email="a@exemple.test"))
    assert not refused(lambda: an_invitation(body, email="a@exemple.test", role=Role.DIRECTOR))


@pytest.mark.parametrize(
    "columns",
    [
        {"scope": "all"},
        {"evidence_digest": ""},
        {"state": DelegationState.REVOKED},
        {"revoked_on": DAY},
    ],
)
def test_incoherent_letter_is_refused(columns):
    giver, receiver, person = a_body(), a_body(), a_person()
    assert refused(lambda: a_letter(giver, person, receiver, **columns))
    assert refused(lambda: a_letter(giver, person, receiver, signatory=person))
    assert not refused(lambda: a_letter(giver, person, receiver))
    assert DelegationLetter.objects.count() == 1


# The last administrator, at the level of the database


def ways_to_lose(membership):
    other = a_body()
    rows = Membership.objects.filter(pk=membership.pk)
    return {
        "end": lambda: rows.update(valid_to=DAY),
        "demote": lambda: rows.update(role=Role.DIRECTOR),
        "move": lambda: rows.update(organisation=other),
        "delay": lambda: rows.update(valid_from=DAY),
        "delete": lambda: rows.delete(),
        "all": lambda: Membership.objects.filter(role=Role.ADMINISTRATOR).update(valid_to=DAY),
    }


WAYS = ["end", "demote", "move", "delay", "delete", "all"]


@pytest.mark.parametrize("way", WAYS)
def test_last_administrator_stays_while_there_are_members(way):
    body = a_body()
    administrator = a_member(body)
    a_member(body, Role.DIRECTOR)
    assert refused(ways_to_lose(administrator)[way])


@pytest.mark.parametrize("way", WAYS[:-1])
def test_an_administrator_leaves_when_another_one_stays(way):
    body = a_body()
    administrator = a_member(body)
    a_member(body)
    a_member(body, Role.DIRECTOR)
    assert not refused(ways_to_lose(administrator)[way])


@pytest.mark.parametrize("way", WAYS)
def test_the_only_member_leaves(way):
    body = a_body()
    administrator = a_member(body)
    a_member(body, Role.DIRECTOR, valid_to=START + timedelta(days=9) if way not in ("delay",) else START)
    assert not refused(ways_to_lose(administrator)[way])


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "kept"), [(START, LATER, False), (LATER, None, False), (DAY, None, True)]
)
def test_an_administrator_who_will_leave_or_has_not_begun_is_not_enough(valid_from, valid_to, kept):
    body = a_body()
    administrator = a_member(body)
    a_member(body, Role.ADMINISTRATOR, valid_from=valid_from, valid_to=valid_to)
    a_member(body, Role.DIRECTOR)
    assert refused(ways_to_lose(administrator)["end"]) is not kept
