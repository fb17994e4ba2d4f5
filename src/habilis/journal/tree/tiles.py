"""Tiles of C2SP tlog-tiles: 256 hashes a tile, names of the files, bundles of entries."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from habilis.journal.tree.merkle import HASH, Nodes, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
LARGEST_ENTRY = 0xFFFF  # the length of an entry in a bundle is two bytes
NAME = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tile:
    """A file of the log: hashes of a level of tiles, or with no level the entries themselves."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{'/'.join(groups)}{partial}"


def parse_path(path: str) -> Tile:
    """The tile of a path. Raises `ValueError` for a name that no tile has."""
    if not (found := NAME.fullmatch(path)):
        raise ValueError(f"not the name of a tile: {path}")
    level, groups, width = found.groups()
    index = int(groups.replace("x", "").replace("/", ""))
    tile = Tile(None if level == "entries" else int(level), index, int(width or WIDTH))
    if tile.path != path:  # leading zeros, or a partial tile of 256
        raise ValueError(f"not the name of a tile: {path}")
    return tile


def width_at(size: int, level: int | None, index: int) -> int:
    """How many hashes (or entries) that tile holds in a tree of this size; 0 when it has no such tile."""
    return max(0, min(WIDTH, (size >> HEIGHT * (level or 0)) - index * WIDTH))


def tiles_at(size: int, level: int | None, first: int = 0) -> Iterator[Tile]:
    """Tiles of a level of a tree of this size, from the first wanted."""
    index = first
    while width := width_at(size, level, index):
        yield Tile(level, index, width)
        index += 1


def levels(size: int) -> int:
    """Number of levels of tiles in a tree of this size."""
    return (max(size, 1).bit_length() - 1) // HEIGHT + 1 if size else 0


def hashes_of(tile: bytes) -> list[bytes]:
    if len(tile) % HASH:
        raise ValueError("a tile is not a whole number of hashes")
    return [tile[place : place + HASH] for place in range(0, len(tile), HASH)]


def nodes_of(read: Callable[[int, int, int], bytes]) -> Nodes:
    """Hashes of subtrees, computed from the tiles that `read(level, index, width at least)` gives."""
    cache: dict[tuple[int, int], list[bytes]] = {}

    def nodes(level: int, index: int) -> bytes:
        row, inside = divmod(level, HEIGHT)
        first, count = index << inside, 1 << inside
        tile, place = divmod(first, WIDTH)
        held = cache.get((row, tile), [])
        if len(held) < place + count:
            held = cache[row, tile] = hashes_of(read(row, tile, place + count))
        if len(held) < place + count:
            raise ValueError("a tile is cut short")
        return root_of(held[place : place + count])

    return nodes


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each after its length on two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `ValueError` when it is cut short."""
    found, place = [], 0
    while place < len(data):
        start = place + 2
        end = start + int.from_bytes(data[place:start], "big")
        if start > len(data) or end > len(data):
            raise ValueError("a bundle is cut short")
        found.append(data[start:end])
        place = end
    return found
