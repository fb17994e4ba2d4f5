"""Rights on a day, rule by rule: the first day, the last day, the day after."""

from datetime import date, timedelta

import pytest

from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.models import Certification
from habilis.registers.queries.rights import (
    REASONS,
    Finding,
    InvalidSiret,
    _values,
    may,
    validity,
)
from habilis.registers.tests.factories import (
    EXPORT,
    a_body,
    a_certification,
    a_certifier,
    a_partner,
    a_run,
    a_siret,
    a_version,
    the_run,
)

pytestmark = pytest.mark.django_db

TRAIN, ASSESS, BOTH = HabilitationRole.PREPARE, HabilitationRole.ASSESS, HabilitationRole.BOTH
ACTIVE, INACTIVE, REMOVED = LinkState.ACTIVE, LinkState.INACTIVE, LinkState.REMOVED
DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
PAST = date(2026, 3, 12)  # registered, but before the first export
START, END = date(2025, 1, 15), date(2028, 1, 15)


def ask(row, role=ASSESS, on=EXPORT, today=TODAY):
    answer = may(row.organisation.siret, row.certification.number, role=role, on=on, today=today)
    return answer.answer, answer.code


# --- the question -------------------------------------------------------------------------------------------------


def test_does_not_know_a_number_that_was_never_imported():
    answer = may(a_siret(1), "RNCP1", role=TRAIN, on=EXPORT, today=TODAY)
    assert (answer.answer, answer.code, answer.rows) == ("unknown", "number_unknown", [])


@pytest.mark.parametrize("siret", ["", "123", "999 000 011 0001", "9990000110001x", "٩٩٩٠٠٠٠١١٠٠٠١٨"])
def test_refuses_what_is_not_a_siret_and_says_what_to_type(siret):
    with pytest.raises(InvalidSiret, match="quatorze chiffres"):
        may(siret, "RNCP1", role=TRAIN, on=EXPORT, today=TODAY)


def test_reads_a_siret_with_blanks_and_a_number_as_people_write_it():
    row = a_partner(a_certification("RNCP90001"), a_body(siret=a_siret(7)))
    spaced = f" {a_siret(7)[:3]} {a_siret(7)[3:9]} {a_siret(7)[9:]} "
    answer = may(spaced, "rncp 90001", role=ASSESS, on=EXPORT, today=TODAY)
    assert (answer.answer, answer.siret, answer.number) == ("yes", row.organisation.siret, "RNCP90001")


def test_notes_a_wrong_key_and_answers_all_the_same():
    right = a_siret(7)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    row = a_partner(a_certification(), a_body(siret=wrong))
    answer = may(wrong, row.certification.number, role=ASSESS, on=EXPORT, today=TODAY)
    assert answer.answer == "yes"
    assert answer.notes == ["La clé de ce SIRET est fausse : vérifiez-le."]
    assert may(right, row.certification.number, role=ASSESS, on=EXPORT, today=TODAY).notes == []


# --- the registration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "on", "expected"),
    [
        (TRAIN, START - DAY, ("no", "not_yet_registered")),
        (TRAIN, START, ("yes", "habilitated_since")),
        (TRAIN, END, ("yes", "habilitated_since")),
        (TRAIN, END + DAY, ("no", "registration_ended")),
        (ASSESS, END, ("yes", "habilitated_since")),
        (ASSESS, END + DAY, ("no", "registration_ended")),
    ],
)
def test_never_goes_out_of_the_registration(role, on, expected):
    row = a_partner(a_certification(), active_since=date(2020, 1, 1))
    assert ask(row, role, on, today=date(2030, 1, 1)) == expected


@pytest.mark.parametrize(
    ("role", "on", "expected"),
    [
        (ASSESS, END + DAY, ("unknown", "run_out")),
        (ASSESS, date(2028, 7, 15), ("unknown", "run_out")),
        (ASSESS, date(2028, 7, 16), ("no", "issue_closed")),
        (TRAIN, END + DAY, ("no", "registration_ended")),
    ],
)
def test_leaves_the_end_of_courses_to_the_candidate(role, on, expected):
    row = a_partner(a_certification(last_issue_date=date(2028, 7, 15)))
    assert ask(row, role, on, today=date(2030, 1, 1)) == expected


