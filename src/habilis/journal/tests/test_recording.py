"""Entries: what is written, what is refused, and that nothing changes them afterwards."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from habilis.common.actors import SYSTEM, System
from habilis.common.workflow import NotAvailable, Stale, Stateful, Transition, Workflow
from habilis.journal.enums import EntryKind
from habilis.journal.models import Entry, SubjectKey, TransitionRecord, row_leaf_data
from habilis.journal.services import (
    OutsideTransaction,
    PersonalData,
    commit,
    erase,
    opens,
    record,
    sequence,
    transition,
)
from habilis.journal.services.guard import check_payload
from habilis.journal.tests.conftest import DAY

pytestmark = pytest.mark.django_db


def test_bytes_of_an_entry_are_canonical():
    row = {
        "id": 4, "seq": 2, "kind": "session_opened", "recorded_at": datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC),
        "effective_on": date(2026, 3, 1), "actor_ref": "user:1", "org_ref": "", "object_ref": "a.b:1",
        "payload": {"b": [1, True, None], "a": "x/y"}, "subject_commits": [], "evidence": ["00"], "prev_state_commit": "",
    }  # fmt: skip
    assert row_leaf_data(row) == (
        b'{"actor_ref":"user:1","at":"2026-03-04T05:06:07.000089Z","doc_sha256":["00"],"effective_on":"2026-03-01",'
        b'"id":4,"kind":"session_opened","object_ref":"a.b:1","org_ref":"","payload":{"a":"x/y","b":[1,true,null]},'
        b'"prev_state_commit":"","seq":2,"subject_commit":[],"v":1}'
    )


def test_entry_reads_back_with_the_bytes_of_its_hash(act):
    act(2)
    sequence()
    for entry in Entry.objects.all():
        assert json.loads(entry.leaf_data())["actor_ref"] == "user:7"
        assert entry.leaf_data() == Entry.objects.get(pk=entry.pk).leaf_data()


@pytest.mark.django_db(transaction=True)
def test_entry_outside_a_transaction_is_refused(act):
    with pytest.raises(OutsideTransaction):
        record(EntryKind.SESSION_OPENED, by=SYSTEM, on=DAY, about="a.b:1")
    with pytest.raises(RuntimeError, match="undone"), transaction.atomic():
        act()
        raise RuntimeError("undone")
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("subjects", [1, 3])
def test_record_costs_the_same_number_of_queries(subjects, django_assert_num_queries):
    said = {f"person:{number}": {"result": "pass"} for number in range(subjects)}
    with django_assert_num_queries(4):
        record(EntryKind.JURY_DECISION, by=SYSTEM, on=DAY, about="a.b:1", subjects=said)
    with django_assert_num_queries(2):
        record(EntryKind.JURY_DECISION, by=SYSTEM, on=DAY, about="a.b:1", subjects=said)
    with django_assert_num_queries(1):
        record(EntryKind.JURY_DECISION, by=SYSTEM, on=DAY, about="a.b:1")


PERSONAL = [
    {"contact": "anna@example.org"},
    {"contact": "anna＠example.org"},
    {"reference": "285057800608436"},
    {"reference": "2850578006084"},
    {"reference": "2 85 05 78 006 084 36"},
    {"reference": "2 85 05 2A 006 084"},
    {"reference": 2850578006084},
    {"deep": [{"deeper": "x/285057800608436"}]},
    {"name": "x"},
    {"birth_name": "x"},
    {"nom_usage": "x"},
    {"holder": {"prenom": "x"}},
    {"nir": 1},
    {"reason": "text of a person"},
    {"reason": "é"},
    {"Reason": "x"},
    {"share": 0.5},
    {"big": 2**53},
    {"long": ["x" * 300] * 60},
    {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
    {"reason": object()},
]


@pytest.mark.parametrize("payload", PERSONAL, ids=str)
def test_payload_with_personal_data_is_refused(payload):
    with pytest.raises(PersonalData):
        record(EntryKind.JURY_DECISION, by=SYSTEM, on=DAY, about="a.b:1", payload=payload)
    assert Entry.objects.count() == 0


def test_codes_and_references_are_accepted():
    """The control of the refusals: SIRET, digests, identifiers and dates are no personal data."""
    check_payload(
        {"siret": "99900001600017", "digest": "a" * 64, "on": "2026-03-01", "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
         "count": 12, "done": True, "none": None, "renamed": "x", "list": [{"code": "RNCP123"}]}
    )  # fmt: skip


def test_guard_that_lets_all_pass_is_noticed(monkeypatch):
    monkeypatch.setattr("habilis.journal.services.recording.check_payload", lambda payload: None)
    record(EntryKind.JURY_DECISION, by=SYSTEM, on=DAY, about="a.b:1", payload={"contact": "anna@example.org"})
    assert "@" in json.dumps(list(Entry.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize(
    "given",
    [{"about": "anna@example.org"}, {"about": "a.b:2850578006084"}, {"evidence": ["x"]}, {"prev_state_commit": "x"},
     {"subjects": {"Anna Durand": {}}}, {"by": System(user_id=2850578006084)}],
)  # fmt: skip
def test_reference_that_is_not_opaque_is_refused(given):
    with pytest.raises(PersonalData):
        record(EntryKind.JURY_DECISION, **{"by": SYSTEM, "on": DAY, "about": "a.b:1", **given})


def test_commitment_opens_until_its_key_is_erased():
    said = {"result": "pass"}
    entry = record(EntryKind.JURY_DECISION, by=SYSTEM, on=DAY, about="a.b:1", subjects={"person:1": said})
    [commitment] = entry.subject_commits
    assert opens("person:1", said, commitment)
    assert not opens("person:1", {"result": "fail"}, commitment)
    assert commit({"person:2": said})["person:2"] != commitment
    assert erase(reference="person:1")
    assert not opens("person:1", said, commitment)
    assert not erase(reference="person:1")
    assert not SubjectKey.objects.filter(subject_ref="person:1").exists()


TABLE = Entry._meta.db_table
FORBIDDEN = [
    f"UPDATE {TABLE} SET kind = 'session_closed'",
    f"UPDATE {TABLE} SET seq = seq + 10",
    f"UPDATE {TABLE} SET seq = NULL, leaf_hash = NULL",
    f"DELETE FROM {TABLE}",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_database_refuses_to_change_an_entry(act, statement):
    act(2)
    sequence()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 2


def test_database_refuses_to_change_what_waits(act):
    [entry] = act()
    for change in ({"kind": "session_closed"}, {"seq": 0, "leaf_hash": b"x" * 32, "object_ref": "a.b:9"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.filter(pk=entry.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(
            kind="session_opened", effective_on=DAY, actor_ref="x", object_ref="x", seq=4, leaf_hash=b""
        )


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_sqlite_refuses_to_replace(act):
    act(2)
    sequence()
    act()
    columns = "kind, recorded_at, effective_on, actor_ref, org_ref, object_ref, payload, subject_commits, evidence, prev_state_commit"
    first = Entry.objects.order_by("id")[0].pk
    for statement in (
        f"INSERT OR REPLACE INTO {TABLE} (id, {columns}) SELECT {first}, {columns} FROM {TABLE} WHERE seq = 1",
        f"UPDATE OR REPLACE {TABLE} SET seq = 0, leaf_hash = x'00' WHERE seq IS NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.postgres
def test_postgresql_refuses_to_truncate(act):
    act()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE} CASCADE")


# Transitions


class ParcelState(models.TextChoices):
    DRAFT = "draft", "Brouillon"
    SENT = "sent", "Envoyé"


WORKFLOW = Workflow(ParcelState, Transition("send", ("draft",), "sent", "Envoyer"))

with isolate_apps("habilis.journal"):

    class Parcel(Stateful):
        class Meta:
            app_label = "journal"

    class ParcelRecord(TransitionRecord):
        row = models.ForeignKey(Parcel, models.PROTECT, related_name="history")
        entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")

        class Meta:
            app_label = "journal"


@pytest.fixture
def parcel(django_db_blocker):
    # SQLite makes tables with keys outside transactions only; the rows of this test need no key that is checked.
    with connection.cursor() as cursor:
        serial = "bigserial PRIMARY KEY" if connection.vendor == "postgresql" else "integer PRIMARY KEY"
        for model in (Parcel, ParcelRecord):
            columns = [
                f"{field.column} {serial if field.primary_key else field.db_type(connection)}"
                + (" DEFAULT CURRENT_TIMESTAMP" if field.name == "recorded_at" else "")
                for field in model._meta.local_concrete_fields
            ]
            cursor.execute(f"CREATE TABLE {model._meta.db_table} ({', '.join(columns)})")
    return Parcel.objects.create(state="draft")


def test_transition_writes_state_history_and_entry(parcel):
    actor = System("clerk", user_id=7, organisation_id=3)
    entry = transition(
        WORKFLOW, parcel, "send", kind=EntryKind.DOSSIER_DECISION, by=actor, on=DAY, reason="ready", note="À lire"
    )
    told = ParcelRecord.objects.get()
    assert (parcel.state, parcel.version) == ("sent", 1)
    assert (told.name, told.source, told.target, told.note, told.entry_id) == (
        "send",
        "draft",
        "sent",
        "À lire",
        entry.pk,
    )
    assert told.actor_ref == entry.actor_ref == "user:7"
    commitment = entry.payload.pop("note_commit")
    assert entry.payload == {
        "transition": "send", "source": "draft", "target": "sent", "version": 1, "role": "clerk", "reason": "ready",
    }  # fmt: skip
    assert opens(f"journal.parcel:{parcel.pk}", {"note": "À lire"}, commitment)
    assert "lire" not in entry.leaf_data().decode()


def test_transition_refused_or_stale_writes_nothing(parcel):
    same = Parcel.objects.get(pk=parcel.pk)
    transition(WORKFLOW, parcel, "send", kind=EntryKind.DOSSIER_DECISION, by=SYSTEM, on=DAY)
    for row, refusal in ((parcel, NotAvailable), (same, Stale)):
        with pytest.raises(refusal):
            transition(WORKFLOW, row, "send", kind=EntryKind.DOSSIER_DECISION, by=SYSTEM, on=DAY)
    assert (Entry.objects.count(), ParcelRecord.objects.count()) == (1, 1)
