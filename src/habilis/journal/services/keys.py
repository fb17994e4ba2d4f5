"""Keys of the log: private parts are files of the home that their owner alone reads, public parts are rows."""

import os
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from habilis.common.actors import SYSTEM
from habilis.journal.enums import EntryKind
from habilis.journal.models import SigningKey
from habilis.journal.services.recording import record, reference
from habilis.journal.tree.notes import InvalidNote, Signer, Verifier, decode, encode


class NoKey(Exception):
    """The private key is missing, readable by others, or not the one whose public part is known. Says what to do."""


def rotate_key(*, now: datetime) -> SigningKey:
    """Retire the active key, if any, and make a new one under the same origin; an entry tells it."""
    with transaction.atomic():
        first = SigningKey.objects.order_by("id").first()
        signer = Signer(first.origin if first else settings.JOURNAL_ORIGIN, seed := token_bytes(32))
        SigningKey.objects.filter(retired_at__isnull=True).update(retired_at=now)
        key = SigningKey.objects.create(origin=signer.name, verifier=str(signer.verifier), created_at=now)
        payload = {"verifier_hash": signer.verifier.hash.hex(), "public": encode(signer.verifier.public)}
        record(EntryKind.KEY_CHANGED, by=SYSTEM, on=now.date(), about=reference(key), payload=payload)
        # Before the commit: a file too many is harmless, a key whose file is missing stops every signature.
        _write(signer.verifier, seed)
    return key


def active_key(*, now: datetime) -> tuple[SigningKey, Signer]:
    """The key that signs today; the first call of a new home makes it."""
    key = SigningKey.objects.filter(retired_at__isnull=True).first() or rotate_key(now=now)
    return key, _read(key)


def key_path(verifier: Verifier) -> Path:
    return Path(settings.JOURNAL_KEYS) / f"journal-{verifier.hash.hex()}.key"


def _write(verifier: Verifier, seed: bytes) -> None:
    path = key_path(verifier)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(encode(seed) + "\n")
        file.flush()
        os.fsync(descriptor)


def _read(key: SigningKey) -> Signer:
    verifier = Verifier.parse(key.verifier)
    path = key_path(verifier)
    try:
        with path.open() as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise NoKey(
                    gettext("%(path)s est lisible par d’autres : chmod 600, puis changez de clé.") % {"path": path}
                )
            signer = Signer(key.origin, decode(file.read().strip()))
    except OSError as fault:
        raise NoKey(
            gettext("La clé %(path)s manque : restaurez-la, ou faites-en une autre avec `habilis journal keys new`.")
            % {"path": path}
        ) from fault
    except (InvalidNote, ValueError) as fault:
        raise NoKey(gettext("La clé %(path)s est abîmée : restaurez-la.") % {"path": path}) from fault
    if signer.verifier.public != verifier.public:
        raise NoKey(gettext("La clé %(path)s n’est pas celle qui est publiée : restaurez-la.") % {"path": path})
    return signer