def test_keeps_no_benefit_for_a_body_that_was_not_habilitated_at_the_end():
    certification = a_certification(last_issue_date=date(2028, 7, 15))
    row = a_partner(certification, role=TRAIN)
    assert ask(row, ASSESS, END + DAY, today=date(2030, 1, 1)) == ("no", "other_role")


def test_keeps_the_benefit_when_the_rows_turned_inactive_with_the_fiche():
    certification = a_certification(last_issue_date=date(2028, 7, 15))
    body = a_body()
    a_partner(certification, body, valid_to=END + DAY)
    row = a_partner(certification, body, state=INACTIVE, state_changed_on=END + DAY, valid_from=END + DAY)
    assert ask(row, ASSESS, date(2028, 3, 1), today=date(2030, 1, 1)) == ("unknown", "run_out")


def test_says_no_from_the_day_the_fiche_left_the_register():
    row = a_partner(a_certification(withdrawn_on=date(2026, 10, 1)))
    assert ask(row, on=date(2026, 9, 30))[0] == "yes"
    assert ask(row, on=date(2026, 10, 1)) == ("no", "withdrawn")


def test_says_no_while_the_fiche_is_read_as_inactive():
    row = a_partner(a_certification(is_active=False, end_date=None))
    assert ask(row, on=EXPORT) == ("no", "fiche_inactive")
    assert ask(row, on=PAST) == ("unknown", "fiche_inactive_undated")


def test_believes_an_inactive_fiche_whose_end_explains_it():
    """Read after its end: it was registered before."""
    row = a_partner(a_certification(is_active=False, end_date=date(2026, 6, 30)), active_since=START)
    assert ask(row, on=date(2026, 6, 30)) == ("yes", "habilitated_since")
    assert ask(row, TRAIN, on=date(2026, 7, 1)) == ("no", "registration_ended")


def test_does_not_guess_a_registration_that_the_source_leaves_out():
    silent = {"is_active": None, "end_date": None, "decision_date": None}
    row = a_partner(a_certification(**silent))
    assert ask(row) == ("unknown", "registration_unknown")
    assert ask(a_partner(a_certification(decision_date=None), active_since=START), on=PAST) == (
        "unknown",
        "start_unknown",
    )


def test_judges_the_version_of_the_day():
    certification = a_certification(until=date(2026, 10, 1), end_date=date(2026, 9, 30))
    a_version(certification, since=date(2026, 10, 1), end_date=date(2029, 9, 30))
    row = a_partner(certification)
    assert ask(row, TRAIN, on=date(2026, 9, 30))[0] == "yes"
    assert ask(row, TRAIN, on=date(2026, 10, 1))[0] == "yes"


def test_believes_a_later_export_that_dates_the_end_before_the_day():
    certification = a_certification(until=date(2026, 10, 1))
    row = a_partner(certification)
    assert ask(row, on=date(2026, 9, 15))[0] == "yes"
    a_version(certification, since=date(2026, 10, 1), is_active=False, end_date=date(2026, 9, 10))
    assert ask(row, on=date(2026, 9, 10))[0] == "yes"
    assert ask(row, on=date(2026, 9, 15)) == ("no", "registration_ended")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (START - DAY, ("no", "not_yet_registered")),
        (START, ("yes", "registered_from")),
        (TODAY, ("yes", "registered_from")),
        (TODAY + DAY, ("unknown", "future")),
        (END + DAY, ("no", "registration_ended")),
    ],
)
def test_says_whether_a_registration_runs(on, expected, django_assert_num_queries):
    certification = a_certification("RNCP90001")
    with django_assert_num_queries(1):
        found = validity(certification, on=on, today=TODAY)
    assert (found.answer, found.code) == expected
    assert found.version == certification.current_version


def test_says_that_a_registration_runs_with_the_dates_it_knows():
    told = [
        validity(a_certification("RNCP90001"), on=EXPORT, today=TODAY).reason,
        validity(a_certification("RNCP90002", decision_date=None), on=EXPORT, today=TODAY).reason,
        validity(a_certification("RNCP90003", end_date=None), on=EXPORT, today=TODAY).reason,
    ]
    assert told == [
        "L’enregistrement de RNCP90001 court du 15 janvier 2025 au 15 janvier 2028.",
        "L’enregistrement de RNCP90002 court jusqu’au 15 janvier 2028.",
        "RNCP90003 est publiée comme active, sans date de fin.",
    ]


# --- the days to come -----------------------------------------------------------------------------------------------


