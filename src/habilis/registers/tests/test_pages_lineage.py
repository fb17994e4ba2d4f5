"""The family of a fiche: union of both ends, layers, bounds, cycles."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from habilis.registers.queries import lineage
from habilis.registers.tests.factories import a_certification, a_version

pytestmark = pytest.mark.django_db


def generations(family):
    return {member.number: member.generation for member in family.members}


def links(family):
    return {(edge.older.number, edge.newer.number) for edge in family.edges}


def test_reads_links_declared_by_either_end():
    a_certification("RNCP90001", replaced_by=["RNCP90002"])
    focus = a_certification("RNCP90002")
    a_certification("RNCP90003", replaces=["RNCP90002"])

    family = lineage.family(focus)

    assert generations(family) == {"RNCP90001": -1, "RNCP90002": 0, "RNCP90003": 1}
    assert links(family) == {("RNCP90001", "RNCP90002"), ("RNCP90002", "RNCP90003")}
    assert [member.number for member in family.ancestors] == ["RNCP90001"]
    assert [member.number for member in family.successors] == ["RNCP90003"]


def test_names_a_fiche_that_no_import_brought():
    focus = a_certification("RNCP90002", replaces=["RNCP181"])

    [unknown] = lineage.family(focus).ancestors

    assert (unknown.number, unknown.certification) == ("RNCP181", None)


def test_draws_every_link_to_the_right_when_a_generation_is_skipped():
    a_certification("RNCP90001")
    a_certification("RNCP90002", replaces=["RNCP90001"])
    focus = a_certification("RNCP90003", replaces=["RNCP90001", "RNCP90002"])

    family = lineage.family(focus)

    assert generations(family) == {"RNCP90001": -2, "RNCP90002": -1, "RNCP90003": 0}
    assert all(edge.older.right < edge.newer.x for edge in family.edges)


def test_survives_a_cycle():
    focus = a_certification("RNCP90001", replaces=["RNCP90002"])
    a_certification("RNCP90002", replaces=["RNCP90003"])
    a_certification("RNCP90003", replaces=["RNCP90001", "RNCP90002"])

    family = lineage.family(focus)

    assert set(generations(family)) == {"RNCP90001", "RNCP90002", "RNCP90003"}


def test_bounds_the_picture_and_counts_the_rest():
    focus = a_certification("RNCP90000", replaces=[f"RNCP{number}" for number in range(100, 160)])

    family = lineage.family(focus)

    assert len(family.members) == lineage.LIMIT
    assert family.hidden == 61 - lineage.LIMIT


def test_does_not_overlap_two_fiches():
    focus = a_certification("RNCP90000", replaces=["RNCP1", "RNCP2", "RNCP3"], replaced_by=["RNCP95000"])

    family = lineage.family(focus)

    boxes = [(member.x, member.y) for member in family.members]
    assert len(set(boxes)) == len(boxes)
    assert max(member.right for member in family.members) == family.width
    assert max(member.y + member.height for member in family.members) == family.height


@pytest.mark.parametrize("count", [1, 3])
def test_reads_a_generation_in_one_query(count):
    focus = a_certification("RNCP90000", replaces=[f"RNCP{number + 1}" for number in range(count)])

    with CaptureQueriesContext(
        connection,
    ) as queries:
        lineage.family(focus)

    assert len(queries) == 4  # the parents, their parents, the children, the titles


def test_reads_the_family_as_published_on_a_day():
    focus = a_certification("RNCP90002", replaces=["RNCP90001"], since=date(2026, 1, 1), until=date(2026, 6, 1))
    a_version(focus, since=date(2026, 6, 1))

    assert generations(lineage.family(focus, date(2026, 3, 1))) == {"RNCP90001": -1, "RNCP90002": 0}
    assert lineage.family(focus).is_alone


def test_draws_a_tall_family_with_low_boxes():
    few = lineage.family(a_certification("RNCP90000", replaces=[f"RNCP{rank}" for rank in range(1, 4)]))
    many = lineage.family(a_certification("RNCP90001", replaces=[f"RNCP{rank}" for rank in range(10, 32)]))

    assert (few.is_low, many.is_low) == (False, True)
    assert many.height < 900
