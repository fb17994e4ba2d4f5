"""Bodies that registers name, written by the thousand; no right is asked: a command runs it."""

from collections.abc import Mapping, Sequence

from habilis.common.bulk import load, reserve_ids
from habilis.organisations.models import Organisation, has_valid_key

COLUMNS = (
    *("id", "siret", "siren", "has_valid_siret", "name", "commercial_name", "website"),
    *("address", "postal_code", "city", "department"),
)
# Communes whose postal code begins with that of Guadeloupe.
SAINT_BARTHELEMY, SAINT_MARTIN = "97133", "97150"


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