def test_says_nothing_of_the_future_but_the_end_of_the_registration():
    row = a_partner(a_certification())
    assert ask(row, on=TODAY)[0] == "yes"
    assert ask(row, on=TODAY + DAY) == ("unknown", "future")
    assert ask(row, TRAIN, on=END + DAY) == ("no", "registration_ended")


# --- the certifiers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [TRAIN, ASSESS])
def test_lets_a_certifier_train_and_assess(role):
    link = a_certifier(a_certification())
    assert ask(link, role) == ("yes", "certifier")
    assert ask(link, role, on=PAST) == ("yes", "certifier")
    assert ask(link, role, on=START - DAY) == ("no", "not_yet_registered")


def test_dates_a_certifier_by_its_last_change_of_state():
    link = a_certifier(a_certification(), state_changed_on=PAST)
    assert ask(link, on=PAST) == ("yes", "certifier")
    assert ask(link, on=PAST - DAY) == ("unknown", "list_unknown")


def test_does_not_read_the_past_of_a_certifier_that_came_later():
    link = a_certifier(a_certification(), valid_from=date(2026, 10, 1))
    assert ask(link, on=date(2026, 9, 30)) == ("no", "not_listed")
    assert ask(link, on=PAST) == ("unknown", "list_unknown")


def test_does_not_count_an_inactive_certifier():
    link = a_certifier(a_certification(), state=INACTIVE)
    assert ask(link) == ("no", "not_listed")
    assert ask(link, on=PAST) == ("unknown", "list_unknown")


def test_does_not_decide_for_a_certifier_without_published_state():
    assert ask(a_certifier(a_certification(), state="")) == ("unknown", "certifier_state_unpublished")


def test_stops_a_certifier_on_the_day_a_later_export_gives():
    certification, body = a_certification(), a_body()
    a_certifier(certification, body, valid_to=date(2026, 10, 1))
    row = a_certifier(
        certification, body, state=INACTIVE, state_changed_on=date(2026, 9, 10), valid_from=date(2026, 10, 1)
    )
    assert ask(row, on=date(2026, 9, 9)) == ("yes", "certifier")
    assert ask(row, on=date(2026, 9, 10)) == ("no", "not_listed")


def test_names_the_certifiers_that_it_cannot_recognise():
    certification = a_certification()
    a_certifier(certification, a_body("Ministère fictif", siret=None))
    answer = may(a_siret(5), certification.number, role=ASSESS, on=EXPORT, today=TODAY)
    assert answer.code == "not_listed"
    assert "Ministère fictif" in answer.notes[0]


# --- a habilitation read that day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "role", "expected"),
    [
        (TRAIN, TRAIN, ("yes", "habilitated")),
        (TRAIN, ASSESS, ("no", "other_role")),
        (ASSESS, TRAIN, ("no", "other_role")),
        (ASSESS, ASSESS, ("yes", "habilitated")),
        (BOTH, TRAIN, ("yes", "habilitated")),
        (BOTH, ASSESS, ("yes", "habilitated")),
    ],
)
def test_reads_the_role(published, role, expected):
    assert ask(a_partner(a_certification(), role=published), role) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"state": ACTIVE, "active_since": EXPORT}, ("yes", "habilitated_since")),
        ({"state": ACTIVE, "active_since": EXPORT + DAY}, ("no", "not_yet_active")),
        ({"state": ACTIVE, "state_changed_on": EXPORT + DAY}, ("yes", "habilitated")),
        ({"state": REMOVED}, ("no", "removed")),
        ({"state": REMOVED, "state_changed_on": EXPORT}, ("no", "removed_on")),
        ({"state": REMOVED, "state_changed_on": EXPORT + DAY}, ("unknown", "state_not_dated")),
        ({"state": REMOVED, "state_changed_on": EXPORT + DAY, "active_since": PAST}, ("yes", "habilitated_until")),
        ({"state": INACTIVE}, ("no", "inactive")),
        ({"state": INACTIVE, "state_changed_on": EXPORT}, ("no", "inactive_on")),
        ({"state": ""}, ("unknown", "state_unpublished")),
    ],
)
def test_reads_the_state_of_the_day(columns, expected):
    assert ask(a_partner(a_certification(), **columns)) == expected


