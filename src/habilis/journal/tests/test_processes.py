"""Real processes on a shared database: writers and sequencers at once, one of them killed."""

import json
import signal
import subprocess
import sys
import time

import pytest

from habilis.common.tests.conftest import migrated_home, shared_database  # noqa: F401 fixtures

pytestmark = pytest.mark.django_db(transaction=True)
PREAMBLE = """
import sys, django; django.setup()
from datetime import date
from django.db import transaction
from habilis.common.actors import SYSTEM
from habilis.journal.enums import EntryKind
from habilis.journal.services import record, sequence
"""
WRITE = """
for number in range(120):
    with transaction.atomic():
        record(EntryKind.SESSION_OPENED, by=SYSTEM, on=date(2026, 1, 1), about=f"a.b:{number}")
    print(number, flush=True)
"""
NUMBER = "for _ in range(60): sequence(batch=3)"


def test_sequencers_and_writers_at_once_lose_nothing(shared_database, tmp_path):  # noqa: F811
    def start(script):
        command = [sys.executable, "-c", PREAMBLE + script]
        return subprocess.Popen(command, env=shared_database.env, text=True, stdout=subprocess.PIPE)

    writers, sequencers = [start(WRITE) for _ in range(2)], [start(NUMBER) for _ in range(2)]
    doomed = start(f"print('up', flush=True)\nwhile True: {NUMBER.split(': ')[1]}")
    assert doomed.stdout.readline() == "up\n"
    time.sleep(0.3)
    doomed.send_signal(signal.SIGKILL)
    acknowledged = sum(len(writer.communicate(timeout=60)[0].splitlines()) for writer in writers)
    for process in (*sequencers, doomed):
        process.communicate(timeout=60)
    assert [one.returncode for one in (*writers, *sequencers)] == [0, 0, 0, 0]
    habilis = [sys.executable, "-m", "habilis.config.cli", "journal"]
    kept = tmp_path / "kept.note"
    subprocess.run([*habilis, "checkpoint", kept], env=shared_database.env, check=True, capture_output=True)
    done = subprocess.run(
        [*habilis, "verify", "--json", "--checkpoint", kept], env=shared_database.env, capture_output=True, text=True
    )
    answer = json.loads(done.stdout)
    assert (acknowledged, answer["agrees"], answer["entries"], answer["pending"]) == (240, True, 241, 0)
