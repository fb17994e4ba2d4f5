"""`habilis journal …`: verify, sign, prove, check, run published vectors, keys."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from habilis.journal.models import Entry, SigningKey
from habilis.journal.queries.proving import prove
from habilis.journal.queries.state import known_keys
from habilis.journal.queries.verification import Disagreement, verify
from habilis.journal.services import Forked, NoKey, checkpoint, rotate_key
from habilis.journal.tree.merkle import InvalidProof
from habilis.journal.tree.notes import InvalidNote, Verifier, open_checkpoint
from habilis.journal.tree.proofs import Proof, check
from habilis.journal.tree.vectors import vectors

LARGEST_FILE = 2_000_000


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # `check` and `vectors` need no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Journal : vérifier, signer, prouver, contrôler.")
        actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        one = actions.add_parser("verify", help=_("Recalculer tout le journal ; 1 au premier désaccord"))
        one.add_argument(
            "--checkpoint", type=Path, action="append", default=[], metavar="FILE", help=_("note conservée")
        )
        one.add_argument("--key", action="append", default=[], metavar="PUB", help=_("clé publique qui la signe"))
        one.add_argument("--json", action="store_true", help=_("répondre en JSON"))
        one = actions.add_parser("checkpoint", help=_("Numéroter, publier, signer, et écrire la note"))
        one.add_argument("out", type=Path, metavar="OUT")
        one = actions.add_parser("prove", help=_("Écrire la preuve qu’une entrée est au journal"))
        one.add_argument("entry", type=int, metavar="ENTRY_ID")
        one.add_argument("out", type=Path, metavar="OUT")
        one.add_argument("--checkpoint", type=Path, metavar="FILE", help=_("note conservée, sinon la dernière publiée"))
        one = actions.add_parser("check", help=_("Contrôler une preuve, sans base de données"))
        one.add_argument("proof", type=Path, metavar="PROOF")
        one.add_argument("--checkpoint", type=Path, required=True, metavar="FILE")
        one.add_argument("--key", action="append", required=True, metavar="PUB", help=_("clé publique, ou son fichier"))
        one = actions.add_parser("vectors", help=_("Jouer les vecteurs publiés des preuves"))
        one.add_argument("folder", type=Path, metavar="DIR")
        one.add_argument("--json", action="store_true", help=_("répondre en JSON"))
        one = actions.add_parser("keys", help=_("Clés publiques ; « new » en fait une et retire l’ancienne"))
        one.add_argument("what", nargs="?", choices=("list", "new"), default="list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['action']}")(options)
        except (Disagreement, Forked, NoKey, InvalidNote, InvalidProof) as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        except (OSError, UnicodeDecodeError) as fault:
            raise CommandError(str(fault), returncode=2) from None

    def do_verify(self, options: Mapping[str, Any]) -> None:
        kept, keys = [read(path) for path in options["checkpoint"]], [key_of(text) for text in options["key"]]
        try:
            done = verify(kept=kept, keys=keys)
        except Disagreement as found:
            if not options["json"]:
                raise
            self.stdout.write(json.dumps({"agrees": False, "disagreement": str(found)}, ensure_ascii=False))
            raise SystemExit(1) from None
        if options["json"]:
            self.stdout.write(json.dumps({"agrees": True, **asdict(done)}))
            return
        sentence = _(
            "Tout concorde : %(entries)s entrées, %(checkpoints)s points de contrôle, %(tiles)s fichiers ;"
            " %(pending)s entrées attendent leur rang."
        )
        self.stdout.write(sentence % asdict(done))
        self.stdout.write(done.root)

    def do_checkpoint(self, options: Mapping[str, Any]) -> None:
        found = checkpoint(now=timezone.now())
        options["out"].write_text(found.note)
        self.stdout.write(_("%(size)s entrées signées : %(path)s") % {"size": found.tree_size, "path": options["out"]})

    def do_prove(self, options: Mapping[str, Any]) -> None:
        entry = Entry.objects.filter(pk=options["entry"]).first()
        if entry is None:
            raise CommandError(_("Entrée %(id)s inconnue.") % {"id": options["entry"]})
        kept = options["checkpoint"]
        try:
            proof = prove(entry, open_checkpoint(read(kept), known_keys()) if kept else None)
        except (InvalidProof, OSError, ValueError) as fault:
            raise CommandError(
                _("Le journal ne prouve pas cette entrée (%(fault)s) ; lancez habilis journal verify.")
                % {"fault": fault}
            ) from None
        if proof is None:
            raise CommandError(_("Cette entrée n’est pas encore signée : lancez habilis journal checkpoint."))
        options["out"].write_text(json.dumps(proof.as_json(), indent=1) + "\n")
        self.stdout.write(str(options["out"]))

    def do_check(self, options: Mapping[str, Any]) -> None:
        proof = Proof.parse(read(options["proof"]))
        body = check(proof, read(options["checkpoint"]), [key_of(text) for text in options["key"]])
        self.stdout.write(
            _("Prouvé : entrée de rang %(index)s parmi %(size)s, journal %(origin)s.")
            % {"index": proof.index, "size": body.size, "origin": body.origin}
        )
        self.stdout.write(proof.entry.decode())

    def do_vectors(self, options: Mapping[str, Any]) -> None:
        results = list(vectors(options["folder"]))
        failed = [str(path) for path, passed in results if not passed]
        counts = {"passed": len(results) - len(failed), "failed": len(failed)}
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "failures": failed}))
        else:
            self.stdout.write("\n".join([*failed, "{passed} passed, {failed} failed".format(**counts)]))
        if failed or not results:  # nothing checked is no success
            raise SystemExit(1)

    def do_keys(self, options: Mapping[str, Any]) -> None:
        if options["what"] == "new":
            rotate_key(now=timezone.now())
        for key in SigningKey.objects.order_by("id"):
            self.stdout.write(f"{key.verifier} {key.created_at:%Y-%m-%d} {key.retired_at or ''}".rstrip())


def read(path: Path) -> str:
    """A file of a bounded size: what it holds comes from anywhere."""
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read(LARGEST_FILE + 1)
    if len(text) > LARGEST_FILE:
        raise InvalidNote("the file is too long")
    return text


def key_of(text: str) -> Verifier:
    """A public key, or the file that holds it on its first line."""
    if "+" not in text or Path(text).is_file():
        text = read(Path(text)).split("\n")[0].split(" ")[0]
    return Verifier.parse(text)
