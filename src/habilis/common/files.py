"""Files kept by their content, and guards for the files that people send."""

import hashlib
import os
import re
import stat
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

DIGEST = re.compile("[0-9a-f]{64}")
OUTSIDE = re.compile(r"/|[A-Za-z]:|.*\\", re.DOTALL)  # absolute names, and the separator of another system
ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


DAMAGE = (BadZipFile, zlib.error, EOFError)


class RefusedFile(ValueError):
    """A file that is not taken. The message is one sentence: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Stored:
    digest: str
    size: int


def path_of(digest: str) -> Path:
    """Where the content of this SHA-256 is, or would be."""
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"not a SHA-256: {digest!r}")
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest[2:4] / digest


def store(chunks: Iterable[bytes], *, max_bytes: int) -> Stored:
    """Keep a stream under its SHA-256; storing it again changes nothing.

    The file appears whole or not at all, and is on the disk when this returns. Raises `RefusedFile` past `max_bytes`.
    """
    root, size, digest = Path(settings.MEDIA_ROOT), 0, hashlib.sha256()
    root.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=root, prefix="incoming-", delete=False) as temporary:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise _too_large(max_bytes)
                digest.update(chunk)
                temporary.write(chunk)
            temporary.flush()
            os.fsync(temporary.fileno())
            target = path_of(digest.hexdigest())
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary.name, target)
        except BaseException:
            os.unlink(temporary.name)
            raise
    for folder in (target.parent, target.parent.parent, root):
        sync_folder(folder)
    return Stored(target.name, size)


def sync_folder(folder: Path) -> None:
    """Without it, a power cut may lose the name of a file whose content is safe."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_size(path: Path, max_bytes: int) -> None:
    if path.stat().st_size > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> RefusedFile:
    return _refused(
        gettext("Le fichier dépasse %(limit)s : envoyez-le en plusieurs parties."), limit=filesizeformat(max_bytes)
    )


def _refused(sentence: str, **values: object) -> RefusedFile:
    return RefusedFile(sentence % values)


@contextmanager
def open_zip(path: Path, *, max_bytes: int, max_ratio: int = 100, max_entries: int = 1000) -> Iterator[ZipFile]:
    """A zip whose members can be read by streaming without harm; any fault, also met while reading, is a `RefusedFile`.

    `max_bytes` and `max_ratio` bound the whole content, the ratio against the size of the file itself. The sizes that
    the archive declares are those that can be read: `zipfile` stops there, and the checksum tells when there was more.
    """
    limit = min(max_bytes, max_ratio * path.stat().st_size)
    with path.open("rb") as file:
        try:
            archive = ZipFile(file)
            _check_members(archive, limit, max_entries)
        except (*DAMAGE, OSError, RuntimeError, OverflowError, UnicodeError, struct.error) as fault:
            raise _damaged() from fault
        try:
            yield archive
        except DAMAGE as fault:
            raise _damaged() from fault


def _damaged() -> RefusedFile:
    return _refused(gettext("L’archive est abîmée ou d’un type inconnu : téléchargez-la de nouveau."))


def _check_members(archive: ZipFile, max_bytes: int, max_entries: int) -> None:
    members = archive.infolist()
    if len(members) > max_entries:
        raise _refused(
            gettext("L’archive contient plus de %(limit)s fichiers : n’y laissez que les fichiers demandés."),
            limit=max_entries,
        )
    if (size := sum(member.file_size for member in members)) > max_bytes:
        raise _refused(
            gettext(
                "L’archive occuperait %(size)s une fois ouverte, plus que la limite : envoyez moins de fichiers à la fois."
            ),
            size=filesizeformat(size),
        )
    if len({member.filename for member in members}) < len(members):
        raise _refused(gettext("L’archive contient deux fichiers du même nom : renommez-en un."))
    for member in members:
        _check_member(archive, member)


def _check_member(archive: ZipFile, member: ZipInfo) -> None:
    name = member.filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if member.flag_bits & 1:
        raise _refused(gettext("« %(name)s » est protégé par un mot de passe : envoyez l’archive sans."), name=name)
    if OUTSIDE.match(name) or ".." in PurePosixPath(name).parts:
        raise _refused(gettext("« %(name)s » sort de l’archive : refaites-la sans chemin absolu."), name=name)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(gettext("« %(name)s » est un lien : mettez le fichier lui-même dans l’archive."), name=name)
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _damaged()
    with archive.open(member) as stream:
        if stream.read(8).startswith(ARCHIVES):
            raise _refused(gettext("« %(name)s » est une archive dans l’archive : envoyez-la seule."), name=name)
