"""`habilis demo`: the data it prepares, the processes it starts and ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localdate

from habilis.portal.management.commands import demo
from habilis.registers.models import Certification, Change, ImportRun
from habilis.registers.tests.factories import a_certification

SIZE = 250  # every branch of the format is there
REAL_RUN = demo.run


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    with translation.override("fr"):
        yield tmp_path


def prepared():
    said = []
    demo.prepare(SIZE, said.append)
    return said


def exports():
    return list(ImportRun.objects.order_by("id").values_list("export_date", "state"))


@pytest.mark.django_db
def test_imports_two_exports_thirty_days_apart(home):
    said = prepared()
    today = localdate()
    assert said[0] == "Invention d’un répertoire de 250 fiches…"
    assert said[1] == f"Import de l’export du {date_format(today - timedelta(30))}…"
    assert said[-1].startswith("Prêt : 2")
    assert exports() == [(today - timedelta(30), "applied"), (today, "applied")]
    counts = ImportRun.objects.latest("id").counts
    assert all(counts["fiches"].values()), counts
    assert counts["habilitations"]["added"] and counts["habilitations"]["updated"]
    assert {"title", "state"} <= set(Change.objects.values_list("field", flat=True))
    assert list(home.iterdir()) == []

    before = Certification.objects.count(), Change.objects.count()
    assert prepared() == ["Le répertoire est déjà rempli : rien à préparer."]
    assert (Certification.objects.count(), Change.objects.count(), len(exports())) == (*before, 2)


@pytest.mark.django_db
def test_leaves_another_register_alone(home):
    a_certification("RNCP98001")
    assert prepared() == ["Le répertoire est déjà rempli : rien à préparer."]
    assert Certification.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("fatal", "runs"), [(("generate", 1), 0), (("import", 2), 1)])
def test_goes_on_after_a_kill(home, monkeypatch, fatal, runs):
    """Killed while it wrote the files, or before the second import."""
    done = []

    def run(*arguments):
        done.append(arguments[1])
        if (arguments[1], done.count(arguments[1])) == fatal:
            raise KeyboardInterrupt
        REAL_RUN(*arguments)

    monkeypatch.setattr(demo, "run", run)
    with pytest.raises(KeyboardInterrupt):
        prepared()
    assert len(exports()) == runs
    monkeypatch.setattr(demo, "run", REAL_RUN)
    prepared()
    assert exports()[-2:] == [(localdate() - timedelta(30), "applied"), (localdate(), "applied")]
    assert list(home.iterdir()) == []


# The site


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(home):
    """Ids of the processes whose environment names this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HABILIS_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.fixture
def show(tmp_path):
    """Start a demonstration of its own; whatever is left of it at the end of the test is killed."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HABILIS_HOME": str(home), "HABILIS_SECRET_KEY": "not secret"}
    if connection.vendor == "postgresql":
        environment["PGDATABASE"] = str(connection.settings_dict["NAME"])

    started = []

    def start(port):
        command = [sys.executable, "-m", "habilis.config.cli", "demo", "--fiches", "60", "--port", str(port)]
        running = subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(running)
        lines = []
        for line in running.stdout:
            lines.append(line)
            if line.startswith("  3."):
                return running, home, "".join(lines)
        raise AssertionError("".join(lines))

    yield start
    for process in processes_of(home):
        os.kill(process, signal.SIGKILL)
    for one in started:
        one.communicate()


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.status, answer.read().decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_the_signal_then_leaves_no_process(show, number):
    port = free_port()
    running, home, said = show(port)
    urls = re.findall(r"http://localhost:\d+/\S*", said)
    assert len(urls) == 3
    for url in urls:
        assert fetch(url.replace("localhost", "127.0.0.1"))[0] == 200
    assert len(processes_of(home)) == 5  # itself, the web server and its two processes, the worker
    running.send_signal(number)
    rest, _ = running.communicate(timeout=30)
    assert (running.returncode, processes_of(home)) == (0, []), rest
    demo.refuse_busy_port(port)


@pytest.mark.django_db(transaction=True)
def test_ends_all_when_one_process_dies(show):
    running, home, _ = show(free_port())
    (worker,) = [
        process for process in processes_of(home) if b"\0worker\0" in Path(f"/proc/{process}/cmdline").read_bytes()
    ]
    os.kill(worker, signal.SIGKILL)
    rest, _ = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "-9" in rest
    assert processes_of(home) == []


def test_says_what_to_do_when_the_port_is_taken(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"lancez `habilis demo --port {port + 1}`"):
            call_command("demo", "--port", str(port))
