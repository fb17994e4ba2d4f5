"""What public sources say of organisations, written by the thousand; no right is asked: a command runs it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from django.db import transaction

from habilis.common.bulk import load, reserve_ids, update
from habilis.organisations.models import Organisation, has_valid_key

COLUMNS = (
    *("id", "siret", "siren", "has_valid_siret", "name", "commercial_name", "website"),
    *("address", "postal_code", "city", "department"),
)
ADDRESS = ("address", "postal_code", "city", "department")
BATCH = 1_000
# Communes whose postal code begins with that of Guadeloupe.
SAINT_BARTHELEMY, SAINT_MARTIN = "97133", "97150"


class Address(NamedTuple):
    siret: str
    street: str
    postal_code: str
    city: str


def register_published(bodies: Mapping[str, tuple[str, str, str]]) -> dict[str, int]:
    """Create the organisations that a register names and return their ids, keyed as given: by SIRET, or by name.

    The values are (name, commercial name, website); a key of 14 digits is a SIRET, any other one a name. Bodies known
    already keep what they hold. Three queries at most whatever the number; call it inside a transaction.
    """
    names = [key for key in bodies if not is_siret(key)]
    sirets = [key for key in bodies if is_siret(key)]
    found: dict[str, int] = {}
    if sirets:
        known = Organisation.objects.filter(siret__in=sirets).values_list("siret", "pk")
        found |= {siret: key for siret, key in known if siret}
    if names:
        found |= dict(Organisation.objects.filter(siret__isnull=True, name__in=names).values_list("name", "pk"))
    missing = [key for key in bodies if key not in found]
    ids = reserve_ids(Organisation, len(missing))
    load(Organisation, COLUMNS, (new_row(key, pk, *bodies[key]) for key, pk in zip(missing, ids, strict=True)))
    return found | dict(zip(missing, ids, strict=True))


def is_siret(key: str) -> bool:
    return len(key) == 14 and key.isascii() and key.isdigit()


def new_row(key: str, pk: int, name: str, commercial_name: str, website: str) -> Sequence[object]:
    siret = key if is_siret(key) else None
    return (
        *(pk, siret, siret[:9] if siret else "", has_valid_key(siret) if siret else False),
        *(name or key, commercial_name, website, "", "", "", ""),
    )


def record_addresses(rows: Iterable[Address], *, apply: bool) -> dict[str, int]:
    """Give known organisations the address that a list publishes; count what changes, and write it when told.

    Only organisations already there are touched, the first row of a SIRET counts, and a row without a town changes
    nothing. All or nothing; one query a thousand rows, one more when there is something to write.
    """
    counts = Counter(updated=0, unchanged=0, unknown=0)
    seen: set[str] = set()
    with transaction.atomic():
        for batch in batches(row for row in rows if row.city or row.postal_code):
            changes = address_changes(batch, seen, counts)
            if apply and changes:
                update(Organisation, ADDRESS, changes)
    return dict(counts)


def batches(rows: Iterator[Address]) -> Iterator[list[Address]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def address_changes(
    batch: Sequence[Address], seen: set[str], counts: Counter[str]
) -> list[tuple[str, str, str, str, int]]:
    """New columns and primary key of the organisations whose address differs."""
    known = Organisation.objects.filter(siret__in=[row.siret for row in batch]).order_by()
    stored = {siret: (pk, columns) for siret, pk, *columns in known.values_list("siret", "pk", *ADDRESS)}
    changes = []
    for row in batch:
        if row.siret in seen:
            continue
        if row.siret not in stored:
            counts["unknown"] += 1
            continue
        seen.add(row.siret)
        pk, before = stored[row.siret]
        after = [row.street[:300], row.postal_code[:5], row.city[:120], department_of(row.postal_code)]
        counts["unchanged" if after == before else "updated"] += 1
        if after != before:
            changes.append((*after, pk))
    return changes


def department_of(postal_code: str) -> str:
    """The department of a French postal code (2A, 2B, 974…); nothing for the armed forces, abroad or no code."""
    if len(postal_code) != 5 or not (postal_code.isascii() and postal_code.isdigit()):
        return ""
    if postal_code in (SAINT_BARTHELEMY, SAINT_MARTIN):
        return "977" if postal_code == SAINT_BARTHELEMY else "978"
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" else "2B"
    if postal_code[:2] in ("97", "98"):
        return postal_code[:3]
    return "" if postal_code[:2] in ("00", "96", "99") else postal_code[:2]
