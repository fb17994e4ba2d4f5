"""Give committed entries their place in the tree, one sequencer at a time."""

from typing import Any

from django.db import transaction

from habilis.common.bulk import update
from habilis.journal.models import LEAF_COLUMNS, Entry, TreeState, row_leaf_data
from habilis.journal.queries.state import as_range
from habilis.journal.tree.merkle import CompactRange, leaf_hash

BATCH = 2_000


def sequence(*, batch: int = BATCH) -> int:
    """Number all that is pending and extend the tree; how many.

    One transaction a batch: a kill leaves its entries pending or numbered, hashed and in the tree together. An entry
    whose transaction commits later than one with a larger id is numbered after it; nothing is skipped.
    """
    done = 0
    while count := _one_batch(batch):
        done += count
    return done


def _one_batch(limit: int) -> int:
    with transaction.atomic():
        tree = as_range(_lock())
        rows = list(Entry.objects.pending().order_by("id").values(*LEAF_COLUMNS)[:limit])
        if not rows:
            return 0
        update(Entry, ["seq", "leaf_hash"], [_place(tree, row) for row in rows])
        TreeState.objects.filter(pk=1).update(size=tree.size, hashes=b"".join(tree.hashes))
    return len(rows)


def _place(tree: CompactRange, row: dict[str, Any]) -> tuple[int, bytes, int]:
    """Its number, its hash and its key, as the update takes them."""
    row["seq"] = tree.size
    leaf = leaf_hash(row_leaf_data(row))
    tree.append(leaf)
    return row["seq"], leaf, row["id"]


def _lock() -> TreeState:
    """The state, held until the end of the transaction: PostgreSQL locks its row, SQLite has one writer at a time."""
    TreeState.objects.get_or_create(pk=1)
    return TreeState.objects.select_for_update(of=("self",)).get(pk=1)
