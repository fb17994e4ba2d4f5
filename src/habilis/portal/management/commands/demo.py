"""`habilis demo`: an invented national register to play with, then the site and one worker, until Ctrl-C."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.models import Certification, PublishedHabilitation

EARLIER = timedelta(days=30)  # between the two exports that the demonstration imports
LICENCE = "Données inventées"
START = 20  # seconds given to the site to answer


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Démonstration : un répertoire national inventé, le site et un ouvrier, jusqu’à Ctrl-C.")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help=_("préparer les données seulement"))
        parser.add_argument("--fiches", type=int, default=2000, help=_("taille du répertoire (défaut : %(default)s)"))

    def handle(self, *, port: int, no_serve: bool, fiches: int, **_options: Any) -> None:
        if not no_serve:
            refuse_busy_port(port)
        call_command("migrate", verbosity=0)
        prepare(fiches, self.say)
        if no_serve:
            return
        with processes(port) as children:
            wait_until_it_answers(port, children)
            self.say("\n".join(invitation(f"http://localhost:{port}")))
            wait_for_the_end(children)
        self.say(_("Démonstration arrêtée ; ses données restent dans %(home)s.") % {"home": settings.HOME})

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def prepare(fiches: int, say: Callable[[str], None]) -> None:
    """Import two exports, thirty days apart, into an empty register; leave any other register as it is.

    The files stay in the home until both are imported, so that a demonstration killed meanwhile goes on from there.
    """
    folder = Path(settings.HOME) / "demo"
    if not folder.exists():
        if Certification.objects.exists():
            say(_("Le répertoire est déjà rempli : rien à préparer."))
            return
        say(_("Invention d’un répertoire de %(n)s fiches…") % {"n": fiches})
        invent(folder, fiches)
    for export in sorted(folder.glob("*-*/")):
        say(_("Import de l’export du %(day)s…") % {"day": date_format(date.fromisoformat(export.name))})
        run(
            "register", "import", *map(str, sorted(export.glob("*.xml"))), "--apply", "--complete", "--licence", LICENCE
        )
        run("organisations", "import", str(export / "organismes.csv"), "--apply")
    shutil.rmtree(folder)
    say(_("Prêt : %(n)s fiches, toutes inventées.") % {"n": Certification.objects.listed().count()})


def run(*arguments: str) -> None:
    call_command(*arguments, stdout=StringIO())


def invent(folder: Path, fiches: int) -> None:
    """Two exports in folders named by their date. The folder appears complete or not at all."""
    draft = folder.with_name("demo.draft")
    shutil.rmtree(draft, ignore_errors=True)
    today = localdate()
    size = ("--fiches", str(fiches), "--today", str(today - EARLIER))
    run("register", "generate", *size, str(draft / str(today - EARLIER)))
    run("register", "generate", *size, "--days-later", str(EARLIER.days), str(draft / str(today)))
    draft.rename(folder)


# The site


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise CommandError(
                _(
                    "Le port %(port)s est déjà pris : arrêtez ce qui l’occupe, ou lancez `habilis demo --port %(other)s`."
                )
                % {"port": port, "other": port + 1}
            ) from problem


@contextmanager
def processes(port: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The web server and one worker, stopped on the way out whatever happens (a SIGTERM to us included).

    They have a session of their own: Ctrl-C reaches us alone, and we tell them once, as a worker expects.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    python = [sys.executable, "-m"]
    server = ["gunicorn", "--worker-class", "sync", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    commands = [[*python, *server, "--log-level", "warning", "habilis.config.wsgi"]]
    commands.append([*python, "habilis.config.cli", "worker", "--verbosity", "0"])
    environment = {"HABILIS_URL": f"http://localhost:{port}", **os.environ}
    children: list[subprocess.Popen[bytes]] = []
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        for command in commands:
            children.append(subprocess.Popen(command, env=environment, start_new_session=True))  # noqa: S603 our own
        yield children
    except KeyboardInterrupt:
        pass
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave orphans
        end(children)
        for number, handler in before.items():
            signal.signal(number, handler)


def end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def wait_until_it_answers(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    opener = build_opener(ProxyHandler({}))
    for _attempt in range(START * 10):
        refuse_dead(children)
        try:
            opener.open(f"http://127.0.0.1:{port}/", timeout=START).close()
            return
        except OSError:
            time.sleep(0.1)
    raise CommandError(_("Le site ne répond pas ; lisez les lignes ci-dessus."))


def wait_for_the_end(children: list[subprocess.Popen[bytes]]) -> None:
    while True:
        refuse_dead(children)
        time.sleep(0.5)


def refuse_dead(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is not None:
            raise CommandError(_("Un processus s’est arrêté (code %(code)s).") % {"code": child.returncode})


def invitation(site: str) -> Iterator[str]:
    """The address, and three things to try."""
    yield _("Habilis est ouvert à l’adresse %(site)s (Ctrl-C pour arrêter). Trois choses à essayer :") % {"site": site}
    search = reverse("registers:search") + "?" + urlencode({"q": "BTS tourisme"})
    yield _("  1. chercher : %(url)s") % {"url": site + search}
    today = localdate()
    row = (
        PublishedHabilitation.objects.current()
        .filter(role=HabilitationRole.BOTH, state=LinkState.ACTIVE, organisation__has_valid_siret=True)
        .filter(certification__current_version__is_active=True, certification__current_version__end_date__gt=today)
        .select_related("certification", "organisation")
        .first()
    )
    if row:
        asked = {"siret": row.organisation.siret, "number": row.certification.number, "role": HabilitationRole.ASSESS}
        question = reverse("registers:may") + "?" + urlencode({**asked, "on": today.isoformat()})
        yield _("  2. demander qui peut évaluer : %(url)s") % {"url": site + question}
    yield _("  3. voir ce qui a changé : %(url)s") % {"url": site + reverse("registers:changes")}
