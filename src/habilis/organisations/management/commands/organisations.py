"""`habilis organisations import FILE`: what the public list of training bodies says of known organisations."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from habilis.organisations import services
from habilis.organisations.exchange.training_list import Refused, read_list


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Importe la liste publique des organismes de formation : adresses, déclarations d’activité, noms,"
            " certifications Qualiopi et sites des organismes connus (sans --apply, montre l’écart)."
        )
        acts = parser.add_subparsers(dest="act", required=True)
        act = acts.add_parser("import", help=_("compare la liste avec les organismes connus"))
        act.add_argument("file", type=Path, metavar="FILE")
        act.add_argument("--apply", action="store_true", help=_("enregistre ce qui change"))
        act.add_argument(
            "--on",
            type=date.fromisoformat,
            metavar="DATE",
            help=_("jour de la liste (AAAA-MM-JJ), aujourd’hui par défaut"),
        )
        act.add_argument("--json", action="store_true", help=_("répond en JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(
                _("%(name)s : fichier introuvable ; vérifiez le chemin.") % {"name": file.name}, returncode=2
            )
        on: date = options["on"] or localdate()
        try:
            counts = services.record_training_list(read_list(file), apply=options["apply"], on=on)
        except (Refused, services.Refused) as problem:
            raise CommandError(str(problem), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        for name, sentence in sentences().items():
            self.stdout.write(sentence % counts[name])
        if not options["apply"]:
            self.stdout.write(_("Rien n’est enregistré : ajoutez --apply."))


def sentences() -> dict[str, str]:
    return {
        "addresses": _(
            "Adresses changées : %(updated)d ; inchangées : %(unchanged)d ; organismes inconnus : %(unknown)d."
        ),
        "declarations": _(
            "Numéros de déclaration d’activité changés : %(updated)d ; inchangés : %(unchanged)d ; inexacts : %(invalid)d."
        ),
        "names": _("Noms changés : %(updated)d ; inchangés : %(unchanged)d."),
        "qualiopi": _(
            "Certifications Qualiopi ajoutées : %(added)d ; retirées : %(removed)d ; inchangées : %(unchanged)d."
        ),
        "sites": _(
            "Sites ajoutés : %(added)d ; déplacés : %(updated)d ; inchangés : %(unchanged)d ;"
            " de plusieurs organismes : %(ambiguous)d ; à SIRET inexact : %(invalid)d."
        ),
    }
