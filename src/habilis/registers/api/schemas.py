"""Shapes of the answers. A published shape never changes: see `docs/api.md`."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar, cast

from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, Field

from habilis.registers.api.parameters import RegisterName, Role, State, Task

_ = cast("Callable[[str], str]", gettext_lazy)
T = TypeVar("T")

Kind = Literal["as_of_right", "on_request", ""]
Verdict = Literal["yes", "no", "unknown"]


class Shape(BaseModel):
    """Plain pydantic rather than django-ninja's `Schema`, which validates the parts again at each level."""

    model_config = ConfigDict(from_attributes=True)


class Source(Shape):
    """Where the answer comes from, to be named beside it as the licence asks."""

    producer: str = "France compétences"
    name: str
    licence: str
    export_date: date | None = Field(description=_("Jour de l’export lu ; le plus ancien quand il y en a deux."))
    imported_at: datetime | None


class Dated(Shape, Generic[T]):
    data: T
    source: Source


class Listed(Shape, Generic[T]):
    data: list[T]
    total: int
    next: str | None = Field(description=_("Adresse de la page suivante, sur le même hôte ; null sur la dernière."))
    source: Source


class Hit(Shape):
    number: str
    register_: RegisterName = Field(alias="register")  # `register` is a method of every class
    title: str
    level: int | None
    abbreviation: str
    is_active: bool | None = Field(description=_("En vigueur le jour demandé ; null quand la source ne le dit pas."))
    end_date: date | None
    certifiers: list[str] = Field(description=_("Les premiers certificateurs, dans l’ordre de la fiche."))
    certifier_count: int
    snippet: str
    url: str


class Hits(Listed[Hit]):
    understood: str | None = Field(description=_("Ce qui a été cherché, quand ce n’est pas ce qui a été écrit."))
    ignored: list[str] = Field(description=_("Mots qu’aucune fiche ne contient."))
    partial: bool = Field(description=_("Aucune fiche ne répond à tous les mots : celles-ci répondent à une partie."))


class Texts(Shape):
    activities: str
    capacities: str
    sectors: str
    jobs: str
    regulations: str
    objectives: str
    mastery_levels: str
    validity: str
    renewal: str
    partial_validation_scope: str
    entry_prerequisites: str
    validation_prerequisites: str


class Block(Shape):
    position: int
    code: str
    title: str
    skills: str
    assessment: str
    entry_prerequisites: str
    validation_prerequisites: str


class Route(Shape):
    route: Literal["FI", "CA", "FC", "CQ", "CL", "VAE"]
    is_open: bool | None
    jury: str
    changed_on: date | None


class Code(Shape):
    system: Literal["NSF", "ROME", "FORMACODE", "IDCC", "CCN"]
    code: str
    label: str


class LegalText(Shape):
    kind: Literal["general", "creation", "other"]
    title: str
    published_on: date | None


class Statistics(Shape):
    year: int
    certified: int | None
    certified_by_vae: int | None
    global_rate: float | None = Field(description=_("Insertion globale à 6 mois, en %."))
    target_job_rate: float | None = Field(description=_("Insertion dans le métier visé à 2 ans, en %."))


class Target(Shape):
    number: str
    codes: str = Field(description=_("Blocs d’arrivée séparés par une espace ; vide pour la fiche entière."))
    is_known: bool


class Correspondence(Shape):
    codes: str = Field(description=_("Blocs de départ séparés par une espace ; vide pour la fiche entière."))
    targets: list[Target]


class Certifier(Shape):
    siret: str | None
    name: str
    commercial_name: str
    website: str
    state: State | Literal[""]
    state_changed_on: date | None


class Version(Shape):
    """The columns of a version, as the register publishes them."""

    title: str
    level: int | None
    is_active: bool | None
    kind: Kind
    decision_date: date | None
    duration_years: int | None
    end_date: date | None
    effect_date: date | None
    last_issue_date: date | None
    has_partners: bool | None
    partial_validation: bool | None
    fiche_id: int | None
    abbreviation: str
    abbreviation_label: str
    editorial_state: str
    level_code: str
    level_label: str
    in_new_caledonia: bool | None
    in_french_polynesia: bool | None
    last_official_journal_date: date | None
    publication_date: date | None
    promotion_years: str
    url: str
    valid_from: date = Field(description=_("Export où cette version est apparue."))
    valid_to: date | None = Field(description=_("Export qui l’a remplacée ; null pour la dernière connue."))


class PartnerCounts(Shape):
    total: int
    active: int


