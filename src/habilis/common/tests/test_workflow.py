"""Workflows on a model of the tests' own: a parcel."""

import subprocess
import sys

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps
from django.utils import translation

from habilis.common.workflow import NotAvailable, Stale, Stateful, Transition, Workflow


class ParcelState(models.TextChoices):
    DRAFT = "draft", "Brouillon"
    SENT = "sent", "Envoyé"
    LOST = "lost", "Perdu"
    RECEIVED = "received", "Reçu"


WORKFLOW = Workflow(
    ParcelState,
    Transition("send", ("draft",), "sent", "Envoyer"),
    Transition("lose", ("sent",), "lost", "Déclarer perdu"),
    Transition("receive", ("sent", "lost"), "received", "Recevoir"),
)

with isolate_apps("habilis.common"):

    class Parcel(Stateful):
        note = models.CharField(max_length=50, blank=True)

        class Meta:
            app_label = "common"
            constraints = [WORKFLOW.constraint("parcel")]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Parcel)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Parcel)


@pytest.fixture(autouse=True)
def french():
    with translation.override("fr"):
        yield


CASES = [(name, state) for name in WORKFLOW.transitions for state in ParcelState.values]
ACCEPTED = [(name, state) for name, state in CASES if state in WORKFLOW.transitions[name].sources]
REFUSED = [case for case in CASES if case not in ACCEPTED]


@pytest.mark.parametrize(("name", "state"), ACCEPTED)
def test_carries_out_a_transition(name, state, django_assert_num_queries):
    row = Parcel.objects.create(state=state)
    with django_assert_num_queries(1):
        WORKFLOW.move(row, name, note="colis")
    stored = Parcel.objects.get(pk=row.pk)
    target = WORKFLOW.transitions[name].target
    assert (stored.state, stored.version, stored.note) == (target, 1, "colis")
    assert (row.state, row.version, row.note) == (target, 1, "colis")


@pytest.mark.parametrize(("name", "state"), REFUSED)
def test_refuses_a_transition_from_another_state(name, state):
    row = Parcel.objects.create(state=state)
    with pytest.raises(NotAvailable):
        WORKFLOW.move(row, name)
    row.refresh_from_db()
    assert (row.state, row.version) == (state, 0)


def test_says_what_is_possible_instead():
    with pytest.raises(NotAvailable) as refused:
        WORKFLOW.move(Parcel.objects.create(state="sent"), "send")
    assert str(refused.value) == (
        "« Envoyer » n’est pas possible dans l’état « Envoyé ». Actions possibles : Déclarer perdu, Recevoir."
    )
    with pytest.raises(NotAvailable, match="Actions possibles : aucune"):
        WORKFLOW.move(Parcel.objects.create(state="received"), "send")


def test_refuses_a_stale_caller_and_says_what_to_do():
    row = Parcel.objects.create(state="sent")
    other = Parcel.objects.get(pk=row.pk)
    WORKFLOW.move(other, "receive")
    with pytest.raises(Stale) as refused:
        WORKFLOW.move(row, "lose")
    assert str(refused.value) == (
        "Rien n’a été enregistré : une autre personne vient de modifier cet élément, maintenant dans l’état « Reçu »."
        " Rechargez la page, relisez, puis recommencez si l’action a toujours un sens."
    )
    assert Parcel.objects.get(pk=row.pk).state == "received"


def test_refuses_a_caller_who_saw_another_version_of_the_same_state():
    row = Parcel.objects.create(state="sent")
    Parcel.objects.filter(pk=row.pk).update(version=1, note="autre adresse")
    with pytest.raises(Stale):
        WORKFLOW.move(row, "receive", note="perdue")
    assert Parcel.objects.get(pk=row.pk).note == "autre adresse"


def test_refuses_a_caller_whose_row_is_gone():
    row = Parcel.objects.create(state="sent")
    Parcel.objects.all().delete()
    with pytest.raises(Stale, match="vient d’être supprimé. Revenez à la liste"):
        WORKFLOW.move(row, "receive")


def test_lets_no_unknown_state_into_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        Parcel.objects.create(state="eaten")


def test_lists_what_is_available():
    assert [one.name for one in WORKFLOW.available("sent")] == ["lose", "receive"]
    assert WORKFLOW.available("received") == []


def test_draws_itself():
    assert WORKFLOW.mermaid() == (
        "stateDiagram-v2\n"
        "    draft : Brouillon\n"
        "    sent : Envoyé\n"
        "    lost : Perdu\n"
        "    received : Reçu\n"
        "    [*] --> draft\n"
        "    draft --> sent : Envoyer\n"
        "    sent --> lost : Déclarer perdu\n"
        "    sent --> received : Recevoir\n"
        "    lost --> received : Recevoir\n"
        "    received --> [*]\n"
    )


def test_refuses_a_badly_written_workflow():
    with pytest.raises(ValueError, match=r"eat: unknown states \['eaten'\]"):
        Workflow(ParcelState, Transition("eat", ("sent",), "eaten", "Manger"))
    with pytest.raises(ValueError, match="same name"):
        Workflow(ParcelState, Transition("send", ("draft",), "sent", ""), Transition("send", ("lost",), "sent", ""))


RACER = """
import sys, django
django.setup()
from habilis.common.tests.test_workflow import Parcel, WORKFLOW, Stale
guarded = sys.argv[1] == "guarded"
for line in sys.stdin:  # one row number a line, given to both racers at the same moment
    row = Parcel.objects.get(pk=int(line))
    print("seen", flush=True)
    sys.stdin.readline()
    try:
        if guarded:
            WORKFLOW.move(row, "receive")
        else:
            Parcel.objects.filter(pk=row.pk).update(state="received")
        print("won", flush=True)
    except Stale:
        print("stale", flush=True)
"""


def race(shared_database, way, rounds=20):
    """How many of two processes believe that they made the transition, for each round."""
    shared_database.create(Parcel)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, way],
            env=shared_database.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip

    def tell(line):
        for racer in racers:
            racer.stdin.write(f"{line}\n")
            racer.stdin.flush()
        return [racer.stdout.readline().strip() for racer in racers]

    try:
        wins = []
        for number in range(1, rounds + 1):
            shared_database.execute(
                f"INSERT INTO common_parcel (id, state, version, note) VALUES ({number}, 'sent', 0, '')"
            )
            assert tell(number) == ["seen", "seen"]
            wins.append(tell("go").count("won"))
        versions = shared_database.execute("SELECT DISTINCT version FROM common_parcel")
        return wins, versions
    finally:
        for racer in racers:
            racer.communicate(timeout=20)
        shared_database.drop(Parcel)


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_racing_processes_win(shared_database):
    assert race(shared_database, "guarded") == ([1] * 20, [(1,)])


@pytest.mark.django_db(transaction=True)
def test_would_notice_two_winners(shared_database):
    """Negative control: an unguarded UPDATE lets both believe that they won."""
    assert race(shared_database, "naive", rounds=3)[0] == [2, 2, 2]
