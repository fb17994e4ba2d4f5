"""Signed notes, checkpoints, keys and tiles: written, read back, and refused when malformed."""

from datetime import UTC, datetime

import pytest

from habilis.journal.tree import notes, tiles
from habilis.journal.tree.notes import COSIGNATURE, Body, InvalidNote, Signer, Verifier, open_checkpoint, open_note

SIGNER = Signer("example.org/log", bytes(range(32)))
OTHER = Signer("example.org/log", bytes(32))
BODY = Body("example.org/log", 5, bytes(32))
NOTE = SIGNER.sign(str(BODY))


def test_checkpoint_comes_back():
    assert open_checkpoint(NOTE, [SIGNER.verifier]) == BODY
    assert NOTE.startswith("example.org/log\n5\nAAAA")


def test_key_comes_back_from_its_text():
    assert Verifier.parse(str(SIGNER.verifier)) == SIGNER.verifier


def test_known_key_is_the_one_of_the_specification():
    """Key of the signed-note package's documentation, read as it is published."""
    key = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    note = f"{text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    assert open_note(note, [key]) == (text, [key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        NOTE[:-1],
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("5", "6", 1),
        NOTE.replace("— ", "- "),
        NOTE.replace("\n5", "\n5\t"),
        NOTE + NOTE.split("\n\n")[1][:20] + "\n",
        NOTE.replace("example.org/log\n5", "example.org/other\n5"),
        NOTE + "x" * 1_000_001,
        OTHER.sign(str(BODY)),
    ],
)
def test_malformed_or_foreign_note_is_refused(note):
    with pytest.raises(InvalidNote):
        open_checkpoint(note, [SIGNER.verifier])


@pytest.mark.parametrize(
    "text", ["a\n5\n", "a\n05\nAAAA\n", "\n5\nAAAA\n", "a\n5\nAAAA\n", "a\n-1\n" + "A" * 43 + "=\n"]
)
def test_signed_text_that_is_no_checkpoint_is_refused(text):
    with pytest.raises(InvalidNote):
        open_checkpoint(Signer("a", bytes(32)).sign(text), [Signer("a", bytes(32)).verifier])


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AQ==", str(SIGNER.verifier).replace("+", "+0", 1)])
def test_malformed_key_is_refused(text):
    with pytest.raises(InvalidNote):
        Verifier.parse(text)


def test_witness_adds_its_signature():
    witness = Signer("witness.example", bytes([9]) * 32)
    key = Verifier(witness.name, witness.verifier.public, COSIGNATURE)
    both = witness.cosign(NOTE, 1_764_000_000)
    assert [signer.name for signer in open_note(both, [SIGNER.verifier, key])[1]] == [SIGNER.name, witness.name]
    with pytest.raises(InvalidNote):
        open_note(both.replace("\n5\n", "\n6\n"), [key])
    with pytest.raises(InvalidNote, match="log itself"):
        open_checkpoint(both, [key])


def test_key_counts_in_its_time_only():
    change, before, after = (datetime(2026, 1, day, tzinfo=UTC) for day in (10, 9, 11))
    old = Verifier(SIGNER.name, SIGNER.verifier.public, until=change)
    new = Verifier(OTHER.name, OTHER.verifier.public, since=change)
    assert open_checkpoint(NOTE, [old, new], before) == BODY
    assert open_checkpoint(OTHER.sign(str(BODY)), [old, new], change) == BODY
    assert open_checkpoint(NOTE, [old, new]) == BODY
    for note, moment in ((NOTE, change), (NOTE, after), (OTHER.sign(str(BODY)), before)):
        with pytest.raises(InvalidNote):
            open_checkpoint(note, [old, new], moment)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (tiles.Tile(0, 0), "tile/0/000"),
        (tiles.Tile(2, 1234067), "tile/2/x001/x234/067"),
        (tiles.Tile(0, 273, 112), "tile/0/273.p/112"),
        (tiles.Tile(None, 1000, 1), "tile/entries/x001/000.p/1"),
    ],
)
def test_tile_has_its_path(tile, path):
    assert tile.path == path
    assert tiles.parse_path(path) == tile


@pytest.mark.parametrize(
    "path", ["tile/0/0", "tile/0/x000/001", "tile/0/001.p/256", "tile/0/001.p/0", "tile/../001", "x"]
)
def test_other_path_is_refused(path):
    with pytest.raises(ValueError, match="not the name"):
        tiles.parse_path(path)


def test_bundle_comes_back_and_is_refused_when_cut():
    entries = [b"", b"a", b"x" * 65535]
    assert tiles.entries_of(tiles.bundle(entries)) == entries
    with pytest.raises(ValueError, match="cut"):
        tiles.entries_of(tiles.bundle(entries)[:-1])
    with pytest.raises(OverflowError):
        tiles.bundle([b"x" * 65536])


def test_base64_has_one_writing():
    with pytest.raises(InvalidNote):
        notes.decode("AB==")
