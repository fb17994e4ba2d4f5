"""`habilis organisations import FILE`: addresses of known organisations from the public list of training bodies."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from habilis.organisations.exchange.training_list import Refused, read_addresses
from habilis.organisations.services import record_addresses


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Importe les adresses de la liste publique des organismes de formation (sans --apply, montre l’écart)."
        )
        acts = parser.add_subparsers(dest="act", required=True)
        act = acts.add_parser("import", help=_("compare la liste avec les organismes connus"))
        act.add_argument("file", type=Path, metavar="FILE")
        act.add_argument("--apply", action="store_true", help=_("enregistre les adresses"))
        act.add_argument("--json", action="store_true", help=_("répond en JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(
                _("%(name)s : fichier introuvable ; vérifiez le chemin.") % {"name": file.name}, returncode=2
            )
        try:
            counts = record_addresses(read_addresses(file), apply=options["apply"])
        except Refused as problem:
            raise CommandError(str(problem), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps({"addresses": counts}))
            return
        self.stdout.write(
            _("Adresses changées : %(updated)d ; inchangées : %(unchanged)d ; organismes inconnus : %(unknown)d.")
            % counts
        )
        if not options["apply"]:
            self.stdout.write(_("Rien n’est enregistré : ajoutez --apply."))
