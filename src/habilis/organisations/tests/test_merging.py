"""Two bodies made one, and made two again exactly as they were."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import isolate_apps

from habilis.organisations.enums import DelegationScope, OrganisationKind, Role
from habilis.organisations.models import (
    SYSTEM,
    Actor,
    DelegationLetter,
    FormerName,
    HeldKind,
    Invitation,
    Membership,
    Organisation,
    OrganisationMerge,
    Person,
    QualiopiMark,
    Site,
)
from habilis.organisations.perms import Forbidden
from habilis.organisations.queries import actor_for
from habilis.organisations.services import Refused, end_membership, merge_organisations, undo_merge
from habilis.organisations.services.merging import followers
from habilis.organisations.tests.factories import (
    DAY,
    START,
    a_body,
    a_letter,
    a_member,
    a_person,
    an_actor,
    an_invitation,
)

with isolate_apps("habilis.organisations"):

    class Session(models.Model):
        """A table of an app above, which this one does not know."""

        host = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

        class Meta:
            app_label = "assessment"

        def __str__(self) -> str:
            return str(self.pk)


pytestmark = pytest.mark.django_db
TABLES = [Organisation, FormerName, HeldKind, QualiopiMark, Site, Person, Membership, Invitation, DelegationLetter]
SIRET = "99900001600017"


@pytest.fixture(scope="module", autouse=True)
def table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Session)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Session)


def snapshot() -> dict[str, list[dict[str, object]]]:
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in TABLES}


def sizes(record: dict[str, list[int]]) -> dict[str, int]:
    return {label.removeprefix("organisations."): len(rows) for label, rows in record.items()}


@pytest.fixture
def pair() -> tuple[Organisation, Organisation]:
    """Two bodies full of everything, with a member, an administrator, a site and an invitation in common."""
    kept, absorbed, third = a_body("Gardé"), a_body("Absorbé"), a_body("Tiers")
    anna, bob = a_person(name="Anna"), a_person(name="Bob")
    for body in (kept, absorbed):
        a_member(body)
        a_member(body, Role.ADMINISTRATOR, anna)
        a_member(body, Role.JUROR, bob, valid_to=date(2027, 1, 1) if body == kept else None)
        a_member(body, Role.DIRECTOR)
        Site.objects.create(organisation=body, siret=SIRET, name="Commun", valid_from=START)
        Site.objects.create(organisation=body, name=f"Site de {body}", valid_from=START)
        an_invitation(body, email="commun@exemple.test")
        an_invitation(body)
        a_letter(body, anna, third)
        a_letter(third, bob, body, scope=DelegationScope.NETWORK)
    a_letter(absorbed, anna, third, scope=DelegationScope.DECLARATIONS)
    a_member(absorbed, Role.EXAM_OFFICE, bob, valid_from=START, valid_to=START + timedelta(days=9))
    Organisation.objects.filter(pk=a_body("Déjà absorbé").pk).update(merged_into=absorbed)
    FormerName.objects.create(organisation=absorbed, name="Ancien", valid_from=date.min, valid_to=START)
    return kept, absorbed


def test_what_belonged_to_the_absorbed_body_follows(pair):
    kept, absorbed = pair
    anna = Person.objects.get(name="Anna")

    merge = merge_organisations(kept, absorbed, by=SYSTEM, on=DAY)

    assert sizes(merge.left) == {
        "Membership.organisation_id": 2,  # Anna and Bob were members of both
        "Site.organisation_id": 1,
        "Invitation.organisation_id": 1,
        "DelegationLetter.organisation_id": 1,
        "DelegationLetter.delegate_organisation_id": 1,
    }
    assert sizes(merge.moved) == {
        "Membership.organisation_id": 3,
        "Site.organisation_id": 1,
        "Invitation.organisation_id": 1,
        "DelegationLetter.organisation_id": 1,
        "Organisation.merged_into_id": 1,
    }
    assert Organisation.objects.get(name="Déjà absorbé").merged_into == kept
    assert not Membership.objects.filter(organisation=absorbed).lasting_past(DAY).exists()
    assert actor_for(anna, kept, on=DAY).roles == {Role.ADMINISTRATOR}
    assert not actor_for(anna, absorbed, on=DAY).roles
    assert FormerName.objects.get().organisation == absorbed
    assert merge_organisations(kept, absorbed, by=SYSTEM, on=DAY + timedelta(days=1)) == merge


def test_undo_restores_exactly(pair):
    before = snapshot()
    merge = merge_organisations(*pair, by=SYSTEM, on=DAY)
    assert snapshot() != before

    for _ in range(2):
        undone = undo_merge(merge, by=SYSTEM, on=DAY + timedelta(days=1))

    assert snapshot() == before
    assert undone.undone_on == DAY + timedelta(days=1)
    assert (undone.before != undone.after) and undone.moved
    assert merge_organisations(*pair, by=SYSTEM, on=DAY).pk != merge.pk


def test_undo_that_forgets_a_table_is_noticed(pair, monkeypatch):
    before = snapshot()
    merge = merge_organisations(*pair, by=SYSTEM, on=DAY)
    fewer = [one for one in followers() if one.model is not Site]
    monkeypatch.setattr("habilis.organisations.services.merging.followers", lambda: fewer)
    undo_merge(merge, by=SYSTEM, on=DAY)
    assert snapshot() != before


def test_an_empty_body_absorbs_and_gives_back_every_member(pair):
    kept, before = a_body("Vide"), snapshot()
    merge = merge_organisations(kept, pair[1], by=SYSTEM, on=DAY)
    assert not merge.left
    assert Membership.objects.filter(organisation=kept).count() == 5
    undo_merge(merge, by=SYSTEM, on=DAY)
    assert snapshot() == before


def test_later_merge_is_undone_first(pair):
    kept, absorbed = pair
    first = merge_organisations(kept, absorbed, by=SYSTEM, on=DAY)
    second = merge_organisations(a_body("Plus grand"), kept, by=SYSTEM, on=DAY)
    with pytest.raises(Refused):
        undo_merge(first, by=SYSTEM, on=DAY)
    between = snapshot()
    undo_merge(second, by=SYSTEM, on=DAY)
    undo_merge(first, by=SYSTEM, on=DAY)
    assert between != snapshot()
    assert Organisation.objects.standing().filter(pk__in=[kept.pk, absorbed.pk]).count() == 2


def test_undo_is_refused_whole_when_a_row_is_gone_or_the_last_administrator_came_with_the_merge(pair):
    kept, absorbed = pair
    merge = merge_organisations(kept, absorbed, by=SYSTEM, on=DAY)
    keys = merge.moved["organisations.Membership.organisation_id"]
    came = Membership.objects.get(pk__in=keys, role=Role.ADMINISTRATOR)
    actor = actor_for(came.person, kept, on=DAY)
    for former in Membership.objects.filter(organisation=kept, role=Role.ADMINISTRATOR).exclude(pk=came.pk):
        end_membership(former, by=actor, on=DAY)
    merged = snapshot()
    with pytest.raises(Refused, match="ont changé depuis"):
        undo_merge(merge, by=SYSTEM, on=DAY)
    assert snapshot() == merged

    Site.objects.filter(pk=merge.moved["organisations.Site.organisation_id"][0]).delete()
    with pytest.raises(Refused, match="ont changé depuis"):
        undo_merge(merge, by=SYSTEM, on=DAY)


def test_merge_of_one_body_or_of_an_absorbed_one_is_refused(pair):
    kept, absorbed = pair
    with pytest.raises(Refused, match="lui-même"):
        merge_organisations(kept, kept, by=SYSTEM, on=DAY)
    merge_organisations(kept, absorbed, by=SYSTEM, on=DAY)
    other = a_body()
    for one, two in ((other, absorbed), (absorbed, other)):
        with pytest.raises(Refused, match="absorbé par un autre"):
            merge_organisations(one, two, by=SYSTEM, on=DAY)


def test_only_operators_merge_and_undo_and_see_mergers(pair):
    merge = merge_organisations(*pair, by=SYSTEM, on=DAY)
    for actor in (an_actor(pair[0]), an_actor(a_body()), Actor()):
        with pytest.raises(Forbidden):
            merge_organisations(*pair, by=actor, on=DAY)
        with pytest.raises(Forbidden):
            undo_merge(merge, by=actor, on=DAY)
        assert not OrganisationMerge.objects.visible_to(actor).exists()
    assert OrganisationMerge.objects.visible_to(an_actor(a_body(), Role.OPERATOR)).get() == merge


# Apps above


def test_tables_of_any_app_follow_save_those_that_say_no():
    labels = {one.label for one in followers()}
    assert {
        "organisations.Membership.organisation_id",
        "organisations.Organisation.merged_into_id",
        "organisations.DelegationLetter.delegate_organisation_id",
    } <= labels
    published = {
        field.model._meta.label
        for field in Organisation._meta.related_objects
        for field in [field.field]
        if field.model._meta.app_label == "registers"
    }
    assert published
    assert not [label for label in labels if label.startswith("registers.")]


def test_row_of_an_app_above_follows_and_comes_back(pair, monkeypatch):
    kept, absorbed = pair
    found = [*apps.get_models(include_auto_created=True), Session]
    monkeypatch.setattr(apps, "get_models", lambda **_: found)
    session = Session.objects.create(host=absorbed)

    merge = merge_organisations(kept, absorbed, by=SYSTEM, on=DAY)
    session.refresh_from_db()
    assert session.host_id == kept.pk
    undo_merge(merge, by=SYSTEM, on=DAY)
    session.refresh_from_db()
    assert session.host_id == absorbed.pk


def test_kinds_do_not_follow(pair):
    kept, _ = pair
    partner = a_body("Partenaire", OrganisationKind.PARTNER)
    merge_organisations(kept, partner, by=SYSTEM, on=DAY)
    assert {row.kind for row in kept.held_kinds.all()} == {OrganisationKind.CERTIFIER}
