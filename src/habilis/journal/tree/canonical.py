"""The bytes of an entry, in the canonical JSON of RFC 8785: what its leaf is computed from."""

import json
from collections.abc import Mapping
from typing import Any

VERSION = 1
# RFC 8785 sorts keys by UTF-16 units and writes numbers as ECMAScript does: with ASCII keys and whole numbers, which
# the guard of entries imposes, this is what Python's sorting and `int` give.
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """Canonical JSON of a value made of ASCII keys, strings, whole numbers, booleans, null, lists and objects."""
    return _encoder.encode(value).encode()


def leaf_data(fields: Mapping[str, Any]) -> bytes:
    """The bytes of an entry, its version with it. An edit of any field changes them."""
    return canonical({"v": VERSION, **fields})
