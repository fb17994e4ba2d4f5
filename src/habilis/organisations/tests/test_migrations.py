"""Bodies recorded before people came keep every column, and mass imports that do not know the new columns still load."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from habilis.organisations.models import Organisation
from habilis.organisations.services import register_published
from habilis.organisations.tests.factories import a_body, a_member

BEFORE, AFTER = [("organisations", "0001_initial")], [("organisations", "0002_people_rights_and_identity")]


@pytest.mark.django_db(transaction=True)
def test_no_body_is_lost_and_the_guards_stand_after_a_return_trip():
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    try:
        old = executor.loader.project_state(BEFORE).apps.get_model("organisations", "Organisation")
        old.objects.create(siret="99900001600017", siren="999000016", name="Avec SIRET", city="RENNES", department="35")
        old.objects.create(name="Sans SIRET", website="https://exemple.test")
        before = list(old.objects.order_by("pk").values())
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(AFTER)

    after = list(Organisation.objects.order_by("pk").values())
    assert [{name: row[name] for name in known} for row, known in zip(after, before, strict=True)] == before
    assert {(row["nda"], row["uai"], row["merged_into_id"]) for row in after} == {("", "", None)}
    assert register_published({"99900002900010": ("Nouveau", "", "")}).keys() == {"99900002900010"}
    last = a_member(body := a_body())
    a_member(body)
    type(last).objects.filter(pk=last.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        a_member(body, "director")
        type(last).objects.filter(organisation=body, role="administrator").delete()
