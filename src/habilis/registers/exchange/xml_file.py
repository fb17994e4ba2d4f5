"""An XML V4.1 export on disk, cut into fiches without being parsed.

The file is read once: each `<FICHE>…</FICHE>` slice gets a digest, and what remains (prolog, root, version) is parsed
as a small document in which every slice is a placeholder. If that document is sound and every slice is a well-formed
element, so is the whole. A slice whose digest was applied before was well-formed then: it is not parsed again, so an
unchanged export costs the price of reading it. Slices are parsed in worker processes (no Django there), in file order.
"""

import gc
import hashlib
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO, Protocol, Self, TypeVar
from xml.etree.ElementTree import ParseError, fromstring
from xml.parsers import expat

from habilis.registers.exchange.xml_reader import read_fiche
from habilis.registers.queries.words import search_document
from habilis.registers.records import Fiche, Refused, Rejected, refusal
from habilis.registers.records import Sentence as _

OPEN, CLOSE, PLACEHOLDER = b"<FICHE", b"</FICHE>", b"<FICHE/>"
CHUNK = 4 << 20
MAX_SLICE = 32 << 20  # the longest real fiche has 200 kB
MAX_REST = 8 << 20
MAX_FILE = 4 << 30
VERSIONS = {"4.0", "4.1"}
NUMBER = re.compile(rb"<NUMERO_FICHE>\s*(?:<!\[CDATA\[)?\s*([^\s<\]]+)")
ENCODING = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
TASK = 96  # slices sent to a worker at once: about 2 MB
IN_FLIGHT = 5
SMALL = 400  # below this number of changed slices, starting workers costs more than it saves


Answer = TypeVar("Answer", covariant=True)


@dataclass(slots=True)
class Slice:
    offset: int
    length: int
    line: int
    number: str
    digest: str
    same: tuple[int, int, int] | None = None  # blocks, habilitations, certifiers of a fiche already applied as is


@dataclass(slots=True)
class XmlFile:
    path: Path
    digest: str  # SHA-256 of the file
    slices: list[Slice]


def scan(path: Path, known: Mapping[str, str], met: Callable[[Slice], None] = lambda piece: None) -> XmlFile:
    """Cut the file and check all that is not a fiche; `known` maps a number to the digest last applied.

    `met` is told of each slice as soon as it is cut. Raises `Refused`. Memory: one chunk and one fiche; about 200 bytes kept per fiche.
    """
    if path.stat().st_size > MAX_FILE:
        problem = _("plus de %(size)d Go ; vérifiez qu’il s’agit bien de l’export national.", size=MAX_FILE >> 30)
        raise refusal(path.name, problem)
    cutter = Cutter(path.name, known, met)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            cutter.feed(chunk)
    cutter.close()
    return XmlFile(path, cutter.whole.hexdigest(), cutter.slices)


class Cutter:
    """The state of a scan: bytes not yet assigned, and what was found so far."""

    def __init__(self, name: str, known: Mapping[str, str], met: Callable[[Slice], None]) -> None:
        self.name, self.known, self.met = name, known, met
        self.whole = hashlib.sha256()
        self.slices: list[Slice] = []
        self.rest = bytearray()
        self.buffer = b""
        self.offset, self.line = 0, 1  # of the first byte of the buffer
        self.inside = False  # does the buffer begin with an open fiche?

    def feed(self, chunk: bytes) -> None:
        self.whole.update(chunk)
        self.buffer += chunk
        position = 0
        while (after := self.cut_fiche(position) if self.inside else self.cut_rest(position)) is not None:
            position = after
        self.offset += position
        self.buffer = self.buffer[position:]
        if len(self.rest) > MAX_REST or len(self.buffer) > MAX_SLICE + CHUNK:
            raise refusal(self.name, _("élément démesuré ; reprenez l’export officiel."), self.line)

    def cut_rest(self, position: int) -> int | None:
        """Move what precedes the next fiche to the rest; None when more bytes are needed."""
        start = self.buffer.find(OPEN, position)
        while 0 <= start < len(self.buffer) - len(OPEN) and self.buffer[start + len(OPEN)] not in b"> \t\r\n":
            start = self.buffer.find(OPEN, start + 1)  # <FICHES>, or another longer name
        found = 0 <= start < len(self.buffer) - len(OPEN)
        # Without a fiche in sight, keep the last bytes: they may be the start of one.
        end = start if found else max(position, len(self.buffer) - len(OPEN))
        self.line += self.buffer.count(b"\n", position, end)
        self.rest += self.buffer[position:end]
        if found:
            self.inside = True
            return end
        return None if end == position else end

    def cut_fiche(self, position: int) -> int | None:
        end = self.buffer.find(CLOSE, position)
        if end < 0:
            return None
        end += len(CLOSE)
        data = self.buffer[position:end]
        lines = data.count(b"\n")
        match = NUMBER.search(data, 0, 4096)
        number = match[1].decode("utf-8", "replace") if match else ""
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        same = count_parts(data) if self.known.get(number) == digest else None
        self.slices.append(Slice(self.offset + position, len(data), self.line, number, digest, same))
        self.met(self.slices[-1])
        self.rest += PLACEHOLDER + b"\n" * lines  # the lines of the rest stay those of the file
        self.line += lines
        self.inside = False
        return end

    def close(self) -> None:
        if self.inside:
            problem = _("fiche inachevée, le fichier est tronqué ; téléchargez-le à nouveau.")
            raise refusal(self.name, problem, self.line)
        self.rest += self.buffer
        check_rest(self.name, bytes(self.rest), len(self.slices))


