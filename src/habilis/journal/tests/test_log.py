"""The log as a whole: numbered, signed, published, proven, verified; keys rotate; a fork is never signed."""

import contextlib
import json
import os
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from habilis.journal.models import Checkpoint, Entry, SigningKey, TreeState
from habilis.journal.queries.proving import prove
from habilis.journal.queries.state import known_keys, tree_state
from habilis.journal.queries.verification import Disagreement, verify
from habilis.journal.services import Forked, NoKey, checkpoint, publishing, rotate_key, sequence, sequencing
from habilis.journal.services.keys import key_path
from habilis.journal.tests.conftest import NOW
from habilis.journal.tree.merkle import InvalidProof
from habilis.journal.tree.notes import InvalidNote, Signer, open_checkpoint
from habilis.journal.tree.proofs import Proof, check
from habilis.journal.tree.tiles import entries_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def files(home):
    return {path.relative_to(home).as_posix() for path in (home / "journal" / "tile").rglob("*") if path.is_file()}


def test_empty_journal_agrees():
    assert verify().entries == 0
    assert checkpoint(now=NOW).tree_size == 1  # the first key is an act
    assert verify().checkpoints == 1


def test_journal_grows_signs_and_agrees(act, home):
    notes = []
    for count in (3, 252, 0, 1, 300):
        act(count)
        notes.append(checkpoint(now=NOW).note)
        assert verify(kept=notes).pending == 0
    assert Checkpoint.objects.count() == 4  # nothing new was not signed twice
    assert files(home) == {
        "journal/tile/0/000", "journal/tile/0/001", "journal/tile/0/002.p/45", "journal/tile/1/000.p/1",
        "journal/tile/1/000.p/2", "journal/tile/entries/000", "journal/tile/entries/001", "journal/tile/entries/002.p/45",
    }  # fmt: skip
    bundle = (home / "journal" / "tile" / "entries" / "000").read_bytes()
    assert entries_of(bundle) == [entry.leaf_data() for entry in Entry.objects.order_by("seq")[:256]]
    assert (home / "journal" / "tile" / "0" / "000").stat().st_size == 8192


def test_entry_is_proven_without_the_database(act, home):
    act(400)
    note, keys = checkpoint(now=NOW).note, known_keys()
    for entry in Entry.objects.filter(seq__in=[0, 255, 256, 400]):
        proof = Proof.parse(json.dumps(prove(entry).as_json()))
        assert check(proof, note, keys).size == 401
        wrong = Proof(proof.entry + b" ", proof.index, proof.size, proof.path)
        with pytest.raises(InvalidProof):
            check(wrong, note, keys)
        with pytest.raises(InvalidNote):
            check(proof, note, [Signer("example.org/journal", bytes(32)).verifier])
    [pending] = act()
    assert prove(pending) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "habilis-journal-proof/1"}', "[" * 100_000])
def test_malformed_proof_is_refused(text):
    with pytest.raises(InvalidProof):
        Proof.parse(text)


# Keys


def test_private_key_is_its_owners_alone(home):
    key = rotate_key(now=NOW)
    [path] = (home / "keys").iterdir()
    assert path == key_path(key.as_verifier())
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_checkpoints_of_retired_keys_stay_verifiable(act):
    old = checkpoint(now=NOW)
    rotate_key(now=NOW + timedelta(days=1))
    new = checkpoint(now=NOW + timedelta(days=2))
    assert new.key_id != old.key_id
    assert verify(kept=[old.note, new.note]).checkpoints == 2
    with pytest.raises(InvalidNote):
        open_checkpoint(old.note, known_keys(), NOW + timedelta(days=2))
    assert [key.origin for key in SigningKey.objects.all()] == ["example.org/journal"] * 2


def test_checkpoint_signed_by_a_key_out_of_its_time_disagrees():
    old = checkpoint(now=NOW)
    rotate_key(now=NOW + timedelta(days=1))
    Checkpoint.objects.create(
        tree_size=old.tree_size, root_hash=old.root_hash, note=old.note, signed_at=NOW + timedelta(days=3), key=old.key
    )
    with pytest.raises(Disagreement, match="no known key"):
        verify()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("x"),
        lambda path: path.chmod(0o644),
        lambda path: path.write_text("A" * 43 + "=\n"),
    ],
)
def test_key_that_cannot_serve_signs_nothing(damage, act):
    damage(key_path(rotate_key(now=NOW).as_verifier()))
    with pytest.raises(NoKey):
        checkpoint(now=NOW)
    assert Checkpoint.objects.count() == 0


