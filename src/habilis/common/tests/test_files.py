"""Files kept by content, and hostile archives."""

import hashlib
import os
import random
import signal
import stat
import subprocess
import sys
import zipfile

import pytest
from django.utils import translation

from habilis.common.files import RefusedFile, Stored, check_size, open_zip, path_of, store

MEGA = 1_000_000


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    with translation.override("fr"):
        yield settings.MEDIA_ROOT


def files_under(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


# The store


def test_keeps_a_file_by_its_content(media):
    digest = hashlib.sha256(b"bonjour").hexdigest()
    assert store([b"bon", b"jour"], max_bytes=7) == Stored(digest, 7)
    assert path_of(digest) == media / digest[:2] / digest[2:4] / digest
    assert path_of(digest).read_bytes() == b"bonjour"
    assert stat.S_IMODE(path_of(digest).stat().st_mode) == 0o600


def test_changes_nothing_the_second_time(media):
    assert store([b"bonjour"], max_bytes=MEGA) == store([b"bonj", b"our"], max_bytes=MEGA)
    assert len(files_under(media)) == 1


def test_repairs_a_damaged_copy():
    stored = store([b"bonjour"], max_bytes=MEGA)
    path_of(stored.digest).write_bytes(b"")
    store([b"bonjour"], max_bytes=MEGA)
    assert path_of(stored.digest).read_bytes() == b"bonjour"


def test_keeps_nothing_of_a_file_that_is_too_large(media):
    with pytest.raises(RefusedFile, match="Le fichier dépasse 6\xa0octets : envoyez-le en plusieurs parties."):
        store([b"bon", b"jour"], max_bytes=6)
    assert files_under(media) == []


def test_keeps_nothing_of_a_stream_that_breaks(media):
    def broken():
        yield b"bon"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store(broken(), max_bytes=MEGA)
    assert files_under(media) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_refuses_a_digest_that_is_none(digest):
    with pytest.raises(ValueError, match="not a SHA-256"):
        path_of(digest)


def test_shows_no_half_file_after_a_kill(tmp_path):
    """A process killed while it stores leaves nothing under a digest; storing again works."""
    script = (
        "import os, signal, django; django.setup()\n"
        "from habilis.common.files import store\n"
        "def chunks():\n"
        "    yield b'x' * 1_000_000\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "store(chunks(), max_bytes=10**9)\n"
    )
    env = {**os.environ, "HABILIS_HOME": str(tmp_path), "HABILIS_SECRET_KEY": "not secret"}
    done = subprocess.run([sys.executable, "-c", script], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    left = files_under(tmp_path / "files")
    assert [path.name.startswith("incoming-") for path in left] == [True]


# What comes in


def zipped(tmp_path, *members, compression=zipfile.ZIP_DEFLATED):
    path = tmp_path / "envoi.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def refusal(path, **limits):
    with pytest.raises(RefusedFile) as refused, open_zip(path, **{"max_bytes": 10 * MEGA, **limits}) as archive:
        for name in archive.namelist():
            archive.read(name)
    return str(refused.value)


def test_opens_a_harmless_archive(tmp_path):
    path = zipped(tmp_path, ("a/é.csv", "un;deux"), ("b.txt", ""), ("12:30.csv", "x"))
    with open_zip(path, max_bytes=8) as archive:
        assert [archive.read(name) for name in archive.namelist()] == [b"un;deux", b"", b"x"]


def test_refuses_a_file_by_its_size(tmp_path):
    path = zipped(tmp_path, ("a", "x"))
    check_size(path, path.stat().st_size)
    with pytest.raises(RefusedFile):
        check_size(path, path.stat().st_size - 1)


def test_refuses_too_large_a_content(tmp_path):
    path = zipped(tmp_path, ("a", os.urandom(600)), ("b", os.urandom(600)))
    assert refusal(path, max_bytes=1199) == (
        "L’archive occuperait 1,2\xa0Kio une fois ouverte, plus que la limite : envoyez moins de fichiers à la fois."
    )


def test_refuses_a_bomb(tmp_path):
    path = zipped(tmp_path, ("zeros", bytes(5 * MEGA)))
    assert path.stat().st_size * 100 < 5 * MEGA
    assert refusal(path).startswith("L’archive occuperait 4,8\xa0Mio")
    with open_zip(path, max_bytes=5 * MEGA, max_ratio=2000):  # the control: the ratio is what stops it
        pass


def test_refuses_too_many_files(tmp_path):
    path = zipped(tmp_path, *((f"{number}", "") for number in range(1001)))
    assert refusal(path).startswith("L’archive contient plus de 1000 fichiers")
    assert refusal(path, max_entries=3).startswith("L’archive contient plus de 3 fichiers")


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\..\\b", "..\\a"])
def test_refuses_a_path_that_escapes(tmp_path, name):
    assert "sort de l’archive" in refusal(zipped(tmp_path, (name, "x")))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_refuses_a_link_or_a_device(tmp_path, kind):
    info = zipfile.ZipInfo("lien")
    info.external_attr = (kind | 0o777) << 16
    assert refusal(zipped(tmp_path, (info, "/etc/passwd"))) == (
        "« lien » est un lien : mettez le fichier lui-même dans l’archive."
    )


def test_refuses_an_archive_in_the_archive(tmp_path):
    inner = zipped(tmp_path, ("a", "x")).read_bytes()
    assert "est une archive dans l’archive" in refusal(zipped(tmp_path, ("innocent.csv", inner)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_two_files_of_one_name(tmp_path):
    assert "deux fichiers du même nom" in refusal(zipped(tmp_path, ("a", "1"), ("a", "2")))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_refuses_an_unusual_compression(tmp_path, compression):
    assert "d’un type inconnu" in refusal(zipped(tmp_path, ("a", "x"), compression=compression))


def test_does_not_take_the_faults_of_the_caller_for_its_own(tmp_path):
    with pytest.raises(OSError, match="disk full"), open_zip(zipped(tmp_path, ("a", "x")), max_bytes=MEGA):
        raise OSError("disk full")


def test_refuses_a_password(tmp_path):
    path = zipped(tmp_path, ("secret", "x"))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "protégé par un mot de passe" in refusal(path)


def test_refuses_overlapping_members(tmp_path):
    """The bomb of one body under many names: the sizes add up against the size of the file itself."""
    path = zipped(tmp_path, *((f"{number:02}", bytes(50_000)) for number in range(2)))
    assert refusal(path).startswith("L’archive occuperait")


def test_refuses_a_size_that_lies(tmp_path):
    path = zipped(tmp_path, ("a", os.urandom(3000)))
    data = path.read_bytes().replace((3000).to_bytes(4, "little"), (300).to_bytes(4, "little"))
    path.write_bytes(data)
    assert refusal(path) == "L’archive est abîmée ou d’un type inconnu : téléchargez-la de nouveau."


@pytest.mark.parametrize("cut", [0, 10, 60, -1])
def test_refuses_a_cut_archive(tmp_path, cut):
    path = zipped(tmp_path, ("a", "x" * 1000))
    path.write_bytes(path.read_bytes()[:cut])
    assert "abîmée" in refusal(path)


def test_refuses_or_reads_any_damaged_archive(tmp_path):
    """2,000 archives with a few bytes changed: no other exception, and no more bytes than allowed."""
    dice = random.Random(5)
    path = zipped(tmp_path, ("a.csv", "colonne;" * 50), ("b/c.csv", os.urandom(100)), compression=zipfile.ZIP_DEFLATED)
    healthy, refused = path.read_bytes(), 0
    for _ in range(2000):
        data = bytearray(healthy)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data)
        try:
            with open_zip(path, max_bytes=1000) as archive:
                assert sum(len(archive.read(name)) for name in archive.namelist()) <= 1000
        except RefusedFile:
            refused += 1
    assert refused > 1000


def test_streams_a_large_member(tmp_path):
    path = zipped(tmp_path, ("a", random.Random(1).randbytes(10 * MEGA).hex()))  # 20 MB
    read = 0
    with open_zip(path, max_bytes=30 * MEGA) as archive, archive.open("a") as stream:
        while chunk := stream.read(1 << 16):
            read += len(chunk)
    assert read == 20 * MEGA