def count_parts(data: bytes) -> tuple[int, int, int]:
    start = data.find(b"<BLOCS_COMPETENCES>")  # correspondences hold elements of the same name as blocks
    blocks = data.count(b"<BLOC_COMPETENCES>", start, data.find(b"</BLOCS_COMPETENCES>")) if start >= 0 else 0
    return blocks, data.count(b"<PARTENAIRE>"), data.count(b"<CERTIFICATEUR>")


def check_rest(name: str, rest: bytes, fiches: int) -> None:
    """Check the document left when each fiche is a placeholder; raises `Refused`."""
    rest = rest.removeprefix(b"\xef\xbb\xbf")
    if rest[:2] in (b"\xff\xfe", b"\xfe\xff") or (
        (declared := ENCODING.match(rest)) and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii")
    ):
        raise refusal(name, _("l’export n’est pas en UTF-8 ; convertissez-le ou reprenez l’original."), 1)
    if (at := rest.upper().find(b"<!DOCTYPE")) >= 0:
        line = rest.count(b"\n", 0, at) + 1
        raise refusal(name, _("une déclaration DOCTYPE est interdite ; reprenez l’export officiel."), line)
    try:
        root = fromstring(rest)  # noqa: S314 no entity without the DOCTYPE refused above
    except ParseError as problem:
        raise malformed(name, problem.position[0], problem.code) from None
    if root.tag != "FICHES":
        wrong = _("racine <%(tag)s> au lieu de <FICHES> ; ce n’est pas un export V4.1.", tag=root.tag)
        raise refusal(name, wrong)
    version = (root.findtext("VERSION_FLUX") or "4.1").strip()
    if version not in VERSIONS:
        wrong = _("version %(version)s inconnue ; mettez Habilis à jour ou prenez l’export V4.1.", version=version[:10])
        raise refusal(name, wrong)
    if len(root.findall("FICHE")) != fiches or not fiches:
        raise refusal(name, _("aucune fiche, ou une fiche hors de sa place ; reprenez l’export officiel."))


def malformed(name: str, line: int, code: int) -> Refused:
    """Refusal of what the parser could not read, with its own words for the code."""
    detail = expat.ErrorString(code)
    return refusal(
        name, _("XML incorrect ou tronqué (%(detail)s) ; téléchargez l’export à nouveau.", detail=detail), line
    )


def check_slices(path: str, pieces: Sequence[Slice]) -> int:
    """Look at nothing but their well-formedness, without building trees; raises `Refused`."""
    with Path(path).open("rb") as file:
        for piece in pieces:
            try:
                expat.ParserCreate().Parse(read_slice(file, piece), True)
            except expat.ExpatError as problem:
                raise malformed(Path(path).name, piece.line + problem.lineno - 1, problem.code) from None
    return len(pieces)


def read_slices(path: str, pieces: Sequence[Slice]) -> list[Fiche | Rejected]:
    """Records of slices that were checked."""
    with Path(path).open("rb") as file:
        return [read_record(file, piece) for piece in pieces]


def read_slice(file: BinaryIO, piece: Slice) -> bytes:
    file.seek(piece.offset)
    return file.read(piece.length)


def read_record(file: BinaryIO, piece: Slice) -> Fiche | Rejected:
    record = read_fiche(fromstring(read_slice(file, piece)))  # noqa: S314 a slice holds no DOCTYPE, so no entity
    if isinstance(record, Fiche):
        record.digest = piece.digest
        record.search = search_document(record)
    return record


class Work(Protocol[Answer]):
    def __call__(self, path: str, pieces: Sequence[Slice], /) -> Answer: ...


class Workers:
    """Processes that parse slices, started when first needed."""

    def __init__(self, processes: int | None = None) -> None:
        self.processes = processes or min(os.cpu_count() or 1, 4)
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def submit(self, work: Work[Answer], path: Path, pieces: Sequence[Slice]) -> Future[Answer]:
        # Spawned, never forked: the caller holds a database connection and threads.
        self.pool = self.pool or ProcessPoolExecutor(self.processes, get_context("spawn"), initializer=gc.disable)
        return self.pool.submit(work, str(path), pieces)

    def in_order(self, work: Work[Answer], path: Path, pieces: Sequence[Slice]) -> Iterator[Answer]:
        """Answers over successive groups of slices, in file order, at most `IN_FLIGHT` groups ahead of the caller."""
        groups = (pieces[start : start + TASK] for start in range(0, len(pieces), TASK))
        if len(pieces) < SMALL:
            yield from (work(str(path), group) for group in groups)
            return
        waiting: deque[Future[Answer]] = deque()
        for group in groups:
            waiting.append(self.submit(work, path, group))
            if len(waiting) >= IN_FLIGHT:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class Checks:
    """Parses changed slices while the scan goes on; `wait` raises `Refused` for the first one that is not well formed."""

    def __init__(self, path: Path, workers: Workers) -> None:
        self.path, self.workers = path, workers
        self.group: list[Slice] = []
        self.met = 0
        self.started: list[Future[int]] = []

    def add(self, piece: Slice) -> None:
        if piece.same is not None:
            return
        self.met += 1
        self.group.append(piece)
        if self.met >= SMALL and len(self.group) >= TASK:
            self.started.append(self.workers.submit(check_slices, self.path, self.group))
            self.group = []

    def wait(self) -> None:
        for started in self.started:
            started.result()
        check_slices(str(self.path), self.group)