def test_keys_and_checkpoints_are_never_changed():
    checkpoint(now=NOW)
    for rows, change in ((Checkpoint, {"tree_size": 9}), (SigningKey, {"origin": "x"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.objects.update(**change)


# Damaged files


def damaged(home, act):
    act(300)
    return checkpoint(now=NOW)


DAMAGES = {
    "0/000": lambda path: path.write_bytes(path.read_bytes()[:-32]),
    "0/001.p/45": lambda path: path.write_bytes(b"\0" + path.read_bytes()[1:]),
    "1/000.p/1": lambda path: path.unlink(),
    "entries/000": lambda path: path.write_bytes(path.read_bytes() + b"\0\0"),
    "entries/001.p/45": lambda path: path.write_bytes(b""),
    "0/009": lambda path: path.write_bytes(b"x"),
    "0/stray.txt": lambda path: path.write_bytes(b"x"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_file_is_named(name, home, act):
    damaged(home, act)
    path = home / "journal" / "tile" / name
    if path.exists():
        path.chmod(0o644)
    DAMAGES[name](path)
    with pytest.raises(Disagreement, match=name):
        verify()


@pytest.mark.parametrize("text", ["", "x\n", None])
def test_damaged_published_note_disagrees(text, home, act):
    damaged(home, act)
    path = home / "journal" / "checkpoint"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(Disagreement, match="publi"):
        verify()


def test_lost_files_are_published_again(home, act):
    import shutil

    note = damaged(home, act).note
    before = files(home)
    shutil.rmtree(home / "journal")
    with pytest.raises(Disagreement):
        verify()
    assert checkpoint(now=NOW).note == note
    assert files(home) == before
    verify(kept=[note])


def test_database_behind_the_published_files_is_never_signed(home, act):
    with transaction.atomic():
        point = transaction.savepoint()
        damaged(home, act)
        transaction.savepoint_rollback(point)
    rotate = Checkpoint.objects.count()
    with pytest.raises(Forked):
        checkpoint(now=NOW)
    act(400)  # another history, longer than the published one
    with pytest.raises(Forked):
        checkpoint(now=NOW)
    assert Checkpoint.objects.count() == rotate == 0


# Killed between two steps


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", ["_place", "update"])
@pytest.mark.parametrize("at", [1, 2])
def test_killed_sequencer_loses_nothing(step, at, act, monkeypatch):
    act(5)
    real, calls = getattr(sequencing, step), []

    def dying(*args):
        calls.append(1)
        if len(calls) == at:
            raise Killed
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(sequencing, step, dying)
        with pytest.raises(Killed):
            sequence(batch=2)
    assert tree_state().size == Entry.objects.exclude(seq=None).count()
    sequence(batch=2)
    assert sorted(Entry.objects.values_list("seq", flat=True)) == [0, 1, 2, 3, 4]
    verify()


@pytest.mark.parametrize("step", ["sequence", "_write_leaves", "_write", "_write_level", "_replace", "sync_folder"])
@pytest.mark.parametrize("at", [1, 2, 5])
def test_killed_publisher_goes_on(step, at, act, monkeypatch):
    act(300)
    kept = checkpoint(now=NOW).note
    act(700)
    real, calls = getattr(publishing, step), []

    def dying(*args, **more):
        calls.append(1)
        if len(calls) == at:
            raise Killed
        return real(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(publishing, step, dying)
        with contextlib.suppress(Killed):
            checkpoint(now=NOW)
    done = checkpoint(now=NOW)
    assert done.tree_size == 1001
    verify(kept=[kept, done.note])


# Command


def test_command_verifies_proves_and_checks(home, act, capsys):
    act(3)
    note, proof = home / "kept.note", home / "proof.json"
    call_command("journal", "checkpoint", note)
    call_command("journal", "verify", "--checkpoint", str(note), "--json")
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["agrees"], answer["entries"]) == (True, 4)
    call_command("journal", "prove", str(Entry.objects.last().pk), proof)
    key = SigningKey.objects.get().verifier
    (home / "key.pub").write_text(key + " 2026-01-01\n")
    for given in (key, str(home / "key.pub")):
        call_command("journal", "check", proof, "--checkpoint", str(note), "--key", given)
    call_command("journal", "keys", "new")
    assert len(capsys.readouterr().out.strip().splitlines()[-2:]) == 2
    with pytest.raises(CommandError):
        call_command("journal", "prove", "999999", proof)
    proof.write_text(proof.read_text().replace('"index": 3', '"index": 2').replace('"index": 2', '"index": 1'))
    with pytest.raises(CommandError) as refused:
        call_command("journal", "check", proof, "--checkpoint", str(note), "--key", key)
    assert refused.value.returncode == 1


def test_command_says_what_disagrees(act, home, capsys):
    act(3)
    sequence()
    TreeState.objects.update(size=2, hashes=b"x" * 32)
    with pytest.raises(CommandError) as refused:
        call_command("journal", "verify")
    assert refused.value.returncode == 1
    with pytest.raises(SystemExit):
        call_command("journal", "verify", "--json")
    assert json.loads(capsys.readouterr().out)["agrees"] is False


def test_command_checks_a_proof_where_there_is_no_database(act, home, tmp_path):
    import subprocess
    import sys

    act()
    note, proof = home / "kept.note", home / "proof.json"
    call_command("journal", "checkpoint", note)
    call_command("journal", "prove", str(Entry.objects.last().pk), proof)
    bare = {"HABILIS_HOME": str(tmp_path / "bare"), "HABILIS_DB": "sqlite"}
    command = [sys.executable, "-m", "habilis.config.cli", "journal", "check", proof, "--checkpoint", note, "--key"]
    done = subprocess.run(
        [*command, SigningKey.objects.get().verifier], env={**os.environ, **bare}, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "bare" / "habilis.sqlite3").exists()


def test_job_seals_and_tells_what_waited(act, caplog):
    from habilis.journal.jobs import seal

    act(2)
    seal.func()
    assert (verify().entries, caplog.records) == (3, [])
    assert Entry.objects.late(NOW + timedelta(days=9000), timedelta(minutes=10)).count() == 0
    act()
    assert Entry.objects.late(NOW + timedelta(days=9000), timedelta(minutes=10)).count() == 1
