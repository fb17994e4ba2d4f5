"""`habilis worker`: run background tasks."""

from argparse import ArgumentParser
from logging import getLogger
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from habilis.common.jobs import Worker


def known_queues() -> list[str]:
    return list(settings.TASKS["default"]["QUEUES"])


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Exécute les tâches de fond jusqu’à un signal. Le premier attend la fin de la tâche en cours, le second non."
        )
        known = ",".join(known_queues())
        queues = _("files à servir, séparées par des virgules (défaut : %(default)s)")
        parser.add_argument("--queues", default=known, help=queues)
        parser.add_argument("--once", action="store_true", help=_("exécuter ce qui est prêt, puis s’arrêter"))

    def handle(self, *, queues: str, once: bool, verbosity: int, **options: Any) -> None:
        names, known = queues.split(","), known_queues()
        if unknown := sorted(set(names) - set(known)):
            sentence = _("Files inconnues : %(names)s ; il y a %(known)s.")
            raise CommandError(sentence % {"names": ", ".join(unknown), "known": ", ".join(known)})
        worker = Worker(names, once=once)
        worker.configure_signals()
        if verbosity == 0:
            getLogger("django_tasks_db").setLevel("ERROR")
        else:
            self.stdout.write(
                _("L’ouvrier %(id)s sert les files %(queues)s.") % {"id": worker.worker_id, "queues": queues}
            )
            self.stdout.flush()  # at once, also into a pipe or a journal
        worker.run()