def test_keeps_the_last_state_read_and_names_its_export():
    a_run(registers="RNCP")
    row = a_partner(a_certification("RNCP90001"))
    answer = may(row.organisation.siret, "RNCP90001", role=ASSESS, on=date(2026, 10, 1), today=TODAY)
    assert answer.answer == "yes"
    assert answer.reason.endswith("Dernier état connu : export du 16 août 2026.")
    assert (answer.source.export_date, answer.source.licence) == (EXPORT, "Licence Ouverte 2.0")
    read = may(row.organisation.siret, "RNCP90001", role=ASSESS, on=EXPORT, today=TODAY)
    assert "Dernier état connu" not in read.reason


def test_follows_the_states_read_one_after_the_other():
    certification, body = a_certification(), a_body()
    a_partner(certification, body, valid_to=date(2026, 9, 1))
    a_partner(certification, body, state=REMOVED, valid_from=date(2026, 9, 1), valid_to=date(2026, 10, 1))
    row = a_partner(certification, body, valid_from=date(2026, 10, 1))
    assert ask(row, on=date(2026, 8, 31)) == ("yes", "habilitated")
    assert ask(row, on=date(2026, 9, 1)) == ("no", "removed")
    assert ask(row, on=date(2026, 9, 30)) == ("no", "removed")
    assert ask(row, on=date(2026, 10, 1)) == ("yes", "habilitated")


def test_takes_the_best_of_two_lines_of_one_body():
    certification, body = a_certification(), a_body()
    a_partner(certification, body, role=TRAIN)
    row = a_partner(certification, body, role=ASSESS, rank=1)
    assert (ask(row, TRAIN), ask(row, ASSESS)) == (("yes", "habilitated"), ("yes", "habilitated"))


def test_believes_a_later_export_that_dates_the_withdrawal_before_the_day():
    certification, body = a_certification(), a_body()
    a_partner(certification, body, valid_to=date(2026, 10, 1))
    row = a_partner(
        certification, body, state=REMOVED, state_changed_on=date(2026, 9, 10), valid_from=date(2026, 10, 1)
    )
    assert ask(row, on=date(2026, 9, 9)) == ("yes", "habilitated")
    assert ask(row, on=date(2026, 9, 10)) == ("no", "removed_on")


def test_ignores_a_state_replaced_on_its_first_day():
    certification, body = a_certification(), a_body()
    a_partner(certification, body, state="", valid_to=EXPORT)
    assert ask(a_partner(certification, body)) == ("yes", "habilitated")


# --- a habilitation before it was first read ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"state": ACTIVE, "active_since": PAST}, ("yes", "habilitated_since")),
        ({"state": ACTIVE, "active_since": PAST + DAY}, ("no", "not_yet_active")),
        ({"state": ACTIVE, "state_changed_on": PAST}, ("yes", "habilitated_since")),
        ({"state": ACTIVE, "state_changed_on": PAST + DAY}, ("unknown", "state_not_dated")),
        ({"state": ACTIVE}, ("unknown", "state_not_dated")),
        ({"state": REMOVED, "state_changed_on": PAST}, ("no", "removed_on")),
        ({"state": REMOVED, "state_changed_on": PAST + DAY}, ("unknown", "state_not_dated")),
        ({"state": REMOVED, "state_changed_on": PAST + DAY, "active_since": PAST}, ("yes", "habilitated_until")),
        ({"state": REMOVED, "active_since": PAST + DAY}, ("no", "not_yet_active")),
        ({"state": REMOVED, "active_since": PAST}, ("unknown", "state_not_dated")),
        ({"state": REMOVED}, ("unknown", "state_not_dated")),
        ({"state": INACTIVE, "state_changed_on": PAST}, ("no", "inactive_on")),
        ({"state": INACTIVE, "state_changed_on": PAST + DAY, "active_since": PAST}, ("yes", "habilitated_until")),
        ({"state": ""}, ("unknown", "state_not_dated")),
        ({"state": ACTIVE, "active_since": PAST, "role": TRAIN}, ("unknown", "other_role_later")),
    ],
)
def test_reads_the_past_in_the_dates_of_the_row(columns, expected):
    assert ask(a_partner(a_certification(), **columns), on=PAST) == expected


def test_believes_a_row_published_late_only_when_it_is_dated():
    """The list of that day was read without the body: only a date published later says more."""
    late, seen = date(2026, 10, 1), date(2026, 9, 1)
    undated = a_partner(a_certification(), valid_from=late)
    dated = a_partner(a_certification(), valid_from=late, active_since=date(2026, 8, 20))
    assert ask(undated, on=seen) == ("no", "not_listed")
    assert ask(dated, on=seen) == ("yes", "habilitated_since")
    assert ask(dated, on=date(2026, 8, 19)) == ("no", "not_yet_active")


