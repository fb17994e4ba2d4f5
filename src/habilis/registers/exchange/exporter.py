"""Export of the stored registers as XML V4.1, CSV package or JSON Lines.

Everything is written beside the destination under a temporary name, then renamed: a reader never sees half a file. The
fiches are read by batches, so memory stays flat, and those that the last complete export no longer held are left out.
"""

import gzip
import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from habilis.registers.enums import Register
from habilis.registers.exchange.csv_writer import write_csv_package
from habilis.registers.exchange.jsonl_writer import write_jsonl
from habilis.registers.exchange.xml_writer import write_xml
from habilis.registers.models import Certification
from habilis.registers.queries.stored import stored_fiches
from habilis.registers.records import Fiche, Refused

Format = Literal["xml", "csv", "jsonl"]
Progress = Callable[[int, int], None]
ENDINGS: dict[Format, tuple[str, ...]] = {
    "xml": (".xml", ".zip"),
    "csv": (".zip",),
    "jsonl": (".jsonl", ".jsonl.gz"),
}
EVERY = 500  # fiches between two calls of the progress function


def export(
    form: Format,
    out: Path,
    *,
    register: str | None,
    on: date,
    progress: Progress = lambda done, total: None,
) -> dict[str, int]:
    """Write the listed fiches, of one register or both, and return what was written by kind.

    xml: `out` ends with .xml (one document), .zip, or is a directory (a document per register, named as the agency's).
    csv: .zip or a directory. jsonl: .jsonl or .jsonl.gz. `on` is the date in the names. Raises `Refused`.
    """
    check_destination(form, out)
    tally = Tally(register, progress)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        directory = Path(name)
        PRODUCERS[form](tally, directory, out, on)
        deliver(directory, out, on)
    return dict(tally.counts)


def goes_to_directory(out: Path) -> bool:
    return out.is_dir() or not out.suffix


def check_destination(form: Format, out: Path) -> None:
    if not out.parent.is_dir():
        raise Refused(
            _("Le dossier %(name)s n’existe pas : créez-le, ou donnez une autre destination.") % {"name": out.parent}
        )
    if goes_to_directory(out):
        fits = form != "jsonl" and not out.is_file()
    else:
        fits = out.name.endswith(ENDINGS[form])
    if not fits:
        endings = ", ".join(ENDINGS[form])
        sentence = _("Destination %(name)s impossible : donnez un fichier qui finit par %(endings)s, ou un dossier.")
        if form == "jsonl":
            sentence = _("Destination %(name)s impossible : donnez un fichier qui finit par %(endings)s.")
        raise Refused(sentence % {"name": out.name, "endings": endings})


class Tally:
    """The fiches to export, counted as they pass."""

    def __init__(self, register: str | None, progress: Progress) -> None:
        self.registers = [register] if register else [Register.RNCP, Register.RS]
        self.progress = progress
        self.counts: Counter[str] = Counter(fiches=0, blocks=0, habilitations=0, certifiers=0)
        self.total = self.listed(*self.registers).count()
        if not self.total:
            raise Refused(_("Aucune fiche à exporter : importez d’abord les répertoires."))

    def listed(self, *registers: str) -> "QuerySet[Certification]":
        return Certification.objects.listed().filter(register__in=registers, current_version__isnull=False)

    def fiches(self, *registers: str) -> Iterator[Fiche]:
        for fiche in stored_fiches(self.listed(*(registers or self.registers))):
            yield fiche
            self.counts.update(
                fiches=1,
                blocks=len(fiche.lists["blocks"]),
                habilitations=len(fiche.habilitations or ()),
                certifiers=len(fiche.certifiers or ()),
            )
            if self.counts["fiches"] % EVERY == 0 or self.counts["fiches"] == self.total:
                self.progress(self.counts["fiches"], self.total)


def produce_xml(tally: Tally, directory: Path, out: Path, on: date) -> None:
    if not goes_to_directory(out) and out.suffix == ".xml":
        with (directory / out.name).open("wb") as file:
            write_xml(tally.fiches(), file)
        return
    for register in tally.registers:
        if tally.listed(register).exists():  # a document without a fiche is not valid
            with (directory / f"export_fiches_{register}_V4_1_{on:%Y-%m-%d}.xml").open("wb") as file:
                write_xml(tally.fiches(register), file)


def produce_csv(tally: Tally, directory: Path, out: Path, on: date) -> None:
    write_csv_package(tally.fiches(), directory, on)


def produce_jsonl(tally: Tally, directory: Path, out: Path, on: date) -> None:
    path = directory / out.name
    if out.suffix == ".gz":
        with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as file:
            write_jsonl(tally.fiches(), file)  # type: ignore[arg-type]
    else:
        with path.open("wb") as plain:
            write_jsonl(tally.fiches(), plain)


def deliver(directory: Path, out: Path, on: date) -> None:
    """Bring the files written in `directory` to their destination."""
    files = sorted(directory.iterdir())
    if goes_to_directory(out):
        out.mkdir(exist_ok=True)
        for path in files:
            os.replace(path, out / path.name)
    elif out.suffix == ".zip":
        archive = directory / out.name
        pack(files, archive, on)
        os.replace(archive, out)
    else:
        os.replace(files[0], out)


def pack(files: list[Path], out: Path, on: date) -> None:
    """A zip whose bytes depend on the contents and the day alone."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            info = zipfile.ZipInfo(file.name, (on.year, on.month, on.day, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with file.open("rb") as source, archive.open(info, "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member, 1 << 20)


PRODUCERS: dict[Format, Callable[[Tally, Path, Path, date], None]] = {
    "xml": produce_xml,
    "csv": produce_csv,
    "jsonl": produce_jsonl,
}
