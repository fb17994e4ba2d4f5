"""Import of register files: diff, then, when asked, apply. What is refused is refused before anything is written."""

import gc
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from zipfile import is_zipfile

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from habilis.common.bulk import batches
from habilis.common.files import RefusedFile, open_zip
from habilis.registers.enums import Register, RunState
from habilis.registers.exchange.csv_reader import CsvPackage, read_csv_package
from habilis.registers.exchange.xml_file import MAX_FILE, Checks, Workers, XmlFile, read_slices, scan
from habilis.registers.models import OPEN_LICENCE, Certification, ImportRun
from habilis.registers.queries.stored import stored_by_number
from habilis.registers.records import Fiche, Refused, Rejected, refusal
from habilis.registers.services.differences import Counts, Plan, plan
from habilis.registers.services.imports import (
    add_counts,
    apply_batch,
    count_removed,
    finish_run,
    missing_certifications,
    no_counts,
    rejected_rows,
    start_run,
    withdraw_missing,
)
from habilis.registers.services.loading import Loader
from habilis.registers.services.search_index import compact_index

MANY = 5000  # fiches from which an import leaves the search index worth compacting
BATCH = 400  # fiches compared and written together, 8 MB of a national file
DATE_IN_NAME = re.compile(r"(20\d\d)[-_](\d\d)[-_](\d\d)")
TABLES = (".csv", ".txt")
Progress = Callable[[int, int], None]


@dataclass(slots=True, frozen=True)
class Same:
    """A fiche identical to the one last applied, with its numbers of blocks, habilitations and certifiers."""

    number: str
    parts: tuple[int, int, int]


Item = Fiche | Rejected | Same


class Source(Protocol):
    name: str
    digest: str
    export_date: date | None
    total: int

    def check(self) -> None:
        """Raise `Refused` if any part cannot be read."""

    def items(self) -> Iterator[Item]:
        """What the source holds, always in the same order."""


@dataclass(slots=True)
class Report:
    """What an import changed, or would change."""

    export_date: date
    counts: dict[str, dict[str, int]] = field(default_factory=no_counts)
    rejected: list[dict[str, str]] = field(default_factory=list)
    stale: int = 0  # fiches left as they are: a more recent export was applied before
    run: ImportRun | None = None

    def as_json(self) -> dict[str, Any]:
        extra = {"export_date": self.export_date.isoformat(), "stale": self.stale, "applied": self.run is not None}
        return {**self.counts, "rejected": self.rejected, **extra}


class XmlSource:
    def __init__(self, path: Path, known: Mapping[str, str], workers: Workers) -> None:
        self.checks = Checks(path, workers)
        self.file: XmlFile = scan(path, known, self.checks.add)
        self.name, self.digest, self.total = path.name, self.file.digest, len(self.file.slices)
        self.export_date, self.workers = date_in_name(path.name), workers

    def check(self) -> None:
        self.checks.wait()

    def items(self) -> Iterator[Item]:
        changed = [piece for piece in self.file.slices if piece.same is None]
        read = (one for group in self.workers.in_order(read_slices, self.file.path, changed) for one in group)
        for piece in self.file.slices:
            yield Same(piece.number, piece.same) if piece.same is not None else next(read)


class CsvSource:
    def __init__(self, paths: Sequence[Path], workdir: Path) -> None:
        self.package: CsvPackage = read_csv_package(paths, workdir)
        self.name = ", ".join(path.name for path in paths)
        self.digest = joined_digest(file_digest(path) for path in sorted(paths))
        self.export_date, self.total = self.package.export_date, self.package.total

    def check(self) -> None:
        """Nothing left to do: the package was read whole when it was opened."""

    def items(self) -> Iterator[Item]:
        return iter(self.package.fiches)


def date_in_name(name: str) -> date | None:
    """The date of the export as the agency writes it in the names of its files, else None."""
    try:
        return date(*map(int, match.groups())) if (match := DATE_IN_NAME.search(name)) else None
    except ValueError:
        return None


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def joined_digest(digests: Iterator[str] | Sequence[str]) -> str:
    """The digest of one file, or of the list of digests of several (in hexadecimal, joined by line feeds)."""
    every = list(digests)
    return every[0] if len(every) == 1 else hashlib.sha256("\n".join(every).encode()).hexdigest()


