"""Merkle tree of RFC 6962 and RFC 9162 over SHA-256: compact range, proofs made and verified."""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()
# Hash of the complete subtree of 2**level leaves that is the index-th of its level.
Nodes = Callable[[int, int], bytes]


class InvalidProof(ValueError):
    """A proof that proves nothing. The message says what is wrong with it."""


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162, 2.1.1: a leaf begins with 0x00, so that no node can pass for a leaf."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: a node begins with 0x01."""
    return sha256(b"\1" + left + right).digest()


class CompactRange:
    """What must be kept to extend a tree: one hash per bit of its size, the largest subtree first."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(one) != HASH for one in hashes):
            raise ValueError("the hashes are not those of a tree of this size")
        self.size, self.hashes = size, list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf: as many merges as the size ends with ones."""
        size, hashes = self.size, self.hashes
        while size & 1:
            leaf = node_hash(hashes.pop(), leaf)
            size >>= 1
        hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root over hashes of leaves."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


# Proofs made


def _split(count: int) -> int:
    """The largest power of two smaller than the count."""
    return 1 << ((count - 1).bit_length() - 1)


def subtree(low: int, high: int, nodes: Nodes) -> bytes:
    """Hash over the leaves low to high (excluded), where low begins a subtree."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes(level, low >> level)
    middle = low + _split(count)
    return node_hash(subtree(low, middle, nodes), subtree(middle, high, nodes))


def tree_root(size: int, nodes: Nodes) -> bytes:
    return subtree(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """RFC 9162, 2.1.3.1."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(subtree(middle, high, nodes))
            high = middle
        else:
            proof.append(subtree(low, middle, nodes))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """RFC 9162, 2.1.4.1."""
    if not 1 <= old <= new:
        raise ValueError("the sizes are not those of a tree that grew")
    proof: list[bytes] = []
    low, high = 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(subtree(middle, high, nodes))
            high = middle
        else:
            proof.append(subtree(low, middle, nodes))
            low = middle
    if low:  # otherwise this subtree is the whole old tree, whose root the verifier has
        proof.append(subtree(low, high, nodes))
    return proof[::-1]


# Proofs verified


def _check_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH for one in hashes):
        raise InvalidProof("a hash is not 32 bytes long")


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2. Raises `InvalidProof`."""
    if not 0 <= index < size:
        raise InvalidProof("the leaf is outside the tree")
    _check_hashes(leaf, root, *proof)
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InvalidProof("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise InvalidProof("the proof is too short")
    if found != root:
        raise InvalidProof("the proof leads to another root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162, 2.1.4.2, with what it leaves to the reader: an empty old tree proves nothing. Raises `InvalidProof`."""
    if not 1 <= old <= new:
        raise InvalidProof("the sizes are not those of a tree that grew")
    _check_hashes(old_root, new_root, *proof)
    if old == new:
        if proof or old_root != new_root:
            raise InvalidProof("trees of one size need one root and an empty proof")
        return
    if not proof:
        raise InvalidProof("the proof is empty")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    found_old, found_new, last = _walk(old - 1, new - 1, path)
    if last:
        raise InvalidProof("the proof is too short")
    if (found_old, found_new) != (old_root, new_root):
        raise InvalidProof("the proof leads to other roots")


def _walk(place: int, last: int, path: list[bytes]) -> tuple[bytes, bytes, int]:
    """Both roots that the path leads to, and what is left of the height of the new tree."""
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise InvalidProof("the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return old, new, last
