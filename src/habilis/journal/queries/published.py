"""The files of the log, as anybody may read them: tiles, entries, last checkpoint."""

from pathlib import Path

from django.conf import settings

from habilis.journal.tree.notes import Body, split
from habilis.journal.tree.tiles import Tile


def root_folder() -> Path:
    return Path(settings.JOURNAL_ROOT)


def checkpoint_path() -> Path:
    return root_folder() / "checkpoint"


def published_note() -> str:
    """The last published checkpoint, or "" before the first one."""
    try:
        return checkpoint_path().read_text()
    except FileNotFoundError:
        return ""


def published_body() -> Body | None:
    """What it states, its signature unchecked. Raises `InvalidNote`."""
    note = published_note()
    return Body.parse(split(note)[0]) if note else None


def read_tile(level: int | None, index: int, width: int) -> bytes:
    """A tile at least that wide: the narrowest that serves. Raises `OSError` when there is none."""
    whole = root_folder() / Tile(level, index).path
    if whole.exists():
        return whole.read_bytes()
    partial = whole.with_name(f"{whole.name}.p")
    widths = [int(one.name) for one in partial.iterdir() if one.name.isdigit()] if partial.is_dir() else []
    wide = [one for one in widths if one >= width]
    if not wide:
        raise FileNotFoundError(f"{Tile(level, index, width).path} is missing")
    return (partial / str(min(wide))).read_bytes()
