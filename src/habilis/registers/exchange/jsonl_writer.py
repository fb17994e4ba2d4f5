"""Writer of JSON Lines: one fiche a line, every field.

Keys of a line, in this order:
- `number`, `register` (RNCP or RS);
- the fields of `records.FIELDS`: dates as AAAA-MM-JJ, an unknown as null;
- the texts of `records.TEXTS`;
- the lists of `records.LISTS`, each a list of objects with the columns named there, in published order;
- `certifiers` and `habilitations`: lists of objects with the columns of `records.CERTIFIER` and `records.HABILITATION`.
Closed lists hold the values of `registers.enums`; rates are percents.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from habilis.registers.records import CERTIFIER, FIELDS, HABILITATION, LISTS, TEXTS, Fiche, Row


def write_jsonl(fiches: Iterable[Fiche], out: BinaryIO) -> int:
    """Write complete records, each as it comes; returns how many."""
    count = 0
    for fiche in fiches:
        out.write(json.dumps(fiche_object(fiche), ensure_ascii=False, default=plain).encode("utf-8", "replace") + b"\n")
        count += 1
    return count


def fiche_object(fiche: Fiche) -> dict[str, Any]:
    return {
        "number": fiche.number,
        "register": fiche.register,
        **{name: fiche.fields.get(name) for name in FIELDS},
        **{name: fiche.texts.get(name, "") for name in TEXTS},
        **{name: objects(columns, fiche.lists.get(name, ())) for name, columns in LISTS.items()},
        "certifiers": objects(CERTIFIER, fiche.certifiers or ()),
        "habilitations": objects(HABILITATION, fiche.habilitations or ()),
    }


def objects(columns: Sequence[str], rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def plain(value: object) -> str | float:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
