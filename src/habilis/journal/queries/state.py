"""The tree as the database holds it."""

from habilis.journal.models import SigningKey, TreeState
from habilis.journal.tree.merkle import CompactRange
from habilis.journal.tree.notes import Verifier
from habilis.journal.tree.tiles import hashes_of


def as_range(state: TreeState) -> CompactRange:
    """Raises `ValueError` when the row contradicts itself."""
    return CompactRange(state.size, hashes_of(bytes(state.hashes)))


def tree_state() -> CompactRange:
    state = TreeState.objects.filter(pk=1).first()
    return as_range(state) if state else CompactRange()


def known_keys() -> list[Verifier]:
    return [key.as_verifier() for key in SigningKey.objects.order_by("id")]
