"""How the registers are shown: texts as published, states, changes."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from django import template
from django.template import RequestContext
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from habilis.common.diff import Piece, words
from habilis.registers.enums import AccessRoute, ChangeKind, CodeSystem, HabilitationRole, LinkState, RegistrationKind
from habilis.registers.models import Certification, CertificationVersion, Change
from habilis.registers.queries.fiches import status
from habilis.registers.queries.search import highlight
from habilis.registers.queries.understanding import Question

register = template.Library()

BULLET = re.compile(r"\s*(?:[-–—•*·▪➢✓]|&bull;)\s*(?=\S)")
INLINE = re.compile(r"\s(?=[•*▪➢✓]\s)")
LONG = 900  # characters: a longer text is folded
PREVIEW = 320
HUGE = 24_000
SHARED = 160  # characters of an unchanged passage kept around a change

FIELDS: dict[str, Any] = {
    "title": _("Intitulé"),
    "level": _("Niveau"),
    "is_active": _("Fiche active"),
    "kind": _("Type d’enregistrement"),
    "decision_date": _("Date de décision"),
    "duration_years": _("Durée d’enregistrement (années)"),
    "end_date": _("Fin d’enregistrement"),
    "effect_date": _("Date d’effet"),
    "last_issue_date": _("Date limite de délivrance"),
    "has_partners": _("Existence de partenaires"),
    "partial_validation": _("Validation partielle"),
    "fiche_id": _("Identifiant technique"),
    "abbreviation": _("Abrégé"),
    "abbreviation_label": _("Libellé de l’abrégé"),
    "editorial_state": _("État de la fiche"),
    "level_code": _("Code du niveau"),
    "level_label": _("Libellé du niveau"),
    "in_new_caledonia": _("Accessible en Nouvelle-Calédonie"),
    "in_french_polynesia": _("Accessible en Polynésie française"),
    "last_official_journal_date": _("Dernier Journal officiel"),
    "publication_date": _("Date de publication"),
    "promotion_years": _("Années des promotions au niveau"),
    "url": _("Lien vers la description"),
    "activities": _("Activités visées"),
    "capacities": _("Compétences attestées"),
    "sectors": _("Secteurs d’activité"),
    "jobs": _("Types d’emplois accessibles"),
    "regulations": _("Réglementation des activités"),
    "objectives": _("Objectifs et contexte"),
    "mastery_levels": _("Niveaux de maîtrise des compétences"),
    "validity": _("Durée de validité"),
    "renewal": _("Modalités de renouvellement"),
    "partial_validation_scope": _("Périmètre de la validation partielle"),
    "entry_prerequisites": _("Prérequis à l’entrée en formation"),
    "validation_prerequisites": _("Prérequis à la validation"),
    "blocks": _("Blocs de compétences"),
    "blocks_order": _("Ordre des blocs"),
    "routes": _("Voies d’accès"),
    "codes": _("Codes"),
    "legal_texts": _("Textes réglementaires"),
    "statistics": _("Statistiques de promotion"),
    "correspondences": _("Correspondances"),
    "lineage": _("Filiation"),
    "code": _("Code"),
    "skills": _("Compétences"),
    "assessment": _("Modalités d’évaluation"),
    "name": _("Nom"),
    "role": _("Rôle"),
    "state": _("État"),
    "state_changed_on": _("Dernière modification de l’état"),
    "active_since": _("Active depuis le"),
    "commercial_name": _("Nom commercial"),
    "website": _("Site internet"),
    "start_date": _("Début d’enregistrement"),
}
PARTS: dict[str, Any] = {"block": _("Bloc"), "habilitation": _("Partenaire"), "certifier": _("Certificateur")}
# Stored values that stand for a label, per field of a change.
VALUES: dict[str, Any] = {"kind": RegistrationKind, "role": HabilitationRole, "state": LinkState}
BOOLEANS = {"Oui": _("Oui"), "Non": _("Non")}
UNCOMPARED = frozenset(("fiche_id", "title", "level", "level_code", "editorial_state", "url", "promotion_years"))


@register.filter
def siret(number: str | None) -> str:
    """14 digits as people read them: 999 000 037 00013, with no-break spaces."""
    number = number or ""
    if len(number) != 14:
        return number
    return "\xa0".join((number[:3], number[3:6], number[6:9], number[9:]))


@register.filter
def web(address: str) -> str:
    """The address if it leads to a page, nothing otherwise: sources also hold `www.…` and free text."""
    address = address.strip()
    if re.match(r"https?://[^\s/]", address, re.IGNORECASE):
        return address
    return f"https://{address}" if re.fullmatch(r"www\.\S+\.\S+", address, re.IGNORECASE) else ""


@register.filter
def prose(text: str) -> SafeString:
    """A published text in paragraphs and lists: its line breaks and hyphens are its only layout."""
    parts: list[SafeString] = []
    for kind, lines in groupby(_lines(text), key=lambda line: line[0]):
        rows = [(line,) for _, line in lines]
        if kind == "item":
            parts.append(format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", rows)))
        elif kind == "text":
            parts.append(format_html("<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", rows)))
    return format_html_join("", "{}", ((part,) for part in parts))


def _cut(text: str) -> Iterator[str]:
    """Lines, those that hold a list ("a * b * c") cut at its bullets."""
    for line in text.splitlines():
        found = INLINE.split(line)
        yield from found if len(found) > 2 else [line]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in _cut(text):
        if bullet := BULLET.match(line):
            yield "item", line[bullet.end() :].strip()
        elif line.strip():
            yield "text", line.strip()
        else:
            yield "blank", ""


@register.inclusion_tag("registers/parts/long_text.html")
def long_text(title: str, text: str, level: int = 3) -> dict[str, Any]:
    """A titled text, folded after a few lines when it is long; nothing when it is empty."""
    preview = ""
    if len(text) > LONG:
        preview = " ".join(text[: PREVIEW + 200].split())[:PREVIEW].rsplit(" ", 1)[0] + "…"
    return {"title": title, "text": text, "level": level, "preview": preview}


@register.inclusion_tag("components/badge.html")
def fiche_badge(certification: Certification, version: CertificationVersion, day: date) -> dict[str, Any]:
    found = status(certification, version, day)
    return {"label": found.label, "tone": found.tone, "icon": found.icon}


@register.filter
def field_label(change: Change) -> Any:
    return FIELDS.get(change.field, change.field)


@register.filter
def name_label(name: str) -> Any:
    """The name of a field as people read it."""
    return FIELDS.get(name, name)


@register.filter
def system_label(system: str) -> Any:
    return CodeSystem(system).label


@register.filter
def route_label(route: str) -> Any:
    return AccessRoute(route).label


@register.filter
def is_compared(name: str) -> bool:
    """Technical fields, and those that another one says better, are of no interest side by side."""
    return name not in UNCOMPARED


@register.filter
def is_given(value: object) -> bool:
    return value not in (None, "")


@register.filter
def cell_label(value: Any, name: str) -> Any:
    """A stored value as people read it: dates, yes or no, labels of closed lists."""
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return BOOLEANS["Oui" if value else "Non"]
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return value_label(value, name) if isinstance(value, str) else value


@register.filter
def is_short(change: Change) -> bool:
    """Both values fit on a line: they are shown whole, without word marks."""
    return "\n" not in change.before + change.after and max(len(change.before), len(change.after)) <= 60


@register.filter
def is_huge(change: Change) -> bool:
    """Marking its words would slow a page of many changes (45 ms for two texts of 10,000 words)."""
    return len(change.before) + len(change.after) > HUGE


@register.filter
def value_label(value: str, field: str) -> Any:
    """A value of a change as people read it."""
    if not value:
        return "–"
    if field in VALUES and value in VALUES[field].values:
        return VALUES[field](value).label
    return BOOLEANS.get(value, value)


@register.filter
def change_title(change: Change) -> Any:
    """What happened to what, in a few words; a field change is named by its field."""
    titles = {
        (ChangeKind.FICHE, "added"): _("Fiche ajoutée"),
        (ChangeKind.FICHE, "removed"): _("Fiche retirée"),
        (ChangeKind.BLOCK, "added"): _("Bloc ajouté"),
        (ChangeKind.BLOCK, "removed"): _("Bloc retiré"),
        (ChangeKind.HABILITATION, "added"): _("Partenaire ajouté"),
        (ChangeKind.HABILITATION, "removed"): _("Partenaire retiré"),
        (ChangeKind.CERTIFIER, "added"): _("Certificateur ajouté"),
        (ChangeKind.CERTIFIER, "removed"): _("Certificateur retiré"),
    }
    if told := titles.get((ChangeKind(change.kind), change.verb)):
        return told
    if change.kind == ChangeKind.FICHE:
        return field_label(change)
    parts = {"kind": PARTS[change.kind], "field": field_label(change)}
    return format_lazy("{kind} – {field}", **parts)


@register.simple_tag
def marked_words(before: str, after: str, whole: bool = False) -> SafeString:
    """Both texts in one, deletions and insertions marked; long unchanged passages are cut unless `whole`."""
    pieces = words(before, after)
    last = len(pieces) - 1
    return format_html_join(
        "",
        "{}",
        ((_piece(piece, whole=whole, first=place == 0, last=place == last),) for place, piece in enumerate(pieces)),
    )


def _piece(piece: Piece, *, whole: bool, first: bool, last: bool) -> SafeString:
    op, text = piece
    if op == "insert":
        return format_html("<ins>{}</ins>", text)
    if op == "delete":
        return format_html("<del>{}</del>", text)
    if whole or len(text) <= 2 * SHARED:
        return conditional_escape(text)
    head = "" if first else text[:SHARED].rsplit(" ", 1)[0]
    tail = "" if last else text[-SHARED:].split(" ", 1)[-1]
    return conditional_escape(f"{head} […] {tail}")


@register.simple_tag(takes_context=True)
def narrowed(context: RequestContext, name: str, value: str | int = "") -> str:
    """The query of the page with one parameter set, or removed when empty, back to its first page."""
    query = context.request.GET.copy()
    query.pop("page", None)
    query.pop(name, None)
    if value:
        query[name] = str(value)
    return query.urlencode()


@register.simple_tag
def marked(text: str, question: Question) -> SafeString:
    """The text with what answers the question marked."""
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if hit else part,) for hit, part in highlight(text, question))
    )
