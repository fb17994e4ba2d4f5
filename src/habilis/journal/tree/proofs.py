"""A proof that travels: an entry, its place and its path to the root of a signed checkpoint, as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from habilis.journal.tree.merkle import InvalidProof, leaf_hash, verify_inclusion
from habilis.journal.tree.notes import Body, InvalidNote, Verifier, decode, encode, open_checkpoint

FORMAT = "habilis-journal-proof/1"


@dataclass(frozen=True, slots=True)
class Proof:
    entry: bytes
    index: int
    size: int
    path: Sequence[bytes]

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "entry": encode(self.entry),
            "index": self.index,
            "tree_size": self.size,
            "path": [encode(one) for one in self.path],
        }

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """Raises `InvalidProof`."""
        try:
            data = json.loads(text)
            if not isinstance(data, Mapping) or data.get("format") != FORMAT:
                raise InvalidProof(f"not a proof of the format {FORMAT}")
            index, size = data["index"], data["tree_size"]
            if type(index) is not int or type(size) is not int or not isinstance(data["path"], list):
                raise InvalidProof("malformed proof")
            return cls(decode(data["entry"]), index, size, [decode(one) for one in data["path"]])
        except InvalidProof:
            raise
        except (InvalidNote, ValueError, KeyError, TypeError, RecursionError) as fault:
            raise InvalidProof("malformed proof") from fault


def check(proof: Proof, note: str, keys: Sequence[Verifier]) -> Body:
    """The checkpoint that includes the entry. Raises `InvalidProof`, `InvalidNote`; needs no database."""
    body = open_checkpoint(note, keys)
    if proof.size != body.size:
        raise InvalidProof(f"the proof is for a tree of {proof.size} entries, the checkpoint for {body.size}")
    verify_inclusion(proof.index, proof.size, leaf_hash(proof.entry), proof.path, body.root)
    return body
