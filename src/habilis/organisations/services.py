"""Acts on organisations."""

from collections.abc import Mapping, Sequence

from habilis.common.bulk import load, reserve_ids
from habilis.organisations.models import Organisation, has_valid_key

COLUMNS = (
    *("id", "siret", "siren", "has_valid_siret", "name", "commercial_name", "website"),
    *("address", "postal_code", "city", "department"),
)


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
