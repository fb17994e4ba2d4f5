"""The question set of the search, and the synthetic register it is asked to. Shared by the tests and the benchmark.

`questions.tsv` was written from the list of anchors, before the search existed. An answer is right when one of the
expected fiches is among the first five; `recall@5` is the share of right answers.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from habilis.organisations.models import Organisation
from habilis.registers.exchange.synthetic.register import SyntheticRegister
from habilis.registers.models import Certification, CertifierLink
from habilis.registers.queries.search import search
from habilis.registers.queries.snapshot import snapshot
from habilis.registers.records import Fiche
from habilis.registers.services.differences import plan
from habilis.registers.services.loading import Loader
from habilis.registers.tests.factories import a_run

TODAY = date(2026, 8, 16)
BATCH = 400


@dataclass(frozen=True)
class Asked:
    kind: str
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """`missed`: the questions without a right answer, with what came first instead."""

    recall: float
    by_kind: dict[str, tuple[int, int]]  # right, asked
    missed: list[tuple[Asked, tuple[str, ...]]]


def questions() -> list[Asked]:
    """The lines of `questions.tsv`, then those about bodies, whose SIRETs and names are the generator's."""
    with Path(__file__).with_name("questions.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [Asked(row["kind"], row["question"], tuple(row["expected"].split())) for row in rows]


def questions_on_bodies() -> list[Asked]:
    """Certifiers by SIRET, SIREN and name: asked to the register at hand, which must have been loaded."""
    asked = []
    for number in ("RNCP98086", "RNCP98076", "RNCP98021"):
        link = CertifierLink.objects.filter(certification__number=number).order_by("position").first()
        assert link is not None
        body = Organisation.objects.get(pk=link.organisation_id)
        served = Certification.objects.filter(certifier_links__organisation=body).values_list("number", flat=True)
        siret = body.siret or ""
        asked += [
            Asked("body", siret, tuple(served)),
            Asked("body", f"SIRET {siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}", tuple(served)),
            Asked("body", siret[:9], tuple(served)),
            Asked("body", body.name, tuple(served)),
            Asked("body", body.name.lower(), tuple(served)),
        ]
    return [one for one in asked if one.text]


def load_register(fiches: int, seed: int = 1, today: date = TODAY) -> None:
    """A synthetic register written as an import writes it, without files: a few seconds for 2,000 fiches."""
    loader = Loader(a_run(today))
    register = SyntheticRegister(fiches, seed, today)
    batch: list[Fiche] = []
    for fiche in register:
        batch.append(fiche)
        if len(batch) == BATCH:
            loader.write([plan(one, None) for one in batch])
            batch.clear()
    loader.write([plan(one, None) for one in batch])


def first_numbers(text: str, on: date, limit: int = 5) -> tuple[str, ...]:
    return tuple(hit.number for hit in search(text, on=on, limit=limit).hits)


def score(asked: Sequence[Asked], on: date, limit: int = 5) -> Score:
    by_kind: dict[str, tuple[int, int]] = {}
    missed = []
    for one in asked:
        found = first_numbers(one.text, on, limit)
        right = bool(set(found) & set(one.expected))
        before = by_kind.get(one.kind, (0, 0))
        by_kind[one.kind] = before[0] + right, before[1] + 1
        if not right:
            missed.append((one, found))
    return Score(1 - len(missed) / len(asked), by_kind, missed)


def durations(asked: Sequence[Asked], on: date) -> list[float]:
    """Seconds of each question, sorted; nothing is remembered from one to the next but the facts of the register."""
    taken = []
    for one in asked:
        snapshot().remembered.clear()
        start = perf_counter()
        search(one.text, on=on)
        taken.append(perf_counter() - start)
    return sorted(taken)


def told(one: Score) -> Iterable[str]:
    """Lines for a report."""
    asked = sum(asked for _, asked in one.by_kind.values())
    yield f"recall@5 {one.recall:.3f} over {asked} questions"
    yield ", ".join(f"{kind} {right}/{asked}" for kind, (right, asked) in sorted(one.by_kind.items()))
    for question, found in one.missed:
        yield f"  missed [{question.kind}] {question.text!r}: wanted {question.expected[:5]}, found {found}"