class Fiche(Shape):
    number: str
    register_: RegisterName = Field(alias="register")
    on: date | None = Field(description=_("Le jour lu ; null pour le dernier état connu."))
    status: Literal["active", "inactive", "expired", "withdrawn", "unknown"]
    first_seen_on: date
    withdrawn_on: date | None
    page: str
    official_page: str
    version: Version
    texts: Texts
    blocks: list[Block]
    routes: list[Route]
    codes: list[Code]
    legal_texts: list[LegalText]
    statistics: list[Statistics]
    correspondences: list[Correspondence]
    certifiers: list[Certifier]
    partners: PartnerCounts


class Validity(Shape):
    number: str
    on: date
    answer: Verdict
    code: str = Field(description=_("Motif stable, fait pour les programmes."))
    reason: str
    start_date: date | None
    end_date: date | None
    last_issue_date: date | None
    is_active: bool | None
    first_seen_on: date
    withdrawn_on: date | None


class Member(Shape):
    number: str
    generation: int = Field(description=_("0 pour la fiche, négatif pour ses ancêtres, positif pour ses successeurs."))
    title: str | None
    is_known: bool
    end_date: date | None


class Link(Shape):
    older: str
    newer: str


class Lineage(Shape):
    number: str
    members: list[Member]
    links: list[Link]
    hidden: int = Field(description=_("Fiches laissées de côté, au moins : les plus lointaines."))


class Partner(Shape):
    siret: str | None
    name: str
    role: Role
    state: State | Literal[""]
    active_since: date | None
    state_changed_on: date | None
    department: str
    listed_since: date = Field(description=_("Export où cette ligne est apparue sous cette forme."))


class Side(Shape):
    number: str
    title: str
    on: date | None


class FieldPair(Shape):
    name: str
    left: str | int | bool | None
    right: str | int | bool | None
    same: bool


class TextPair(Shape):
    name: str
    score: int = Field(description=_("Mots communs dans le même ordre, en %."))
    same: bool


class BlockName(Shape):
    position: int
    code: str
    title: str


class BlockPair(Shape):
    left: BlockName | None
    right: BlockName | None
    score: int = Field(description=_("Ressemblance des intitulés, en % ; 0 pour un bloc seul."))
    skills: int = Field(description=_("Mots communs des compétences, en %."))


class Named(Shape):
    key: str
    label: str


class Shared(Shape):
    name: str
    both: list[Named]
    left: list[Named]
    right: list[Named]


class Comparison(Shape):
    left: Side
    right: Side
    fields: list[FieldPair]
    texts: list[TextPair]
    routes: list[FieldPair]
    blocks: list[BlockPair]
    codes: list[Shared]
    certifiers: Shared


class Evidence(Shape):
    """A published row that decided. `kind` says which columns it has; the others are null."""

    kind: Literal["registration", "habilitation", "certifier"]
    siret: str | None = None
    name: str | None = None
    role: Role | None = None
    state: State | Literal[""] | None = None
    active_since: date | None = None
    state_changed_on: date | None = None
    start_date: date | None = None
    end_date: date | None = None
    last_issue_date: date | None = None
    is_active: bool | None = None
    valid_from: date
    valid_to: date | None
    export_date: date


class Right(Shape):
    answer: Verdict
    code: str = Field(description=_("Motif stable, fait pour les programmes."))
    reason: str
    siret: str
    number: str
    role: Task
    on: date
    rows: list[Evidence] = Field(description=_("Les lignes publiées qui ont décidé."))
    notes: list[str]


class Change(Shape):
    id: int
    on: date
    number: str
    title: str
    kind: Literal["fiche", "block", "habilitation", "certifier"]
    verb: Literal["added", "updated", "removed"]
    key: str = Field(description=_("Code du bloc, SIRET ou nom de l’organisme."))
    field: str
    before: str
    after: str
    is_key: bool = Field(description=_("Changement majeur pour un partenaire ou un titulaire."))


class Changes(Listed[Change]):
    total_is_exact: bool = Field(description=_("false : il y en a davantage que ce qui est compté."))
    cursor: int = Field(description=_("À redonner dans after, plus tard, pour ne lire que la suite."))


class Freshness(Shape):
    register_: RegisterName = Field(alias="register")
    name: str | None
    licence: str | None
    export_date: date | None
    imported_at: datetime | None
    counts: dict[str, Any]


class FicheAnswer(Dated[Fiche]):
    pass


class ValidityAnswer(Dated[Validity]):
    pass


class LineageAnswer(Dated[Lineage]):
    pass


class Blocks(Listed[Block]):
    pass


class Partners(Listed[Partner]):
    pass


class ComparisonAnswer(Dated[Comparison]):
    pass


class MayAnswer(Dated[Right]):
    pass


class FreshnessAnswer(Dated[list[Freshness]]):
    pass
