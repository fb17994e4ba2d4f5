"""Proofs of entries, from the published tiles."""

from habilis.journal.models import Entry
from habilis.journal.queries.published import published_body, read_tile
from habilis.journal.tree.merkle import inclusion_proof, leaf_hash, verify_inclusion
from habilis.journal.tree.notes import Body
from habilis.journal.tree.proofs import Proof
from habilis.journal.tree.tiles import nodes_of


def prove(entry: Entry, body: Body | None = None) -> Proof | None:
    """The entry in the tree of a checkpoint (by default the published one); None as long as it is not in it.

    Reads a handful of tiles. A proof that would not verify is never given: raises `InvalidProof`, or `ValueError`
    and `OSError` when files are damaged.
    """
    body = body or published_body()
    if body is None or entry.seq is None or entry.seq >= body.size:
        return None
    path = inclusion_proof(entry.seq, body.size, nodes_of(read_tile))
    proof = Proof(entry.leaf_data(), entry.seq, body.size, path)
    verify_inclusion(proof.index, proof.size, leaf_hash(proof.entry), path, body.root)
    return proof
