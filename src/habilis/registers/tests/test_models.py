"""Invariants that the database holds for the registers, and the readings that the models offer."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError

from habilis.registers import records
from habilis.registers.enums import HabilitationRole, LinkState, RegistrationKind
from habilis.registers.models import (
    Block,
    Certification,
    CertificationVersion,
    CertifierLink,
    Correspondence,
    ImportRun,
    LegalText,
    LineageLink,
    PromotionStatistics,
    PublishedHabilitation,
    Route,
    VersionText,
)
from habilis.registers.tests.factories import (
    EXPORT,
    a_body,
    a_certification,
    a_certifier,
    a_partner,
    a_run,
    a_version,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR_BEFORE = EXPORT.replace(year=EXPORT.year - 1)


def refused() -> object:
    """The database itself refuses: no form and no `full_clean` stands before it."""
    return pytest.raises(IntegrityError)


# Periods


def test_period_includes_its_first_day_and_excludes_its_last():
    certification = a_certification(since=EXPORT)
    old = a_version(certification, since=YEAR_BEFORE, until=EXPORT)
    versions = certification.versions
    assert list(versions.valid_at(YEAR_BEFORE - DAY)) == []
    assert list(versions.valid_at(YEAR_BEFORE)) == [old]
    assert list(versions.valid_at(EXPORT - DAY)) == [old]
    assert list(versions.valid_at(EXPORT)) == [certification.current_version]
    assert list(versions.current()) == [certification.current_version]


@pytest.mark.parametrize("table", [a_version, a_certifier, a_partner])
def test_one_state_at_a_time(table):
    """Each table that a migration could rebuild, and so lose its triggers."""
    certification = a_certification(since=EXPORT + 900 * DAY)
    body = {} if table is a_version else {"organisation": a_body()}

    def state(start: int, end: int) -> None:
        period = (EXPORT + start * DAY, EXPORT + end * DAY)
        names = ("since", "until") if table is a_version else ("valid_from", "valid_to")
        table(certification, **body, **dict(zip(names, period, strict=True)))

    state(0, 10)
    state(10, 20)  # the control: neighbours are accepted
    for start, end in ((9, 11), (0, 1), (-5, 30), (19, 20)):
        with refused(), transaction.atomic():
            state(start, end)


def test_row_and_queryset_agree_on_the_day():
    certification = a_certification(since=EXPORT)
    version = a_version(certification, since=YEAR_BEFORE, until=EXPORT)
    for day in (YEAR_BEFORE - DAY, YEAR_BEFORE, EXPORT - DAY, EXPORT):
        assert version.holds_on(day) is certification.versions.filter(pk=version.pk).valid_at(day).exists()


def test_empty_period_holds_on_no_day():
    certification = a_certification(since=EXPORT)
    empty = a_version(certification, since=EXPORT, until=EXPORT)
    assert not empty.holds_on(EXPORT)
    assert empty not in certification.versions.valid_at(EXPORT)


def test_period_that_ends_before_it_starts_is_refused():
    certification, body = a_certification(), a_body()
    for write in (a_version, a_certifier, a_partner):
        period = {"since": EXPORT, "until": EXPORT - DAY}
        if write is not a_version:
            period = {"organisation": body, "valid_from": EXPORT, "valid_to": EXPORT - DAY}
        with refused(), transaction.atomic():
            write(certification, **period)


def test_second_current_version_is_refused():
    certification = a_certification()
    with refused(), transaction.atomic():
        a_version(certification, since=EXPORT + DAY)


@pytest.mark.parametrize("write", [a_certifier, a_partner])
def test_body_holds_one_current_link_of_each_rank(write):
    certification, body = a_certification(), a_body()
    write(certification, body)
    write(certification, body, rank=1)
    write(certification, body, valid_from=YEAR_BEFORE, valid_to=EXPORT)
    with refused(), transaction.atomic():
        write(certification, body)


# Keys


def test_number_is_unique():
    a_certification("RNCP90001")
    with refused(), transaction.atomic():
        a_certification("RNCP90001")


def test_one_code_may_name_two_blocks_but_a_position_one():
    version = a_certification(blocks=[{"code": "01"}, {"code": "01"}]).current_version
    assert [block.code for block in version.blocks.all()] == ["01", "01"]
    with refused(), transaction.atomic():
        Block.objects.create(version=version, position=1, code="02")


def test_route_stands_once_in_a_version():
    version = a_certification().current_version
    Route.objects.create(version=version, route="VAE", is_open=True)
    with refused(), transaction.atomic():
        Route.objects.create(version=version, route="VAE", is_open=False)


def test_import_and_body_that_are_referred_to_cannot_be_deleted():
    run, body = a_run(), a_body()
    a_partner(a_certification(run=run), body, run=run)
    for row in (run, body):
        with pytest.raises(ProtectedError):
            row.delete()


# Records and models name the same columns (docs/adr/0003)


def columns(model: type[Model]) -> set[str]:
    return {field.name for field in model._meta.get_fields() if field.concrete}


def test_records_know_every_column_of_a_version():
    kept_by_us = {"id", "certification", "run", "valid_from", "valid_to"}
    assert columns(CertificationVersion) - kept_by_us == set(records.FIELDS)
    assert columns(VersionText) - {"version"} == set(records.TEXTS)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("blocks", Block),
        ("routes", Route),
        ("legal_texts", LegalText),
        ("statistics", PromotionStatistics),
        ("correspondences", Correspondence),
        ("lineage", LineageLink),
    ],
)
def test_records_know_every_column_of_a_list(name, model):
    assert columns(model) - {"id", "version", "position"} == set(records.LISTS[name])


@pytest.mark.parametrize(
    ("model", "cells"), [(CertifierLink, records.CERTIFIER), (PublishedHabilitation, records.HABILITATION)]
)
def test_records_know_every_column_of_a_link(model, cells):
    kept_by_us = {"id", "certification", "organisation", "run", "rank", "position", "valid_from", "valid_to"}
    assert columns(model) - kept_by_us == set(cells) - {"siret"}


# Readings


@pytest.mark.parametrize(
    ("fields", "on", "expected"),
    [
        ({"is_active": True, "end_date": EXPORT}, EXPORT, True),
        ({"is_active": True, "end_date": EXPORT}, EXPORT + DAY, False),
        ({"is_active": True, "end_date": None}, EXPORT, True),
        ({"is_active": False, "end_date": None}, EXPORT, False),
        ({"is_active": None, "end_date": EXPORT}, EXPORT, None),
        ({"is_active": None, "end_date": EXPORT}, EXPORT + DAY, False),
    ],
)
def test_activity_follows_what_is_published_and_the_end_of_registration(fields, on, expected):
    certification = a_certification(**fields)
    assert certification.current_version.is_active_on(on) is expected
    assert list(Certification.objects.active_on(on)) == ([certification] if expected else [])


def test_withdrawn_certification_is_neither_listed_nor_active():
    a_certification(withdrawn_on=EXPORT)
    kept = a_certification()
    assert list(Certification.objects.listed()) == [kept]
    assert list(Certification.objects.active_on(EXPORT)) == [kept]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"effect_date": date(2024, 9, 1), "decision_date": date(2024, 3, 1)}, date(2024, 9, 1)),
        ({"effect_date": None, "decision_date": date(2024, 3, 1)}, date(2024, 3, 1)),
        ({"decision_date": None, "publication_date": date(2024, 2, 1)}, date(2024, 2, 1)),
        ({"decision_date": None}, None),
    ],
)
def test_registration_starts_on_the_first_known_of_effect_decision_publication(fields, expected):
    version = a_certification(kind=RegistrationKind.AS_OF_RIGHT, **fields).current_version
    assert version.start_date == expected


def test_role_covers_itself_and_both_covers_each():
    train, assess, both = HabilitationRole.PREPARE, HabilitationRole.ASSESS, HabilitationRole.BOTH
    covered = {role: [asked for asked in (train, assess) if role.covers(asked)] for role in (train, assess, both)}
    assert covered == {train: [train], assess: [assess], both: [train, assess]}


# Orders that pages and exports rely on


def test_certifications_come_by_register_and_number():
    for number in ("RS7", "RNCP100", "RNCP9"):
        a_certification(number)
    assert [certification.number for certification in Certification.objects.all()] == ["RNCP9", "RNCP100", "RS7"]


def test_bodies_of_a_fiche_come_in_the_order_of_the_source():
    certification = a_certification()
    for position, name in ((2, "Troisième"), (0, "Premier"), (1, "Deuxième")):
        a_certifier(certification, a_body(name), position=position)
        a_partner(certification, a_body(name + " partenaire"), position=position, state=LinkState.REMOVED)
    assert [str(link) for link in CertifierLink.objects.all()] == ["Premier", "Deuxième", "Troisième"]
    assert [link.position for link in PublishedHabilitation.objects.all()] == [0, 1, 2]


def test_last_import_comes_first():
    old, new = a_run(YEAR_BEFORE), a_run(EXPORT)
    assert list(ImportRun.objects.all()) == [new, old]
    assert str(new) == "export_fiches_RNCP_V4_1_2026-08-16.xml (16/08/2026)"


def test_text_of_a_version_is_read_apart():
    version = a_certification(title="Pilote d’essais", texts={"jobs": "Essayeur"}).current_version
    assert str(version) == "Pilote d’essais"
    assert CertificationVersion.objects.select_related("texts").get(pk=version.pk).texts.jobs == "Essayeur"
