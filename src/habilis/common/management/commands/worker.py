"""`habilis worker`: run background tasks."""

from argparse import ArgumentParser
from logging import getLogger
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from habilis.common.jobs import Worker


class Command(BaseCommand):
    help = "Run background tasks until a signal comes. The first one waits for the current task, the second does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ",".join(settings.TASKS["default"]["QUEUES"])
        parser.add_argument("--queues", default=known, help="comma-separated queues to serve (default: %(default)s)")
        parser.add_argument("--once", action="store_true", help="run what is ready, then stop")

    def handle(self, *, queues: str, once: bool, verbosity: int, **_: Any) -> None:
        names = queues.split(",")
        if unknown := set(names) - set(settings.TASKS["default"]["QUEUES"]):
            raise CommandError(f"unknown queues: {', '.join(sorted(unknown))}")
        worker = Worker(names, once=once)
        worker.configure_signals()
        if verbosity == 0:
            getLogger("django_tasks_db").setLevel("ERROR")
        else:
            self.stdout.write(f"worker {worker.worker_id} serves {queues}")
            self.stdout.flush()  # at once, also into a pipe or a journal
        worker.run()
