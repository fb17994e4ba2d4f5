"""Recompute the whole journal from its rows and compare it with everything that claims to say the same.

Rows are streamed once, in the order of the tree: memory does not grow with it. Nothing is written, nothing locked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Subquery
from django.utils.translation import gettext as _

from habilis.journal.models import LEAF_COLUMNS, Checkpoint, Entry, TreeState, row_leaf_data
from habilis.journal.queries.published import published_note, root_folder
from habilis.journal.queries.state import known_keys, tree_state
from habilis.journal.tree.merkle import CompactRange, leaf_hash, root_of
from habilis.journal.tree.notes import Body, InvalidNote, Verifier, encode, open_checkpoint
from habilis.journal.tree.tiles import HEIGHT, WIDTH, Tile, bundle, parse_path, width_at


class Disagreement(Exception):
    """Two things that should say the same do not. The message names the first place."""


@dataclass(slots=True)
class Verified:
    """What agreed."""

    entries: int = 0
    pending: int = 0
    checkpoints: int = 0
    tiles: int = 0
    root: str = ""


@dataclass
class Verification:
    """One pass. `kept` are notes that were kept outside; `keys` the keys to trust for them (by default, the known ones)."""

    kept: Sequence[str] = ()
    keys: Sequence[Verifier] = ()
    done: Verified = field(default_factory=Verified)

    def run(self) -> Verified:
        """Raises `Disagreement`."""
        try:
            state = tree_state()
        except ValueError:
            raise Disagreement(_("L’état de l’arbre se contredit.")) from None
        last = Checkpoint.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self.claims = self._claims(last)
        self.tiles = Tiles(self._published(last), self.done)
        tree = self._walk(state.size)
        if tree.hashes != state.hashes:
            raise Disagreement(_("L’état de l’arbre ne correspond pas aux entrées."))
        self.tiles.finish()
        self._check_beyond()
        self.done.root = encode(tree.root())
        return self.done

    def _walk(self, size: int) -> CompactRange:
        """The tree of the rows, compared on its way with every claim and every tile."""
        tree, claims = CompactRange(), iter(self.claims)
        claim = self._compare(tree, claims, next(claims, None))
        for row in rows(size):
            data, leaf = check_row(row, tree.size)
            tree.append(leaf)
            self.tiles.add(data, leaf)
            if claim and claim[0] == tree.size:
                claim = self._compare(tree, claims, claim)
        if tree.size != size:
            raise Disagreement(_("L’entrée de rang %(seq)s manque.") % {"seq": tree.size})
        if claim:
            raise Disagreement(
                _("%(claim)s porte sur %(size)s entrées : le journal n’en a que %(held)s.")
                % {"claim": claim[1], "size": claim[0], "held": size}
            )
        self.done.entries = size
        return tree

    def _compare(self, tree: CompactRange, claims: Iterator[Any], claim: Any) -> Any:
        """Judge the claims on the tree of this size; the next one after them."""
        while claim and claim[0] == tree.size:
            if claim[2] != tree.root():
                raise Disagreement(
                    _("%(claim)s : sa racine n’est pas celle des %(size)s premières entrées.")
                    % {"claim": claim[1], "size": claim[0]}
                )
            claim = next(claims, None)
        return claim

    def _claims(self, last: int) -> list[tuple[int, str, bytes]]:
        """(size, name, root) of each signed statement, by size; the signatures are checked here."""
        own = known_keys()
        found = [self._stored(one, own) for one in Checkpoint.objects.filter(id__lte=last).order_by("id").iterator()]
        self.done.checkpoints = len(found)
        for note in self.kept:
            body = opened(note, self.keys or own, _("Le point de contrôle conservé"))
            if own and body.origin != own[0].name:
                raise Disagreement(_("Le point de contrôle conservé vient d’un autre journal : %s.") % body.origin)
            found.append((body.size, _("Le point de contrôle conservé"), body.root))
        return sorted(found)

    def _stored(self, one: Checkpoint, own: list[Verifier]) -> tuple[int, str, bytes]:
        name = _("Le point de contrôle %(id)s") % {"id": one.pk}
        try:
            body = open_checkpoint(one.note, own, one.signed_at)
            same = (body.origin, body.size, body.root) == (own[0].name, one.tree_size, one.root)
        except InvalidNote as fault:
            raise Disagreement(f"{name} : {fault}") from None
        if not same:
            raise Disagreement(_("%(name)s ne dit pas ce que dit sa note.") % {"name": name})
        return body.size, name, body.root

    def _published(self, last: int) -> int:
        """Size of the tree whose files are public; its note must be one that we signed."""
        note = published_note()
        if not last and not note:
            return 0
        found = Checkpoint.objects.filter(note=note, id__lte=last).first() if note else None
        if found is None:
            raise Disagreement(
                _(
                    "Le point de contrôle publié manque ou n’est pas l’un des nôtres ; republiez-le : habilis journal checkpoint."
                )
            )
        return found.tree_size

    def _check_beyond(self) -> None:
        """One statement, so that a sequencer at work meanwhile is no fault."""
        sizes = Subquery(TreeState.objects.filter(pk=1).values("size")[:1])
        beyond = Entry.objects.filter(seq__isnull=False).exclude(seq__lt=sizes).order_by("seq").first()
        if beyond is not None:
            raise Disagreement(_("L’entrée de rang %(seq)s est hors de l’arbre.") % {"seq": beyond.seq})
        self.done.pending = Entry.objects.pending().count()


def rows(size: int) -> Iterator[dict[str, Any]]:
    """Numbered rows by rank."""
    found = Entry.objects.filter(seq__lt=size).order_by("seq").values(*LEAF_COLUMNS, "leaf_hash")
    yield from found.iterator(chunk_size=2_000)


def check_row(row: dict[str, Any], place: int) -> tuple[bytes, bytes]:
    """Bytes and hash of a row, computed again from its columns."""
    if row["seq"] != place:
        raise Disagreement(_("L’entrée de rang %(seq)s manque.") % {"seq": place})
    try:
        data = row_leaf_data(row)
    except (TypeError, ValueError, AttributeError):
        raise Disagreement(_("L’entrée de rang %(seq)s est illisible.") % {"seq": place}) from None
    leaf = leaf_hash(data)
    if leaf != bytes(row["leaf_hash"]):
        raise Disagreement(_("L’entrée de rang %(seq)s a été modifiée.") % {"seq": place})
    return data, leaf


def opened(note: str, keys: Sequence[Verifier], name: str) -> Body:
    try:
        return open_checkpoint(note, keys)
    except InvalidNote as fault:
        raise Disagreement(f"{name} : {fault}") from None


class Tiles:
    """The files of the log, compared as the tree grows."""

    def __init__(self, size: int, done: Verified) -> None:
        self.size, self.done, self.seen = size, done, 0
        self.entries: list[bytes] = []
        self.levels: list[list[bytes]] = [[]]

    def add(self, data: bytes, leaf: bytes) -> None:
        if self.seen >= self.size:
            return
        place = self.seen // WIDTH
        self.seen += 1
        self.entries.append(data)
        self.levels[0].append(leaf)
        if len(self.entries) == WIDTH or self.seen == self.size:
            self._compare(None, place, self.entries)
            self.entries = []
        self._rise(0)

    def _rise(self, level: int) -> None:
        """A full tile is one hash of the level above."""
        held = self.levels[level]
        if len(held) < WIDTH:
            return
        self._compare(level, (self.seen >> HEIGHT * (level + 1)) - 1, held)
        if level + 1 == len(self.levels):
            self.levels.append([])
        self.levels[level + 1].append(root_of(held))
        self.levels[level] = []
        self._rise(level + 1)

    def finish(self) -> None:
        """The partial tiles at the right edge, then the names that belong to no tile."""
        for level, held in enumerate(self.levels):
            if held:
                self._compare(level, self.size >> HEIGHT * (level + 1), held)
        for path in sorted((root_folder() / "tile").rglob("*")):
            if path.is_file() or path.is_symlink():
                self._known(path)

    def _known(self, path: Path) -> None:
        name = path.relative_to(root_folder()).as_posix()
        try:
            tile = parse_path(name)
            fits = tile.width <= width_at(max(self.size, tree_state().size), tile.level, tile.index)
        except ValueError:
            fits = False
        if not fits:
            raise Disagreement(_("Le fichier %(path)s n’est pas du journal.") % {"path": name})

    def _compare(self, level: int | None, index: int, held: Sequence[bytes]) -> None:
        """The file of a tile, and the narrower ones that earlier checkpoints left."""
        widths = {len(held)}
        if len(held) < WIDTH:
            folder = (root_folder() / Tile(level, index).path).with_suffix(".p")
            found = [int(one.name) for one in folder.iterdir() if one.name.isdigit()] if folder.is_dir() else []
            widths |= {width for width in found if 0 < width <= len(held)}
        for width in sorted(widths):
            self._compare_file(Tile(level, index, width), held[:width])

    def _compare_file(self, tile: Tile, held: Sequence[bytes]) -> None:
        expected = bundle(held) if tile.level is None else b"".join(held)
        try:
            same = (root_folder() / tile.path).read_bytes() == expected
        except OSError:
            raise Disagreement(_("Le fichier %(path)s manque.") % {"path": tile.path}) from None
        if not same:
            raise Disagreement(_("Le fichier %(path)s ne correspond pas aux entrées.") % {"path": tile.path})
        self.done.tiles += 1


def verify(*, kept: Sequence[str] = (), keys: Sequence[Verifier] = ()) -> Verified:
    """What agreed; raises `Disagreement` at the first thing that does not."""
    return Verification(kept, keys).run()
