"""Published vectors of proofs (layout of transparency-dev/merkle): each file says whether its proof must be refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from habilis.journal.tree.merkle import InvalidProof, verify_consistency, verify_inclusion
from habilis.journal.tree.notes import InvalidNote, decode

KINDS = ("inclusion", "consistency")


def vectors(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Each vector file below the folder, and whether we judge its proof as it says."""
    for kind in KINDS:
        for path in sorted((folder / kind).rglob("*.json")):
            yield path, passes(kind, path)


def passes(kind: str, path: Path) -> bool:
    """False also for a file that is no vector: a check that could not be made is not a success."""
    try:
        vector = json.loads(path.read_text())
        return accepts(kind, vector) is not vector["wantErr"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def accepts(kind: str, vector: dict[str, Any]) -> bool:
    proof = vector["proof"] or []
    try:
        hashes = [decode(one) for one in proof]
        if kind == "inclusion":
            leaf, root = decode(vector["leafHash"]), decode(vector["root"])
            verify_inclusion(vector["leafIdx"], vector["treeSize"], leaf, hashes, root)
        else:
            old, new = decode(vector["root1"]), decode(vector["root2"])
            verify_consistency(vector["size1"], vector["size2"], old, new, hashes)
    except (InvalidProof, InvalidNote):
        return False
    return True
