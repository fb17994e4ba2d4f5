"""The operations: each reads its parameters, asks one query module and dresses the answer."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext, gettext_lazy
from ninja import Router

from habilis.registers.api import answers, schemas
from habilis.registers.api.parameters import (
    LARGEST,
    Day,
    FewAtOnce,
    Flag,
    InRegister,
    Judged,
    Level,
    Limit,
    Number,
    Offset,
    On,
    Role,
    Siret,
    State,
    Task,
    Text,
    Whole,
    Word,
    asked,
)
from habilis.registers.api.problems import Problem, Refusal, unknown_fiche, wrong_parameters
from habilis.registers.models import Certification, CertificationVersion
from habilis.registers.queries import bodies, changes, compare, fiches, lineage, rights, search

_ = cast("Callable[[str], str]", gettext_lazy)

router = Router(by_alias=True)
Operation = Callable[..., Any]
ChangedObject = Literal["fiche", "block", "habilitation", "certifier"]
Registration = Literal["as_of_right", "on_request"]


def get(path: str, shape: Any, summary: str, *, of_a_fiche: bool = False) -> Callable[[Operation], Operation]:
    """A GET operation whose name is that of its function; `of_a_fiche`: it answers 404 for a number unknown here."""
    refusals = (404, 422, 429) if of_a_fiche else (422, 429)
    responses = {200: shape, 304: None} | dict.fromkeys(refusals, Problem)

    def add(operation: Operation) -> Operation:
        return router.get(path, response=responses, summary=summary, operation_id=operation.__name__)(operation)

    return add


def known(number: str) -> Certification:
    """The certification of a number as people write it, with its current version; one query."""
    certification = fiches.find(fiches.canonical(number) or number)
    if certification is None:
        raise unknown_fiche(number)
    return certification


def version_on(certification: Certification, on: date | None) -> CertificationVersion:
    version = fiches.version_on(certification, on)
    if version is None:
        text = gettext("%(number)s n’était pas lue ici ce jour-là ; elle l’est depuis l’export du %(day)s.")
        values = {"number": certification.number, "day": f"{certification.first_seen_on:%Y-%m-%d}"}
        raise Refusal("unknown-day", text % values)
    return version


@get("/search", schemas.Hits, _("Chercher des certifications"))
def search_certifications(
    request: HttpRequest,
    q: Annotated[Text, asked("", _("Mots, numéro, SIRET ou SIREN ; vide pour tout lire."))],
    register_: InRegister,
    active: Annotated[Flag, asked(False, _("Seulement celles en vigueur le jour demandé."))],
    level: Annotated[Level | None, asked(None, _("Niveau du cadre national."))],
    kind: Annotated[Registration | None, asked(None, _("Enregistrement de droit ou sur demande."))],
    nsf: Annotated[Word, asked("", _("Code NSF, à trois chiffres."))],
    rome: Annotated[Word, asked("", _("Code ROME."))],
    certifier: Annotated[Word, asked("", _("SIRET d’un certificateur."))],
    department: Annotated[Word, asked("", _("Département d’un partenaire."))],
    on: Judged,
    limit: FewAtOnce,
    offset: Offset,
) -> schemas.Hits:
    body = answers.body_key(certifier)
    filters = search.Filters(register_ or "", active, level, kind or "", nsf, rome, body, department)
    found = search.search(q, on=on or localdate(), filters=filters, limit=limit, offset=offset)
    return answers.hits(request, found, limit, offset)


@get("/fiches/{number}", schemas.FicheAnswer, _("Lire une fiche"), of_a_fiche=True)
def read_fiche(request: HttpRequest, number: Number, on: On) -> schemas.FicheAnswer:
    certification = known(number)
    found = fiches.read(certification, version_on(certification, on), on=on, today=localdate())
    return schemas.FicheAnswer(data=answers.fiche(found), source=answers.source(certification.register))


@get("/fiches/{number}/validity", schemas.ValidityAnswer, _("Dire si une fiche est en vigueur"), of_a_fiche=True)
def read_validity(request: HttpRequest, number: Number, on: Judged) -> schemas.ValidityAnswer:
    certification, today = known(number), localdate()
    found = rights.validity(certification, on=on or today, today=today)
    data = answers.validity(certification, found, on or today)
    return schemas.ValidityAnswer(data=data, source=answers.source(certification.register))


@get("/fiches/{number}/lineage", schemas.LineageAnswer, _("Lire la filiation d’une fiche"), of_a_fiche=True)
def read_lineage(request: HttpRequest, number: Number, on: On) -> schemas.LineageAnswer:
    certification = known(number)
    data = answers.lineage(certification, lineage.family(certification, on))
    return schemas.LineageAnswer(data=data, source=answers.source(certification.register))


@get("/fiches/{number}/blocks", schemas.Blocks, _("Lire les blocs d’une fiche"), of_a_fiche=True)
def list_blocks(request: HttpRequest, number: Number, on: On, limit: Limit, offset: Offset) -> schemas.Blocks:
    certification = known(number)
    page = answers.Page(request, version_on(certification, on).blocks.order_by("position"), limit, offset)
    rows = [schemas.Block.model_validate(row) for row in page.rows]
    return schemas.Blocks(data=rows, total=page.total, next=page.next, source=answers.source(certification.register))


@get("/fiches/{number}/partners", schemas.Partners, _("Lire les partenaires d’une fiche"), of_a_fiche=True)
def list_partners(
    request: HttpRequest,
    number: Number,
    on: On,
    text: Annotated[Text, asked("", _("Partie d’un nom, ou début d’un SIRET."))],
    role: Annotated[Role | None, asked(None, _("Rôle publié, exactement."))],
    state: Annotated[State | None, asked(None, _("État publié."))],
    department: Annotated[Word, asked("", _("Département de l’organisme."))],
    limit: Limit,
    offset: Offset,
) -> schemas.Partners:
    certification = known(number)
    wanted = bodies.PartnerFilter(text, answers.stored_role(role), state or "", department)
    page = answers.Page(request, bodies.partners(certification, on, wanted), limit, offset)
    rows = [answers.partner(row) for row in page.rows]
    return schemas.Partners(data=rows, total=page.total, next=page.next, source=answers.source(certification.register))


@get("/compare", schemas.ComparisonAnswer, _("Comparer deux fiches, ou une fiche à deux dates"), of_a_fiche=True)
def compare_fiches(
    request: HttpRequest,
    left: Annotated[Word, asked(..., _("Numéro de la première fiche."))],
    right: Annotated[Word, asked(..., _("Numéro de la seconde fiche."))],
    left_on: On,
    right_on: On,
) -> schemas.ComparisonAnswer:
    sides = []
    for number, on in ((left, left_on), (right, right_on)):
        certification = known(number)
        sides.append(compare.Side(certification, version_on(certification, on), on))
    registers = {side.certification.register for side in sides}
    data = answers.comparison(compare.compare(*sides))
    return schemas.ComparisonAnswer(data=data, source=answers.source(*registers))


@get("/may", schemas.MayAnswer, _("Cet organisme peut-il former ou évaluer ce jour-là ?"))
def may(
    request: HttpRequest,
    siret: Annotated[Siret, asked(..., _("SIRET de l’organisme, avec ou sans espaces."))],
    number: Annotated[Word, asked(..., _("Numéro de la fiche."))],
    role: Annotated[Task, asked(..., _("train : former ; assess : organiser l’évaluation."))],
    on: Judged,
) -> schemas.MayAnswer:
    today = localdate()
    try:
        found = rights.may(siret, number, role=answers.ROLES[role], on=on or today, today=today)
    except rights.InvalidSiret as error:
        raise wrong_parameters([("siret", str(error))]) from error
    return schemas.MayAnswer(data=answers.may(found, role), source=answers.source_of(found.number))


@get("/changes", schemas.Changes, _("Lire ce que les imports ont changé"))
def list_changes(
    request: HttpRequest,
    since: Annotated[Day | None, asked(None, _("À partir de l’export de ce jour, AAAA-MM-JJ."))],
    after: Annotated[Whole, asked(0, _("Après ce changement : un cursor reçu avant."), ge=0, le=LARGEST)],
    register_: InRegister,
    kind: Annotated[ChangedObject | None, asked(None, _("Objet changé."))],
    key_only: Annotated[Flag, asked(False, _("Changements majeurs seulement."))],
    number: Annotated[Word, asked("", _("Numéro d’une fiche."))],
    limit: Limit,
) -> schemas.Changes:
    wanted = changes.ChangeFilter(since, register_ or "", kind or "", key_only, fiches.canonical(number) or number)
    return answers.changes(request, changes.changes_since(wanted, after=after, limit=limit), after)


@get("/freshness", schemas.FreshnessAnswer, _("Dire de quand datent les répertoires lus"))
def read_freshness(request: HttpRequest) -> schemas.FreshnessAnswer:
    found = changes.freshness()
    return schemas.FreshnessAnswer(data=[answers.freshness(row) for row in found], source=answers.merged(found))
