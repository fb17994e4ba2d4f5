"""The feed of changes: its pages, its filters, its groups; and how fresh each register is."""

from datetime import UTC, date, datetime

import pytest

from habilis.registers.enums import ChangeKind, ChangeVerb, RunState
from habilis.registers.queries import changes
from habilis.registers.queries.changes import ChangeFilter, changes_since, freshness, grouped, latest_changes
from habilis.registers.tests.factories import EXPORT, a_certification, a_change, a_run

pytestmark = pytest.mark.django_db
LATER = date(2026, 9, 1)


def keys(page):
    return [change.pk for change in page.changes]


def test_reads_every_change_once_from_page_to_page():
    certification = a_certification()
    made = [a_change(certification).pk for _ in range(5)]
    first = changes_since(ChangeFilter(), limit=2)
    second = changes_since(ChangeFilter(), after=first.cursor, limit=2)
    third = changes_since(ChangeFilter(), after=second.cursor, limit=2)
    assert keys(first) + keys(second) + keys(third) == made
    assert (first.total, third.cursor) == (5, None)


def test_keeps_its_pages_while_an_import_adds_changes():
    certification = a_certification()
    made = [a_change(certification).pk for _ in range(3)]
    first = latest_changes(ChangeFilter(), limit=2)
    a_change(certification)
    assert keys(first) == made[:0:-1]
    assert keys(latest_changes(ChangeFilter(), before=first.cursor, limit=2)) == made[:1]


def test_shows_a_follower_what_an_older_export_brings_afterwards():
    certification = a_certification()
    seen = a_change(certification, LATER)
    late = a_change(certification, EXPORT, run=a_run(EXPORT, source="older.xml"))
    assert keys(changes_since(ChangeFilter(), after=seen.pk)) == [late.pk]
    assert keys(changes_since(ChangeFilter(since=LATER))) == [seen.pk]
    assert keys(changes_since(ChangeFilter(since=EXPORT))) == [seen.pk, late.pk]


def test_has_nothing_since_a_day_without_export():
    a_change(a_certification())
    page = changes_since(ChangeFilter(since=date(2026, 8, 17)))
    assert (page.changes, page.cursor, page.total) == ([], None, 0)


def test_narrows_by_register_kind_weight_and_number():
    rncp, rs = a_certification("RNCP90001"), a_certification("RS9001")
    title = a_change(rncp, field="title", is_key=True)
    block = a_change(rncp, kind=ChangeKind.BLOCK, key="RNCP90001BC01")
    partner = a_change(rs, kind=ChangeKind.HABILITATION, verb=ChangeVerb.ADDED, is_key=True)
    assert keys(changes_since(ChangeFilter(register="RS"))) == [partner.pk]
    assert keys(changes_since(ChangeFilter(kind="block"))) == [block.pk]
    assert keys(changes_since(ChangeFilter(key_only=True))) == [title.pk, partner.pk]
    assert keys(changes_since(ChangeFilter(number="RNCP90001", key_only=True))) == [title.pk]


def test_counts_no_further_than_its_limit(monkeypatch):
    monkeypatch.setattr(changes, "COUNTED", 2)
    certification = a_certification()
    for _ in range(5):
        a_change(certification)
    assert changes_since(ChangeFilter(), limit=1).total == 3


def test_groups_by_fiche_and_import():
    one, two = a_certification("RNCP90001"), a_certification("RNCP90002")
    for certification, on in ((one, EXPORT), (one, EXPORT), (two, EXPORT), (one, LATER)):
        a_change(certification, on)
    groups = list(grouped(changes_since(ChangeFilter()).changes))
    assert [(g.certification.number, g.on, len(g.changes)) for g in groups] == [
        ("RNCP90001", EXPORT, 2),
        ("RNCP90002", EXPORT, 1),
        ("RNCP90001", LATER, 1),
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_reads_a_page_in_three_queries(rows, django_assert_num_queries):
    for _ in range(rows):
        a_change(a_certification())
    with django_assert_num_queries(3):
        page = changes_since(ChangeFilter(since=EXPORT))
        groups = list(grouped(page.changes))
        titles = [(g.certification.current_version.title, g.run.source) for g in groups]
    assert len(titles) == rows


def test_says_how_fresh_each_register_is():
    done = datetime(2026, 9, 2, 4, tzinfo=UTC)
    a_run(EXPORT, registers="RNCP RS")
    a_run(LATER, registers="RNCP", finished_at=done, source="export_rncp.xml")
    a_run(date(2026, 10, 1), registers="RNCP RS", state=RunState.RUNNING)
    rncp, rs = freshness()
    assert (rncp.register, rncp.source.name, rncp.source.export_date, rncp.applied_at) == (
        "RNCP",
        "export_rncp.xml",
        LATER,
        done,
    )
    assert rncp.counts["fiches"]["added"] == 1
    assert (rs.register, rs.source.export_date) == ("RS", EXPORT)


def test_says_that_nothing_was_imported():
    assert [(line.register, line.source) for line in freshness()] == [("RNCP", None), ("RS", None)]
