"""`habilis worker` as real processes on a shared database: killed, stopped, in competition."""

import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django_tasks_db.models import DBTaskResult

pytestmark = pytest.mark.django_db(transaction=True)
TASKS = DBTaskResult._meta.db_table
HABILIS = [sys.executable, "-m", "habilis.config.cli"]


class Office:
    """A shared database with tasks that write in one file, and the workers of one test."""

    def __init__(self, database, tmp_path):
        self.database, self.workers = database, []
        self.notes, self.gate = tmp_path / "notes", tmp_path / "gate"
        self.notes.touch()

    def enqueue(self, count, gated=False):
        script = (
            "import sys, django; django.setup()\n"
            "from habilis.common.jobs import enqueue\n"
            "from habilis.common.tests.tasks import append\n"
            "path, count, gate = sys.argv[1:]\n"
            "for number in range(int(count)): enqueue(append, path, str(number), gate)\n"
        )
        arguments = [sys.executable, "-c", script, str(self.notes), str(count), str(self.gate) if gated else ""]
        subprocess.run(arguments, env=self.database.env, check=True)

    def open(self):
        """Let the tasks that wait go on to their end."""
        self.gate.touch()

    def hire(self, *options):
        worker = subprocess.Popen(
            [*HABILIS, "worker", *options],
            env=self.database.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def work(self):
        """One worker that does all that is ready, then leaves."""
        worker = self.hire("--once")
        output, _ = worker.communicate(timeout=60)
        assert worker.returncode == 0, output

    def told(self):
        return Counter(line.split()[0] for line in self.notes.read_text().splitlines())

    def wait_for(self, words):
        while self.told() != words:
            time.sleep(0.05)
            worker = self.workers[-1]
            if worker.poll() is not None and self.told() != words:
                raise AssertionError(f"{self.told()} instead of {words}: {worker.stdout.read()}")

    def tasks(self):
        """Number of tasks in each state, the sweep of the schedule apart."""
        rows = self.database.execute(
            f"SELECT status, COUNT(*) FROM {TASKS} WHERE task_path LIKE '%append' GROUP BY status"
        )
        return dict(rows)

    def silence(self):
        """As if a minute had passed since the last sign of life of all workers."""
        self.database.execute("UPDATE common_workerbeat SET seen_at = '2020-01-01 00:00:00+00:00'")


@pytest.fixture
def office(shared_database, tmp_path):
    office = Office(shared_database, tmp_path)
    yield office
    for worker in office.workers:
        if worker.poll() is None:
            worker.kill()
        worker.communicate()


def test_runs_a_task_again_after_a_kill_and_ends_it_once(office):
    office.enqueue(1, gated=True)
    worker = office.hire()
    office.wait_for({"0:start": 1})
    worker.kill()
    worker.wait()
    office.open()
    office.work()  # the control: as long as the dead worker counts as alive, nobody takes its task
    assert office.tasks() == {"RUNNING": 1}
    office.silence()
    office.work()
    assert office.told() == {"0:start": 2, "0:end": 1}
    assert office.tasks() == {"SUCCESSFUL": 1}
    office.work()
    assert office.told() == {"0:start": 2, "0:end": 1}


def test_never_runs_one_task_twice_with_two_workers(office):
    office.enqueue(100, gated=True)
    workers = [office.hire("--once") for _ in range(2)]
    while len(office.told()) < 2:  # both are at work, on two tasks
        time.sleep(0.05)
        assert [worker.poll() for worker in workers] == [None, None]
    office.open()
    outputs = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], outputs
    assert office.told() == {f"{number}:{word}": 1 for number in range(100) for word in ("start", "end")}
    assert office.tasks() == {"SUCCESSFUL": 100}


def test_would_notice_a_task_run_twice(office):
    """Negative control: a worker that is alive but counts as silent loses its task, which then runs twice."""
    office.enqueue(1, gated=True)
    office.hire()
    office.wait_for({"0:start": 1})
    office.silence()
    office.hire("--once")
    office.wait_for({"0:start": 2})
    office.open()
    office.wait_for({"0:start": 2, "0:end": 2})


def test_ends_after_the_current_task_at_the_first_signal(office):
    office.enqueue(2, gated=True)
    worker = office.hire()
    office.wait_for({"0:start": 1})
    worker.send_signal(signal.SIGTERM)
    assert "gracefully" in worker.stdout.readline() + worker.stdout.readline()
    office.open()
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, output
    assert office.told() == {"0:start": 1, "0:end": 1}
    assert office.tasks() == {"SUCCESSFUL": 1, "READY": 1}
    assert office.database.execute("SELECT COUNT(*) FROM common_workerbeat") == [(0,)]


def test_ends_at_once_at_the_second_signal_and_leaves_its_task_to_another(office):
    office.enqueue(1, gated=True)
    worker = office.hire()
    office.wait_for({"0:start": 1})
    worker.send_signal(signal.SIGTERM)
    assert "gracefully" in worker.stdout.readline() + worker.stdout.readline()
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    assert worker.returncode == 1
    assert office.tasks() == {"RUNNING": 1}
    office.silence()
    office.open()
    office.work()
    assert office.told() == {"0:start": 2, "0:end": 1}


def test_stops_when_idle(office):
    worker = office.hire()
    assert "sert les files default,long" in worker.stdout.readline()
    worker.send_signal(signal.SIGINT)
    worker.communicate(timeout=60)
    assert worker.returncode == 0


def test_serves_the_queues_it_is_told_to(office):
    office.enqueue(1)
    office.hire("--once", "--queues", "long").communicate(timeout=60)
    assert office.tasks() == {"READY": 1}
