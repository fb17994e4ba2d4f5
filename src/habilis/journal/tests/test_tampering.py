"""Someone with the rights of the database: 500 alterations, all seen; and the controls that must not see them."""

import random

import pytest
from django.db import connection

from habilis.common.append_only import release
from habilis.journal.models import LEAF_COLUMNS, Checkpoint, Entry, TreeState, row_leaf_data
from habilis.journal.queries import verification
from habilis.journal.queries.verification import Disagreement, verify
from habilis.journal.services import checkpoint
from habilis.journal.services.keys import active_key
from habilis.journal.tests.conftest import NOW
from habilis.journal.tree.merkle import CompactRange, leaf_hash
from habilis.journal.tree.notes import Body, encode

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
TABLE, SIZE = Entry._meta.db_table, 41
COPIED = [name for name in LEAF_COLUMNS if name not in ("id", "seq")]


@pytest.fixture
def kept(act):
    """A note kept outside; then the triggers are gone."""
    act(SIZE - 1)
    note = checkpoint(now=NOW).note
    with connection.cursor() as cursor:
        for model in (Entry, Checkpoint):
            release(type("Editor", (), {"connection": connection, "execute": staticmethod(cursor.execute)}), model)
    return note


def edit(rng):
    column, value = rng.choice([
        ("kind", "session_closed"), ("effective_on", "2025-01-01"), ("actor_ref", "user:8"), ("org_ref", "organisation:4"),
        ("object_ref", "assessment.session:999"), ("payload", {"reason": "other"}), ("evidence", ["0" * 64]),
        ("subject_commits", ["1" * 64]), ("prev_state_commit", "2" * 64), ("recorded_at", "2020-01-01T00:00:00Z"),
        ("id", 1_000_000), ("leaf_hash", bytes(rng.randbytes(32))),
    ])  # fmt: skip
    Entry.objects.filter(seq=rng.randrange(1, SIZE)).update(**{column: value})


def delete(rng):
    Entry.objects.filter(seq=rng.randrange(SIZE))._raw_delete("default")


def reorder(rng):
    one, other = rng.sample(list(Entry.objects.order_by("seq")), 2)
    hashes = [bytes(one.leaf_hash), bytes(other.leaf_hash)]
    if rng.random() < 0.5:  # each takes the hash of its new place
        hashes.reverse()
    Entry.objects.filter(pk=one.pk).update(seq=10_000)  # a number that nobody has
    Entry.objects.filter(pk=other.pk).update(seq=one.seq, leaf_hash=hashes[1])
    Entry.objects.filter(pk=one.pk).update(seq=other.seq, leaf_hash=hashes[0])


def insert(rng):
    columns = ", ".join(COPIED)
    at = rng.randrange(SIZE + 1)
    with connection.cursor() as cursor:
        for seq in range(SIZE - 1, at - 1, -1):
            cursor.execute(f"UPDATE {TABLE} SET seq = %s WHERE seq = %s", [seq + 1, seq])
        source = at - 1 if at else 1
        cursor.execute(
            f"INSERT INTO {TABLE} ({columns}, seq, leaf_hash) SELECT {columns}, {at}, leaf_hash FROM {TABLE} WHERE seq = %s",
            [source],
        )


ALTERATIONS = [edit, delete, reorder, insert]


def undone(alteration, rng, then):
    """Alter, look, and put everything back."""
    from django.db import transaction

    point = transaction.savepoint()
    alteration(rng)
    try:
        return then()
    finally:
        transaction.savepoint_rollback(point)


def agrees(*notes):
    try:
        verify(kept=notes)
    except Disagreement:
        return False
    return True


def repair():
    """What a clever operator does next: number again, hash again, sign again with the true key, publish again."""
    import shutil

    from habilis.journal.queries.published import root_folder

    tree = CompactRange()
    rows = list(Entry.objects.exclude(seq=None).order_by("seq").values(*LEAF_COLUMNS))
    for row in rows:
        row["seq"] = tree.size
        leaf = leaf_hash(row_leaf_data(row))
        Entry.objects.filter(pk=row["id"]).update(seq=row["seq"], leaf_hash=leaf)
        tree.append(leaf)
    TreeState.objects.update(size=tree.size, hashes=b"".join(tree.hashes))
    key, signer = active_key(now=NOW)
    body = Body(key.origin, tree.size, tree.root())
    Checkpoint.objects.update(tree_size=tree.size, root_hash=encode(tree.root()), note=signer.sign(str(body)))
    shutil.rmtree(root_folder())
    checkpoint(now=NOW)


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_125_alterations_are_all_seen(alteration, kept):
    rng = random.Random(alteration.__name__)
    assert agrees(kept)
    assert [undone(alteration, rng, lambda: agrees(kept)) for _ in range(125)] == [False] * 125
    assert agrees(kept)


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_alterations_repaired_with_the_key_are_seen_by_the_kept_note_alone(alteration, kept, home):
    """The control: without the note kept outside, each of them agrees."""
    import shutil

    shutil.copytree(home / "journal", home / "sound")

    def look():
        repair()
        return agrees(), agrees(kept)

    rng = random.Random(alteration.__name__)
    seen = set()
    for _ in range(15):
        seen.add(undone(alteration, rng, look))
        shutil.rmtree(home / "journal")
        shutil.copytree(home / "sound", home / "journal")
    # An edit of a stored hash alone is repaired into the original: both agree, rightly.
    assert seen - {(True, True)} == {(True, False)}
    assert alteration is edit or (True, True) not in seen


def test_verification_that_recomputes_nothing_misses_edits(kept, monkeypatch):
    monkeypatch.setattr(verification, "check_row", lambda row, place: (b"", bytes(row["leaf_hash"])))
    monkeypatch.setattr(verification.Tiles, "add", lambda *_: None)
    rng = random.Random(0)
    assert any(undone(edit, rng, lambda: agrees(kept)) for _ in range(20))
