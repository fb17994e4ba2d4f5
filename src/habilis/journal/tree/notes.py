"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature), over Ed25519."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from habilis.journal.tree.merkle import HASH

ED25519, COSIGNATURE = 1, 4
LARGEST_NOTE, MOST_SIGNATURES = 1_000_000, 100
KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class InvalidNote(ValueError):
    """A note, checkpoint or key that is malformed, or that no known key signs. The message says what is wrong."""


def decode(text: str) -> bytes:
    """Base64 written in its one canonical way. Raises `InvalidNote`."""
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError) as fault:
        raise InvalidNote("malformed base64") from fault
    if encode(data) != text:
        raise InvalidNote("malformed base64")
    return data


def encode(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def key_hash(name: str, algorithm: int, public: bytes) -> bytes:
    """C2SP signed-note: the first four bytes of SHA-256 over name, newline, algorithm, key."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name; with dates, it counts from `since` (included) to `until` (excluded) only."""

    name: str
    public: bytes
    algorithm: int = ED25519
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """From `name+hash+base64`. Raises `InvalidNote`."""
        if not (found := KEY.fullmatch(text.strip())):
            raise InvalidNote("not a verifier key")
        name, stated, encoded = found.groups()
        data = decode(encoded)
        if len(data) != 1 + HASH or data[0] not in (ED25519, COSIGNATURE):
            raise InvalidNote("unknown algorithm, or a key of the wrong length")
        key = cls(name, data[1:], data[0])
        if key.hash.hex() != stated:
            raise InvalidNote("the hash of the key is wrong")
        return key

    @property
    def hash(self) -> bytes:
        return key_hash(self.name, self.algorithm, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{encode(bytes([self.algorithm]) + self.public)}"

    def counts_at(self, moment: datetime | None) -> bool:
        if moment is None:
            return True
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

    def accepts(self, text: str, signature: bytes) -> bool:
        message = text.encode()
        if self.algorithm == COSIGNATURE:  # a time on eight bytes comes first, and is signed
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = b"cosignature/v1\ntime %d\n" % time + message
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """A private key under its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not re.fullmatch(r"[^\s+]+", name):
            raise InvalidNote("the name of a key holds neither space nor plus sign")
        self.name, self._key = name, Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The text, a blank line and our signature."""
        check_text(text)
        return f"{text}\n{self._line(ED25519, self._key.sign(text.encode()))}"

    def cosign(self, note: str, time: int) -> str:
        """The note with one more signature, of a witness that saw it at that time (C2SP tlog-cosignature)."""
        text, _ = split(note)
        message = b"cosignature/v1\ntime %d\n" % time + text.encode()
        return note + self._line(COSIGNATURE, time.to_bytes(8, "big") + self._key.sign(message))

    def _line(self, algorithm: int, signature: bytes) -> str:
        return f"— {self.name} {encode(key_hash(self.name, algorithm, self.verifier.public) + signature)}\n"


def check_text(text: str) -> None:
    if not text.endswith("\n") or any(character < " " and character != "\n" for character in text):
        raise InvalidNote("the text must end with a newline and hold no control character")


def split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Text, and its signatures as (name, hash of the key, signature). Raises `InvalidNote`."""
    if len(note) > LARGEST_NOTE:
        raise InvalidNote("the note is too long")
    text, blank, lines = note.rpartition("\n\n")
    text += "\n"
    if not blank or not lines.endswith("\n"):
        raise InvalidNote("no signature after a blank line")
    check_text(text)
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MOST_SIGNATURES:
        raise InvalidNote("too many signatures")
    return text, signatures


def _signature(line: str) -> tuple[str, bytes, bytes]:
    if not (found := SIGNATURE.fullmatch(line)):
        raise InvalidNote("malformed signature line")
    data = decode(found[2])
    if len(data) < 5:
        raise InvalidNote("malformed signature line")
    return found[1], data[:4], data[4:]


def open_note(note: str, verifiers: Iterable[Verifier], at: datetime | None = None) -> tuple[str, list[Verifier]]:
    """The text, and which known keys sign it: at least one. Unknown signatures are ignored, a false one is fatal.

    With a moment, only keys that counted then are known.
    """
    text, signatures = split(note)
    known = {(key.name, key.hash): key for key in verifiers if key.counts_at(at)}
    signers: list[Verifier] = []
    for name, hashed, signature in signatures:
        key = known.pop((name, hashed), None)
        if key is None:
            continue
        if not key.accepts(text, signature):
            raise InvalidNote(f"false signature of {name}+{hashed.hex()}")
        signers.append(key)
    if not signers:
        raise InvalidNote("no known key signs this note")
    return text, signers


@dataclass(frozen=True, slots=True)
class Body:
    """What a checkpoint states: the root of the tree of that origin when it had that size."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Body":
        """C2SP tlog-checkpoint; extension lines are allowed and ignored. Raises `InvalidNote`."""
        lines = text.split("\n")
        if len(lines) < 4 or "" in lines[:-1] or not SIZE.fullmatch(lines[1]):
            raise InvalidNote("not a checkpoint: origin, size and root are expected")
        root = decode(lines[2])
        if len(root) != HASH:
            raise InvalidNote("the root of a checkpoint has 32 bytes")
        return cls(lines[0], int(lines[1]), root)


def open_checkpoint(note: str, verifiers: Iterable[Verifier], at: datetime | None = None) -> Body:
    """What a checkpoint states, signed by a known key of the log itself: the key that bears the name of the origin."""
    text, signers = open_note(note, verifiers, at)
    body = Body.parse(text)
    if not any(key.name == body.origin and key.algorithm == ED25519 for key in signers):
        raise InvalidNote("the log itself does not sign this checkpoint")
    return body
