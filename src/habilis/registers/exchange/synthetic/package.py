"""Writes a synthetic register as the agency would publish it: two XML files, the CSV package, and the list of bodies."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from habilis.registers.exchange.csv_writer import write_csv_package
from habilis.registers.exchange.synthetic import bodies
from habilis.registers.exchange.synthetic.evolution import Differences, Evolution
from habilis.registers.exchange.synthetic.register import SyntheticRegister
from habilis.registers.exchange.xml_writer import write_xml
from habilis.registers.records import Fiche

EXPECTED = "expected.json"
ORGANISATIONS = "organismes.csv"
# Columns of the public list of training bodies that say who and where.
COLUMNS = (
    "numeroDeclarationActivite", "numerosDeclarationActivitePrecedent", "denomination", "siren",
    "siretEtablissementDeclarant", "adressePhysiqueOrganismeFormation.voie",
    "adressePhysiqueOrganismeFormation.codePostal", "adressePhysiqueOrganismeFormation.ville",
    "adressePhysiqueOrganismeFormation.codeRegion", "certifications.actionsDeFormation",
    "certifications.bilansDeCompetences", "certifications.VAE", "certifications.actionsDeFormationParApprentissage",
)  # fmt: skip


def generate(out_dir: Path, *, fiches: int, seed: int = 1, today: date) -> list[Path]:
    """Write the register of that day; the files depend on the arguments alone. 250 fiches or more show every branch.

    Memory is flat; the national size (30,500 fiches, 600 MB of XML) takes about a minute.
    """
    register = SyntheticRegister(fiches, seed, today)
    return write_package(out_dir, register, register.pool, today)


def evolve(out_dir: Path, *, fiches: int, seed: int = 1, today: date, days_later: int) -> list[Path]:
    """Write the same register some days later, and in expected.json what an importer of both must count.

    A fiche is updated when anything in it changes but white space; the parts of an added (removed) fiche count as added
    (removed); blocks are told apart by code, bodies by SIRET, else name, then by their rank among those of the fiche.
    """
    evolution = Evolution(SyntheticRegister(fiches, seed, today), today + timedelta(days=days_later))
    paths = write_package(out_dir, evolution, evolution.register.pool, evolution.later)
    differences = Differences()
    for before, after in evolution.pairs():
        differences.add(before, after)
    expected = out_dir / EXPECTED
    expected.write_text(json.dumps(differences.counts, indent=2) + "\n", encoding="utf-8")
    return [*paths, expected]


def write_package(out_dir: Path, source: SyntheticRegister | Evolution, pool: int, on: date) -> list[Path]:
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = []
    for register in ("RNCP", "RS"):
        path = out_dir / f"export_fiches_{register}_V4_1_{on:%Y-%m-%d}.xml"
        with path.open("wb") as file:
            if write_xml(source.of(register), file):  # a document without a fiche is not valid
                paths.append(path)
        if path not in paths:
            path.unlink()
    write_csv_package(map(with_national_slips, source), out_dir, on)
    write_organisations(out_dir / ORGANISATIONS, pool)
    return [*paths, *sorted(out_dir.glob(f"export_fiches_CSV_*_{on:%Y_%m_%d}.csv")), out_dir / ORGANISATIONS]


def with_national_slips(fiche: Fiche) -> Fiche:
    """The CSV files double the apostrophes of ROME labels, and repeat the code in those of the NSF."""
    codes = [
        (
            system,
            code,
            f"{code} : {label}" if system == "NSF" else label.replace("'", "''") if system == "ROME" else label,
            at,
        )
        for system, code, label, at in fiche.lists["codes"]
    ]
    return replace(fiche, lists={**fiche.lists, "codes": codes})


def write_organisations(path: Path, pool: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(COLUMNS)
        out.writerows(organisation_rows(pool))


def organisation_rows(pool: int) -> Iterable[Iterator[str]]:
    """Training bodies and universities, each where its index puts it."""
    everyone = [(bodies.body, index) for index in range(pool)] + [
        (bodies.university, index) for index in range(bodies.UNIVERSITIES)
    ]
    for make, index in everyone:
        body, place = make(index), bodies.place(index)
        apprenticeship = "true" if "CFA" in body.name or index % 5 == 0 else "false"
        yield iter(
            (
                f"{11 + index % 80:02d}{index % 95 + 1:02d}{index % 100_000:05d}{index % 95 + 1:02d}",
                "",
                body.name,
                body.siret[:9],
                body.siret,
                place.street,
                place.postal_code,
                place.town,
                "",
                "true",
                "true" if index % 4 == 0 else "false",
                "true" if index % 3 == 0 else "false",
                apprenticeship,
            )  # fmt: skip
        )
