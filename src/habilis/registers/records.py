"""A fiche as a source publishes it, before it meets the database: plain values, no Django, cheap to send between processes.

A source covers what it knows: the XML V4.1 covers everything, a file of the CSV package a few columns. What is not
covered is left as it is in the database; a covered list replaces the list of the fiche.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

NUMBER = re.compile(r"(RNCP|RS)[1-9][0-9]{0,9}")

# Columns of `CertificationVersion`, in document order of the XML. The first group are key facts: a change of one of
# them matters to a partner or a holder; the others are minor.
KEY_FIELDS = (
    "title",
    "level",
    "is_active",
    "kind",
    "decision_date",
    "duration_years",
    "end_date",
    "effect_date",
    "last_issue_date",
    "has_partners",
    "partial_validation",
)
MINOR_FIELDS = (
    "fiche_id",
    "abbreviation",
    "abbreviation_label",
    "editorial_state",
    "level_code",
    "level_label",
    "in_new_caledonia",
    "in_french_polynesia",
    "last_official_journal_date",
    "publication_date",
    "promotion_years",
    "url",
)
FIELDS = KEY_FIELDS + MINOR_FIELDS
TEXTS = (
    "activities",
    "capacities",
    "sectors",
    "jobs",
    "regulations",
    "objectives",
    "mastery_levels",
    "validity",
    "renewal",
    "partial_validation_scope",
    "entry_prerequisites",
    "validation_prerequisites",
)
# Lists of a version: name of the list -> columns of one row, as tuples in this order. The list order is the position.
LISTS: dict[str, tuple[str, ...]] = {
    "blocks": ("code", "title", "skills", "assessment", "entry_prerequisites", "validation_prerequisites"),
    "routes": ("route", "is_open", "jury", "changed_on"),  # route: value of `AccessRoute`
    "codes": ("system", "code", "label", "position"),  # system: value of `CodeSystem`; position from 1 within it
    "legal_texts": ("kind", "title", "published_on"),  # kind: value of `LegalTextKind`
    "statistics": ("year", "certified", "certified_by_vae", "global_rate", "target_job_rate"),
    "correspondences": ("source_codes", "target_number", "target_codes"),  # codes joined by one space
    "lineage": ("direction", "number"),  # direction: value of `LineageDirection`
}
CERTIFIER = ("siret", "name", "state", "state_changed_on", "commercial_name", "website")
HABILITATION = ("siret", "name", "role", "state", "active_since", "state_changed_on")

Row = tuple[Any, ...]


@dataclass(slots=True)
class Fiche:
    """What one source says of one number.

    `covers` names, for a list, the columns that the source knows when it does not know them all (the CSV gives the code
    and title of a block only); the other cells of the row are None and the database's are kept, matched by the first
    column (`siret`, else `name`, for bodies). Certifiers without SIRET are kept when `covers` names the certifiers: the
    CSV does not list them.
    """

    number: str
    digest: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[Row]] = field(default_factory=dict)
    certifiers: list[Row] | None = None
    habilitations: list[Row] | None = None
    covers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    search: tuple[str, str, str] | None = None  # stemmed title, keywords and body, when the reader prepared them
    code_systems: tuple[str, ...] | None = None  # nomenclatures that `lists["codes"]` covers; None = all

    @property
    def register(self) -> str:
        return "RS" if self.number.startswith("RS") else "RNCP"

    @property
    def rank(self) -> int:
        return int(self.number.removeprefix(self.register))


class Sentence:
    """French text with named holes, put into the reader's language when it is shown.

    It may be written in a process without Django, so without translations, and shown in another.
    """

    translate: ClassVar[Callable[[str], str]] = str  # Django's, as soon as it is ready

    def __init__(self, text: str, /, **values: object) -> None:
        self.text, self.values = text, values

    def __str__(self) -> str:
        return type(self).translate(self.text) % self.values


_ = Sentence  # the name that the tools of translation look for


def labelled(label: object, text: object) -> Sentence:
    """A label, a colon set as the language wants it, and what it announces."""
    return _("%(label)s : %(text)s", label=label, text=text)


@dataclass(slots=True, frozen=True)
class Rejected:
    """A fiche that cannot be read; the rest of the file is."""

    number: str
    reason: Sentence | str


class Refused(ValueError):
    """A file that is not taken at all. The message is one sentence that names the line when known, and the remedy."""


def refusal(name: str, problem: Sentence | str, line: int | None = None) -> Refused:
    """Refusal of the file of that name; `problem` says what is wrong, a semicolon, and what to do."""
    if line is None:
        return Refused(labelled(name, problem))
    return Refused(_("%(name)s, ligne %(line)d : %(problem)s", name=name, line=line, problem=problem))


def shown(value: Any) -> str:
    """A cell as a person reads it in French: JJ/MM/AAAA, Oui or Non, nothing for an unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