def test_does_not_read_the_past_of_a_role_that_changed():
    certification, body = a_certification(), a_body()
    a_partner(certification, body, role=TRAIN, active_since=START, valid_to=date(2026, 10, 1))
    row = a_partner(certification, body, role=BOTH, active_since=START, valid_from=date(2026, 10, 1))
    assert ask(row, ASSESS, on=PAST) == ("unknown", "other_role_later")
    assert ask(row, TRAIN, on=PAST) == ("yes", "habilitated_since")


# --- not listed -----------------------------------------------------------------------------------------------------


def test_says_no_to_a_body_that_the_list_of_the_day_does_not_hold():
    certification = a_certification()
    stranger = a_partner(a_certification()).organisation.siret
    for on, expected in ((EXPORT, ("no", "not_listed")), (EXPORT - DAY, ("unknown", "list_unknown"))):
        answer = may(stranger, certification.number, role=TRAIN, on=on, today=TODAY)
        assert (answer.answer, answer.code) == expected


def test_names_another_establishment_of_the_same_enterprise():
    certification = a_certification()
    a_partner(certification, a_body(siret=a_siret(9, 1), siren=a_siret(9)[:9]))
    answer = may(a_siret(9, 2), certification.number, role=TRAIN, on=EXPORT, today=TODAY)
    assert (answer.answer, answer.code) == ("no", "not_listed_sibling")
    assert a_siret(9, 1) in answer.reason
    assert [row["siret"] for row in answer.rows] == [a_siret(9, 1)]


def test_says_since_when_a_body_is_no_longer_listed():
    row = a_partner(a_certification(), valid_to=date(2026, 10, 1))
    assert ask(row, on=date(2026, 9, 30)) == ("yes", "habilitated")
    assert ask(row, on=date(2026, 10, 1)) == ("no", "no_longer_listed")


# --- the answer -----------------------------------------------------------------------------------------------------


def test_gives_the_rows_that_decided_as_published():
    row = a_partner(a_certification(), active_since=date(2025, 2, 1))
    answer = may(row.organisation.siret, row.certification.number, role=TRAIN, on=EXPORT, today=TODAY)
    assert answer.rows == [
        {
            "kind": "habilitation",
            "siret": row.organisation.siret,
            "name": row.name,
            "state": "active",
            "role": "both",
            "active_since": date(2025, 2, 1),
            "state_changed_on": None,
            "valid_from": EXPORT,
            "valid_to": None,
            "export_date": EXPORT,
        }
    ]
    assert answer.reason == (
        f"{row.name} est publié avec le rôle « Former et organiser l’évaluation », actif depuis le 1 février 2025."
    )


def test_puts_every_reason_into_words_without_a_hole():
    row = a_partner(a_certification(last_issue_date=date(2028, 7, 15)))
    run_out = may(
        row.organisation.siret, row.certification.number, role=ASSESS, on=date(2028, 7, 15), today=date(2030, 1, 1)
    )
    assert "15 juillet 2028" in run_out.reason
    assert "L6113-9" in run_out.reason
    assert {row["kind"] for row in run_out.rows} == {"registration", "habilitation"}


@pytest.mark.parametrize("code", REASONS)
def test_fills_every_text(code):
    row = a_partner(a_certification())
    text = str(REASONS[code]) % _values(Finding("no", code, (row,), START, END), "RNCP1", a_siret(1))
    assert "%" not in text
    assert text.endswith(".")


@pytest.mark.parametrize("partners", [1, 3])
def test_takes_six_queries_whatever_the_number_of_partners(partners, django_assert_num_queries):
    a_run(registers="RNCP")
    certification = a_certification("RNCP90001")
    for _ in range(partners):
        row = a_partner(certification)
        a_certifier(certification)
        a_partner(certification, row.organisation, role=TRAIN, rank=1)
    with django_assert_num_queries(5):
        assert may(row.organisation.siret, "RNCP90001", role=TRAIN, on=EXPORT, today=TODAY).answer == "yes"
    with django_assert_num_queries(6):
        assert may(a_siret(9999, 3), "RNCP90001", role=TRAIN, on=EXPORT, today=TODAY).code == "not_listed"
    assert Certification.objects.count() == 1
    assert the_run().registers == "RNCP"
