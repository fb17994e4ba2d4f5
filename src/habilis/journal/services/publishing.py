"""Write the tiles, sign the root, publish: in this order, so that whoever reads a checkpoint finds its tiles."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import NamedTemporaryFile

from django.db import transaction
from django.utils.translation import gettext

from habilis.common.files import sync_folder
from habilis.journal.models import LEAF_COLUMNS, Checkpoint, Entry, row_leaf_data
from habilis.journal.queries.published import checkpoint_path, published_body, read_tile, root_folder
from habilis.journal.queries.state import tree_state
from habilis.journal.services.keys import active_key
from habilis.journal.services.sequencing import sequence
from habilis.journal.tree.merkle import HASH, CompactRange, root_of, tree_root
from habilis.journal.tree.notes import Body
from habilis.journal.tree.tiles import WIDTH, Tile, bundle, hashes_of, levels, nodes_of, tiles_at


class Forked(Exception):
    """The database does not continue what was published: nothing is signed. Says what to do."""


def checkpoint(*, now: datetime) -> Checkpoint:
    """Number what is pending, publish the tiles, sign the tree and publish the note.

    Safe to kill and to repeat: what is already there is checked and kept. An unchanged tree under the same key gives
    the same checkpoint. Raises `Forked`, `NoKey`.
    """
    with publisher():
        key, signer = active_key(now=now)
        sequence()
        tree = tree_state()
        _publish_tiles(tree)
        last = Checkpoint.objects.order_by("id").last()
        if last is None or (last.tree_size, last.root, last.key_id) != (tree.size, tree.root(), key.pk):
            body = Body(key.origin, tree.size, tree.root())
            with transaction.atomic():
                last = Checkpoint.objects.create(
                    tree_size=tree.size,
                    root_hash=str(body).split("\n")[2],
                    note=signer.sign(str(body)),
                    signed_at=now,
                    key=key,
                )
        _replace(checkpoint_path(), last.note.encode())
    return last


@contextmanager
def publisher() -> Iterator[None]:
    """One publisher at a time in a home; the system frees the lock of a process that dies."""
    root_folder().mkdir(parents=True, exist_ok=True)
    with (root_folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _publish_tiles(tree: CompactRange) -> None:
    """Write what the published files lack, then make sure that old and new files are one tree: the one of the rows."""
    old = published_body()
    start = old.size if old else 0
    if start > tree.size:
        raise _forked()
    _write_leaves(start, tree.size)
    for level in range(1, levels(tree.size)):
        _write_level(level, start, tree.size)
    nodes = nodes_of(read_tile)
    if tree_root(tree.size, nodes) != tree.root() or (old and tree_root(old.size, nodes) != old.root):
        raise _forked()


def _forked() -> Forked:
    return Forked(
        gettext(
            "La base ne prolonge pas le journal publié : rien n’a été signé. Lancez `habilis journal verify`, et restaurez"
            " la base ou le dossier du journal."
        )
    )


def _write_leaves(start: int, size: int) -> None:
    first = start // WIDTH * WIDTH
    rows = Entry.objects.filter(seq__gte=first, seq__lt=size).order_by("seq").values(*LEAF_COLUMNS, "leaf_hash")
    stream = rows.iterator(chunk_size=2_000)
    for tile in tiles_at(size, 0, first // WIDTH):
        held = list(islice(stream, tile.width))
        _write(tile, b"".join(bytes(row["leaf_hash"]) for row in held))
        _write(Tile(None, tile.index, tile.width), bundle(row_leaf_data(row) for row in held))


def _write_level(level: int, start: int, size: int) -> None:
    """Tiles above others: each hash is the root of a full tile below, which is on the disk already."""
    for tile in tiles_at(size, level, (start >> 8 * level) // WIDTH):
        known = _partial_hashes(tile)
        first = tile.index * WIDTH
        below = range(first + len(known), first + tile.width)
        fresh = [root_of(hashes_of(read_tile(level - 1, one, WIDTH))) for one in below]
        _write(tile, b"".join([*known, *fresh]))


def _partial_hashes(tile: Tile) -> list[bytes]:
    """What an earlier, narrower tile holds: a checkpoint that adds one hash must not compute 255."""
    folder = (root_folder() / Tile(tile.level, tile.index).path).with_suffix(".p")
    widths = [int(one.name) for one in folder.iterdir() if one.name.isdigit()] if folder.is_dir() else []
    fit = max((width for width in widths if width <= tile.width), default=0)
    return hashes_of((folder / str(fit)).read_bytes()) if fit else []


def _write(tile: Tile, data: bytes) -> None:
    """A tile appears whole, once. One that says something else is a fork, and is left as it is."""
    if tile.level is not None and len(data) != tile.width * HASH:
        raise _forked()
    path = root_folder() / tile.path
    if path.exists():
        if path.read_bytes() != data:
            raise _forked()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, data, mode=0o444)
    partial = path.with_name(f"{path.name}.p")
    if tile.width == WIDTH and partial.is_dir():  # the full tile serves whoever asks for a part of it
        rmtree(partial)


def _replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    with NamedTemporaryFile(dir=root_folder(), prefix=".incoming-", delete=False) as temporary:
        try:
            temporary.write(data)
            temporary.flush()
            os.fchmod(temporary.fileno(), mode)
            os.fsync(temporary.fileno())
            os.replace(temporary.name, path)
        except BaseException:
            os.unlink(temporary.name)
            raise
    sync_folder(path.parent)
