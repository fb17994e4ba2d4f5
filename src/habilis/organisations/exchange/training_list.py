"""Reader of the public list of training organisations (DGEFP): who, where, and what their Qualiopi certificate covers.

Column names are met with dots (the ministry's own file) and with underscores in lower case (its open-data mirror).
"""

import codecs
import csv
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from django.utils.translation import gettext as _

from habilis.organisations.enums import TrainingAction
from habilis.organisations.services import Address, ListedBody, is_siret

COLUMNS = {
    "siren": "siren",
    "siret": "siretEtablissementDeclarant",
    "street": "adressePhysiqueOrganismeFormation.voie",
    "postal_code": "adressePhysiqueOrganismeFormation.codePostal",
    "city": "adressePhysiqueOrganismeFormation.ville",
}
# Columns that a shortened list may lack.
NDA, NAME = "numeroDeclarationActivite", "denomination"
QUALIOPI = {
    TrainingAction.TRAINING: "certifications.actionsDeFormation",
    TrainingAction.SKILLS_REVIEW: "certifications.bilansDeCompetences",
    TrainingAction.VAE: "certifications.VAE",
    TrainingAction.APPRENTICESHIP: "certifications.actionsDeFormationParApprentissage",
}
SAID = {"true": True, "false": False}
CHUNK = 1 << 20


class Refused(ValueError):
    """A file that is not taken at all; the message names the line when known, and the remedy."""


def read_list(path: Path) -> Iterator[ListedBody]:
    """One body per readable row, in file order; rows without a usable SIRET are left out. Raises `Refused`."""
    with path.open(encoding=encoding_of(path), newline="") as lines:
        first = lines.readline(CHUNK)
        delimiter = max(";,\t", key=first.count)
        header = [folded(cell) for cell in first.rstrip("\r\n").split(delimiter)]
        layout = Layout(path, header)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    raise wrong_width(path, reader.line_num + 1, len(row), len(header))
                if body := layout.body(row):
                    yield body
        except csv.Error:
            sentence = _(
                "%(name)s, ligne %(line)d : guillemets mal placés ou fichier coupé ; téléchargez la liste à nouveau."
            )
            raise Refused(sentence % {"name": path.name, "line": reader.line_num + 1}) from None


class Layout:
    """Where the columns of one file are."""

    def __init__(self, path: Path, header: list[str]) -> None:
        self.address = itemgetter(*(position(path, header, name) for name in COLUMNS.values()))
        self.nda, self.name = (header.index(folded(one)) if folded(one) in header else None for one in (NDA, NAME))
        marks = [(action, folded(column)) for action, column in QUALIOPI.items()]
        self.marks = [(action, header.index(column)) for action, column in marks if column in header]

    def body(self, row: list[str]) -> ListedBody | None:
        siren, siret, street, postal_code, city = (" ".join(cell.split()) for cell in self.address(row))
        if not is_siret(siret := full_siret(siren, siret)):
            return None
        said = ((action, SAID.get(row[place].strip().lower())) for action, place in self.marks)
        return ListedBody(
            Address(siret, street, full_postal_code(postal_code), city),
            name=" ".join(row[self.name].split()) if self.name is not None else "",
            nda=row[self.nda].strip() if self.nda is not None else "",
            qualiopi={action: answer for action, answer in said if answer is not None},
        )


def wrong_width(path: Path, line: int, found: int, expected: int) -> Refused:
    sentence = _(
        "%(name)s, ligne %(line)d : %(found)d colonnes au lieu de %(expected)d ; téléchargez la liste à nouveau."
    )
    return Refused(sentence % {"name": path.name, "line": line, "found": found, "expected": expected})


def encoding_of(path: Path) -> str:
    """UTF-8, else Windows-1252, decided on the whole file."""
    for encoding in ("utf-8-sig", "cp1252"):
        if decodes(path, encoding):
            return encoding
    sentence = _("%(name)s : ni UTF-8 ni Windows-1252 ; enregistrez la liste en CSV UTF-8.")
    raise Refused(sentence % {"name": path.name})


def decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                if b"\0" in chunk:
                    sentence = _("%(name)s : octet nul ; ce n’est pas du texte, enregistrez la liste en CSV UTF-8.")
                    raise Refused(sentence % {"name": path.name})
                decoder.decode(chunk)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
    return True


def folded(name: str) -> str:
    return name.strip().strip('"').replace(".", "_").lower()


def position(path: Path, header: list[str], name: str) -> int:
    try:
        return header.index(folded(name))
    except ValueError:
        sentence = _(
            "%(name)s, ligne 1 : la colonne « %(column)s » est absente ;"
            " donnez la liste publique des organismes de formation en CSV."
        )
        raise Refused(sentence % {"name": path.name, "column": name}) from None


def full_siret(siren: str, siret: str) -> str:
    """The whole SIRET: some files give the last five digits alone, others lose a leading zero."""
    if siret.isdigit() and len(siret) <= 5:
        return siren.zfill(9) + siret.zfill(5)
    return siret.zfill(14) if len(siret) == 13 else siret


def full_postal_code(code: str) -> str:
    return code.zfill(5) if len(code) == 4 and code.isdigit() else code
