"""Keyed commitments: an entry binds to what it says of a person without saying it (security.md, section 2)."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from django.db import transaction

from habilis.journal.models import SubjectKey
from habilis.journal.tree.canonical import canonical

KEY_BYTES = 32
LABEL = b"habilis/journal/commitment/v1\n"  # a key used here can serve nothing else


def commit(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """A commitment for each reference of a person (or object) to the facts given, under a key of its own.

    One query, two more when some have no key yet. A person whose key was erased gets a new one.
    """
    keys = _keys(set(facts))
    if missing := [reference for reference in facts if reference not in keys]:
        SubjectKey.objects.bulk_create(
            [SubjectKey(subject_ref=one, key=token_bytes(KEY_BYTES)) for one in missing], ignore_conflicts=True
        )
        keys |= _keys(set(missing))  # another transaction may have made one first
    return {reference: _commitment(keys[reference], said) for reference, said in facts.items()}


def _keys(references: set[str]) -> dict[str, bytes]:
    found = SubjectKey.objects.filter(subject_ref__in=references).order_by()
    return {reference: bytes(key) for reference, key in found.values_list("subject_ref", "key")}


def _commitment(key: bytes, facts: Mapping[str, Any]) -> str:
    return hmac.digest(key, LABEL + canonical(facts), sha256).hex()


def opens(reference: str, facts: Mapping[str, Any], commitment: str) -> bool:
    """Whether the commitment is to these facts; never true once the key is erased."""
    key = _keys({reference}).get(reference)
    return key is not None and hmac.compare_digest(_commitment(key, facts), commitment)


def erase(*, reference: str) -> bool:
    """Destroy the key: nobody can tell any more what the commitments of this person are to. False: there was none.

    The bytes are overwritten before the row goes; what remains in backups and in PostgreSQL's dead rows leaves with
    their rotation (docs/operations.md).
    """
    with transaction.atomic():
        rows = SubjectKey.objects.filter(subject_ref=reference)
        rows.update(key=bytes(KEY_BYTES))
        return bool(rows.delete()[0])