def import_files(
    paths: Sequence[Path],
    *,
    apply: bool,
    now: datetime,
    complete: bool = False,
    export_date: date | None = None,
    licence: str = OPEN_LICENCE,
    actor: str = "",
    progress: Progress = lambda done, total: None,
) -> Report:
    """Compare register files with the database and apply the differences when asked.

    The date of the export is the one given, else the one in the names, else that of today. `complete` withdraws the
    certifications of the registers at hand that the files no longer hold. Raises `Refused` before any write.
    """
    with TemporaryDirectory(prefix="habilis-import-") as workdir, Workers() as workers, no_cycle_collection():
        sources = open_sources(paths, Path(workdir), workers)
        for source in sources:
            source.check()
        work = Import(sources, export_date or common_date(sources) or timezone.localtime(now).date(), complete)
        work.refuse_impossible(timezone.localtime(now).date())
        return work.run(apply=apply, now=now, licence=licence, actor=actor, progress=progress)


@contextmanager
def no_cycle_collection() -> Iterator[None]:
    """Records hold no cycle; looking for some among a million tuples costs a tenth of the import."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def open_sources(paths: Sequence[Path], workdir: Path, workers: Workers) -> list[Source]:
    files = unpacked(paths, workdir)
    known = dict(Certification.objects.listed().order_by().values_list("number", "digest"))
    sources: list[Source] = [XmlSource(path, known, workers) for path in files if path.suffix.lower() not in TABLES]
    if tables := [path for path in files if path.suffix.lower() in TABLES]:
        sources.append(CsvSource(tables, workdir))
    return sources


def unpacked(paths: Sequence[Path], workdir: Path) -> list[Path]:
    """The files to read; what archives hold is copied into the work directory."""
    files: list[Path] = []
    for path in paths:
        if not path.is_file():
            raise Refused(_("%(name)s : fichier introuvable ; vérifiez le chemin.") % {"name": path.name})
        files += members(path, workdir) if is_zipfile(path) else [path]
    return files


def members(path: Path, workdir: Path) -> list[Path]:
    """XML and CSV files of an archive, unpacked one by one; other members are left."""
    found: list[Path] = []
    try:
        with open_zip(path, max_bytes=MAX_FILE) as archive:
            for member in archive.infolist():
                name = Path(member.filename).name
                if name.startswith("._") or not name.lower().endswith((".xml", *TABLES)):  # ._: notes of macOS
                    continue
                found.append(workdir / name)
                with archive.open(member) as source, found[-1].open("xb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
    except FileExistsError:
        raise Refused(_("%(name)s : deux fichiers du même nom ; donnez-les un par un.") % {"name": path.name}) from None
    except RefusedFile as problem:
        raise refusal(path.name, str(problem)) from None
    if not found:
        raise Refused(_("%(name)s : ni XML ni CSV dans l’archive ; donnez celle du portail.") % {"name": path.name})
    return found


def common_date(sources: Sequence[Source]) -> date | None:
    """The date that the names bear; several dates make the latest one."""
    return max((source.export_date for source in sources if source.export_date), default=None)


class Import:
    """One pass over the sources. Holds the numbers met so far: 30,500 at national scale."""

    def __init__(self, sources: Sequence[Source], on: date, complete: bool) -> None:
        self.sources, self.complete = sources, complete
        self.report = Report(on)
        self.total = sum(source.total for source in sources)
        self.known = set(Certification.objects.order_by().values_list("number", flat=True))
        self.seen: set[str] = set()
        self.registers: set[str] = set()
        self.latest = latest_exports()

    def refuse_impossible(self, today: date) -> None:
        on = self.report.export_date
        if on > today:
            raise Refused(
                _("L’export est daté du %(day)s, dans le futur ; donnez sa date avec --export-date AAAA-MM-JJ.")
                % {"day": f"{on:%d/%m/%Y}"}
            )
        for source in self.sources:
            if (
                self.complete
                and isinstance(source, CsvSource)
                and not {"standard", "standard_2021"} & set(source.package.kinds)
            ):
                raise Refused(
                    _("--complete demande le fichier Standard du paquet CSV : lui seul nomme toutes les fiches.")
                )
        if self.complete and any(day > on for day in self.latest.values()):
            raise Refused(_("Un export plus récent a déjà été appliqué : --complete retirerait des fiches à tort."))

    def run(self, *, apply: bool, now: datetime, licence: str, actor: str, progress: Progress) -> Report:
        run = self.start(now, licence, actor) if apply else None
        start, loader, done = run.position if run else 0, Loader(run) if run else None, 0
        for batch in batches((item for source in self.sources for item in source.items()), BATCH):
            done += len(batch)
            if done <= start:  # applied before the kill; batches fall at the same places
                self.seen.update(item.number for item in batch)
                continue
            fiches, counts, rejected = self.sort(batch)
            plans, digests = self.plans(fiches, counts)
            if run and loader:
                apply_batch(
                    run,
                    loader,
                    plans=plans,
                    counts=counts,
                    rejected=rejected,
                    digests=digests,
                    registers=self.registers,
                    position=done,
                )
            else:
                add_counts(self.report.counts, counts)
                self.report.rejected += rejected_rows(rejected)
            progress(done, self.total)
        return self.finish(run)

    def start(self, now: datetime, licence: str, actor: str) -> ImportRun:
        return start_run(
            digest=joined_digest([source.digest for source in self.sources]),
            source=", ".join(source.name for source in self.sources),
            format="+".join(sorted({"csv" if isinstance(source, CsvSource) else "xml" for source in self.sources})),
            export_date=self.report.export_date,
            is_complete=self.complete,
            total=self.total,
            licence=licence,
            actor=actor,
            now=now,
        )

    def sort(self, batch: Sequence[Item]) -> tuple[list[Fiche], Counts, list[Rejected]]:
        """Set apart what needs no comparison: rejected, given twice, identical, or older than what is known."""
        fiches, counts, rejected = [], Counts(), []
        for item in batch:
            if isinstance(item, Rejected):
                rejected.append(item)
            elif item.number in self.seen:
                rejected.append(
                    Rejected(item.number, _("La fiche figure deux fois dans l’export ; la première est gardée."))
                )
            else:
                self.seen.add(item.number)
                register = Register.RS if item.number.startswith("RS") else Register.RNCP
                self.registers.add(register)
                stale = item.number in self.known and self.latest.get(register, date.min) > self.report.export_date
                if isinstance(item, Fiche) and not stale:
                    fiches.append(item)
                else:
                    self.report.stale += stale
                    counts.update(unchanged(item))
        return fiches, counts, rejected

    def plans(self, fiches: Sequence[Fiche], counts: Counts) -> tuple[list[Plan], dict[int, str]]:
        """Plans of the fiches that change something; digests to remember of those read in full and found equal."""
        stored = stored_by_number(number for fiche in fiches if (number := fiche.number) in self.known)
        plans, digests = [], {}
        for fiche in fiches:
            one = plan(fiche, stored.get(fiche.number))
            counts.update(one.counts)
            if one.changes:
                plans.append(one)
            elif one.stored and fiche.digest:
                digests[one.stored.certification_id] = fiche.digest
        return plans, digests

    def finish(self, run: ImportRun | None) -> Report:
        report = self.report
        missing = missing_certifications(self.seen, self.registers) if self.complete else {}
        if run is None:
            add_counts(report.counts, count_removed(missing))
            return report
        withdraw_missing(run, missing)
        finish_run(run)
        if self.total > MANY:
            compact_index()
        report.counts, report.rejected, report.run = run.counts, run.rejected, run
        return report


def unchanged(item: Fiche | Same) -> Counts:
    if isinstance(item, Same):
        parts = item.parts
    else:
        parts = len(item.lists.get("blocks", ())), len(item.habilitations or ()), len(item.certifiers or ())
    kinds = ("fiches", "blocks", "habilitations", "certifiers")
    return Counts({(kind, "unchanged"): number for kind, number in zip(kinds, (1, *parts), strict=True)})


def latest_exports() -> dict[str, date]:
    """By register, the date of the most recent export applied."""
    latest: dict[str, date] = {}
    runs = ImportRun.objects.filter(state=RunState.APPLIED).order_by().values_list("registers")
    for registers, day in runs.annotate(day=Max("export_date")):
        for register in registers.split():
            latest[register] = max(latest.get(register, day), day)
    return latest
