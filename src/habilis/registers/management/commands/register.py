"""`habilis register …`: import, show, search, ask, export and generate the national registers."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from habilis.registers.enums import HabilitationRole, Register
from habilis.registers.exchange.exporter import export
from habilis.registers.exchange.importer import Report, import_files
from habilis.registers.exchange.jsonl_writer import fiche_object, plain
from habilis.registers.exchange.synthetic import evolve, generate
from habilis.registers.models import OPEN_LICENCE
from habilis.registers.queries import fiches
from habilis.registers.queries.rights import InvalidSiret, may
from habilis.registers.queries.search import Filters, search
from habilis.registers.queries.stored import fiche_of_version
from habilis.registers.records import Refused, labelled

ROLES = {"train": HabilitationRole.PREPARE, "assess": HabilitationRole.ASSESS}
REJECTED_SHOWN = 20


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Répertoires nationaux : importer, montrer, chercher, interroger, exporter, générer.")
        day = _("AAAA-MM-JJ")
        actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        one = actions.add_parser(
            "import", help=_("Comparer des fichiers au répertoire, puis les appliquer avec --apply")
        )
        formats = _("XML V4.1, CSV, ou .zip de l’un ou l’autre")
        one.add_argument("files", nargs="+", type=Path, metavar="FILE", help=formats)
        one.add_argument("--apply", action="store_true", help=_("appliquer les différences (sinon : les montrer)"))
        one.add_argument("--complete", action="store_true", help=_("retirer ce que les fichiers ne portent plus"))
        one.add_argument("--export-date", type=date.fromisoformat, metavar=day)
        one.add_argument("--licence", default=OPEN_LICENCE, help=_("licence des fichiers (défaut : %(default)s)"))
        one = actions.add_parser("show", help=_("Montrer une fiche"))
        one.add_argument("number", metavar="NUMERO")
        one.add_argument("--on", type=date.fromisoformat, metavar=day, help=_("telle qu’elle était ce jour-là"))
        one = actions.add_parser("search", help=_("Chercher des fiches"))
        one.add_argument("text", metavar="TEXT")
        one.add_argument("--limit", type=int, default=10)
        one.add_argument("--active", action="store_true", help=_("seulement les fiches actives aujourd’hui"))
        one.add_argument("--level", type=int)
        one = actions.add_parser("may", help=_("Cet organisme peut-il former, ou évaluer, ce jour-là ?"))
        one.add_argument("siret", metavar="SIRET")
        one.add_argument("number", metavar="NUMERO")
        one.add_argument("--role", choices=sorted(ROLES), required=True)
        one.add_argument("--on", type=date.fromisoformat, required=True, metavar=day)
        one = actions.add_parser("export", help=_("Écrire le répertoire"))
        one.add_argument("--format", choices=("xml", "csv", "jsonl"), required=True)
        one.add_argument("--register", choices=Register.values, help=_("un seul des deux répertoires"))
        one.add_argument("out", type=Path, metavar="OUT")
        one = actions.add_parser("generate", help=_("Écrire un répertoire national synthétique"))
        one.add_argument("--fiches", type=int, required=True)
        one.add_argument("--seed", type=int, default=1)
        one.add_argument("--today", type=date.fromisoformat, metavar=day, help=_("jour de l’export"))
        one.add_argument("--days-later", type=int, metavar="N", help=_("le même répertoire, N jours après ce jour-là"))
        one.add_argument("outdir", type=Path, metavar="OUTDIR")
        for action in actions.choices.values():
            action.add_argument("--json", action="store_true", help=_("répondre en JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['action']}")(options)
        except (Refused, InvalidSiret) as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        except (OperationalError, ProgrammingError) as problem:
            if connection.introspection.table_names():
                raise
            raise CommandError(_("La base est vide : lancez d’abord `habilis migrate`.")) from problem

    def answer(self, options: Mapping[str, Any], data: Any, lines: list[str]) -> None:
        """Print the data as JSON when asked, else the lines for a person."""
        text = json.dumps(data, ensure_ascii=False, default=plain) if options["json"] else "\n".join(lines)
        self.stdout.write(text)

    def do_import(self, options: Mapping[str, Any]) -> None:
        report = import_files(
            options["files"],
            apply=options["apply"],
            complete=options["complete"],
            export_date=options["export_date"],
            licence=options["licence"],
            now=timezone.now(),
            progress=progress_line if sys.stderr.isatty() else lambda done, total: None,
        )
        self.answer(options, report.as_json(), import_lines(report))

    def do_show(self, options: Mapping[str, Any]) -> None:
        number = fiches.canonical(options["number"]) or options["number"]
        certification = fiches.find(number)
        if certification is None:
            raise CommandError(_("Fiche %(number)s inconnue ; cherchez-la avec `habilis register search`.") % options)
        version = fiches.version_on(certification, options["on"])
        if version is None:
            raise CommandError(
                _("Aucun état de %(number)s n’est connu le %(day)s : sa première apparition ici est du %(first)s.")
                % {"number": number, "day": options["on"], "first": certification.first_seen_on}
            )
        today = options["on"] or timezone.localdate()
        record = fiche_object(fiche_of_version(version, options["on"]))
        dates = {"valid_from": version.valid_from, "valid_to": version.valid_to}
        data = {**record, "active": version.is_active_on(today), **dates, "source": version.run.source}
        self.answer(options, data, fiche_lines(data))

    def do_search(self, options: Mapping[str, Any]) -> None:
        filters = Filters(active=options["active"], level=options["level"])
        results = search(options["text"], on=timezone.localdate(), filters=filters, limit=options["limit"])
        data = [
            {"numero": hit.number, "title": hit.title, "active": hit.is_active, "level": hit.level}
            for hit in results.hits
        ]
        lines = [
            f"{hit.number:<10} {active_word(hit.is_active):<9} {hit.level or '-':<2} {hit.title}"
            for hit in results.hits
        ]
        self.answer(options, data, [*lines, _("%(total)s fiches trouvées") % {"total": results.total}])

    def do_may(self, options: Mapping[str, Any]) -> None:
        number = fiches.canonical(options["number"]) or options["number"]
        found = may(options["siret"], number, role=ROLES[options["role"]], on=options["on"], today=timezone.localdate())
        data = {
            "answer": found.answer,
            "reason": found.reason,
            "code": found.code,
            "notes": found.notes,
            "rows": found.rows,
        }
        words = {"yes": _("OUI"), "no": _("NON"), "unknown": _("INCONNU")}
        self.answer(options, data, [str(labelled(words[found.answer], found.reason)), *found.notes])

    def do_export(self, options: Mapping[str, Any]) -> None:
        counts = export(
            options["format"],
            options["out"],
            register=options["register"],
            on=timezone.localdate(),
            progress=progress_line if sys.stderr.isatty() else lambda done, total: None,
        )
        self.answer(options, counts, [str(labelled(kind, number)) for kind, number in counts.items()])

    def do_generate(self, options: Mapping[str, Any]) -> None:
        if options["fiches"] < 1:
            raise CommandError(_("--fiches demande un nombre d’au moins 1."), returncode=2)
        outdir = options["outdir"]
        size, today = {"fiches": options["fiches"], "seed": options["seed"]}, options["today"] or timezone.localdate()
        if options["days_later"]:
            paths = evolve(outdir, **size, today=today, days_later=options["days_later"])
        else:
            paths = generate(outdir, **size, today=today)
        self.answer(options, [str(path) for path in paths], [str(path) for path in paths])


def progress_line(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done} / {total}" + ("\n" if done >= total else ""))


def import_lines(report: Report) -> list[str]:
    """The report as a table, then what was rejected and what to do next."""
    day = f"{report.export_date:%d/%m/%Y}"
    applied = _("Export du %(day)s : différences appliquées.") if report.run else _("Export du %(day)s : différences.")
    kinds = {
        "fiches": _("fiches"),
        "blocks": _("blocs"),
        "habilitations": _("habilitations"),
        "certifiers": _("certificateurs"),
    }
    verbs = {"added": _("ajouts"), "updated": _("modifiés"), "removed": _("retraits"), "unchanged": _("inchangés")}
    lines = [applied % {"day": day}, f"{'':<16}" + "".join(f"{word:>12}" for word in verbs.values())]
    lines += [
        f"{label:<16}" + "".join(f"{report.counts[kind][verb]:>12}" for verb in verbs) for kind, label in kinds.items()
    ]
    if report.stale:
        lines.append(_("%(n)s fiches laissées : un export plus récent a déjà été appliqué.") % {"n": report.stale})
    if report.rejected:
        lines.append(_("%(n)s fiches refusées :") % {"n": len(report.rejected)})
        lines += [f"  {labelled(row['numero'] or '?', row['reason'])}" for row in report.rejected[:REJECTED_SHOWN]]
    if not report.run:
        lines.append(_("Rien n’a été écrit. Pour appliquer : ajoutez --apply."))
    return lines


def active_word(active: bool | None) -> str:
    words = {
        True: pgettext("fiche", "active"),
        False: pgettext("fiche", "inactive"),
        None: pgettext("fiche", "inconnu"),
    }
    return words[active]


def fiche_lines(data: Mapping[str, Any]) -> list[str]:
    certifiers = ", ".join(row["name"] for row in data["certifiers"])
    return [
        f"{data['number']} · {data['title']}",
        f"{active_word(data['active'])} · " + _("niveau %(level)s") % {"level": data["level"] or "-"},
        _("Fin d’enregistrement : %(day)s") % {"day": data["end_date"] or "-"},
        _("Certificateurs : %(names)s") % {"names": certifiers or "-"},
        *(f"  {block['code']} · {block['title']}" for block in data["blocks"]),
        _("%(n)s partenaires publiés") % {"n": len(data["habilitations"])},
        _("État du %(day)s, source : %(source)s") % {"day": data["valid_from"], "source": data["source"]},
    ]
