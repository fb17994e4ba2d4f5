"""Reader of the XML V4.1 export: one `<FICHE>` element to one record.

No Django here: worker processes import this module alone. Elements are read by name, never by position, because the
place of several of them is not known; unknown elements are ignored. The tag tables serve the writer too.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from xml.etree.ElementTree import Element

from habilis.registers.records import LISTS, NUMBER, Fiche, Rejected, Row, labelled
from habilis.registers.records import Sentence as _

STATES = {"Actif": "active", "Inactif": "inactive", "Supprimé": "removed"}
ROLES = {"HABILITATION_FORMER": "prepare", "HABILITATION_ORGANISER": "assess", "HABILITATION_ORGA_FORM": "both"}
KINDS = {"Enregistrement de droit": "as_of_right", "Enregistrement sur demande": "on_request"}
BOOLEANS = {"Oui": True, "Non": False, "": None}
LEVELS = {f"NIV{level}": level for level in range(1, 9)}

TEXT_TAGS = {
    "ACTIVITES_VISEES": "activities",
    "CAPACITES_ATTESTEES": "capacities",
    "SECTEURS_ACTIVITE": "sectors",
    "TYPE_EMPLOI_ACCESSIBLES": "jobs",
    "REGLEMENTATIONS_ACTIVITES": "regulations",
    "OBJECTIFS_CONTEXTE": "objectives",
    "NIVEAU_MAITRISE_COMPETENCES": "mastery_levels",
    "DUREE_VALIDITE": "validity",
    "MODALITES_RENOUVELLEMENT": "renewal",
    "VALIDATION_PARTIELLE_PERIMETRE": "partial_validation_scope",
    "PREREQUIS_ENTREE_FORMATION": "entry_prerequisites",
    "PREREQUIS_VALIDATION_CERTIFICATION": "validation_prerequisites",
}
STRING_TAGS = {"INTITULE": "title", "ETAT_FICHE": "editorial_state", "LIEN_URL_DESCRIPTION": "url"}
DATE_TAGS = {
    "DATE_DERNIER_JO": "last_official_journal_date",
    "DATE_DECISION": "decision_date",
    "DATE_FIN_ENREGISTREMENT": "end_date",
    "DATE_EFFET": "effect_date",
    "DATE_DE_PUBLICATION": "publication_date",
    "DATE_LIMITE_DELIVRANCE": "last_issue_date",
}
BOOLEAN_TAGS = {
    "EXISTENCE_PARTENAIRES": "has_partners",
    "ACCESSIBLE_NOUVELLE_CALEDONIE": "in_new_caledonia",
    "ACCESSIBLE_POLYNESIE_FRANCAISE": "in_french_polynesia",
    "VALIDATION_PARTIELLE": "partial_validation",
    "ACTIF": "is_active",
}
NUMBER_TAGS = {"ID_FICHE": "fiche_id", "DUREE_ENREGISTREMENT": "duration_years"}
CODE_LIST_TAGS = {"FORMACODES": "FORMACODE", "CODES_NSF": "NSF", "CODES_ROME": "ROME", "CODES_IDCC": "IDCC"}
CCN_TAGS = {"CCN_1": 1, "CCN_2": 2, "CCN_3": 3}
ROUTE_TAGS = {f"SI_JURY_{route}": route for route in ("FI", "CA", "FC", "CQ", "CL", "VAE")}
LEGAL_TEXT_TAGS = {
    "PUBLICATION_DECRET_GENERAL": "general",
    "PUBLICATION_DECRET_CREATION": "creation",
    "PUBLICATION_DECRET_AUTRE": "other",
}
LINEAGE_TAGS = {
    "NOUVELLES_CERTIFICATIONS": ("replaced_by", "ID_FICHE_NOUVELLE_CERTIFICATION"),
    "ANCIENNES_CERTIFICATIONS": ("replaces", "ID_FICHE_ANCIENNE_CERTIFICATION"),
}
BLOCK_TAGS = {
    "CODE": "code",
    "LIBELLE": "title",
    "LISTE_COMPETENCES": "skills",
    "MODALITES_EVALUATION": "assessment",
    "PREREQUIS_ENTREE_FORMATION_BLOC": "entry_prerequisites",
    "PREREQUIS_VALIDATION_BLOC": "validation_prerequisites",
}
LIMITS = {"title": 1000, "editorial_state": 60, "url": 1000}


class Unreadable(ValueError):
    """A value that the format does not allow; the fiche is rejected with this message."""


@lru_cache(maxsize=20000)
def parse_date(text: str) -> date | None:
    """JJ/MM/AAAA to a date; raises `Unreadable`."""
    if not text:
        return None
    try:
        day, month, year = text.split("/")
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable(_("date illisible « %(text)s », attendu JJ/MM/AAAA", text=text[:20])) from None


def parse_number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unreadable(_("nombre illisible « %(text)s »", text=text[:20]))
    return int(text)


def parse_rate(text: str) -> Decimal | None:
    """A percent with two decimals; a decimal comma and a percent sign are tolerated."""
    if not text:
        return None
    try:
        rate = Decimal(text.replace(",", ".").rstrip("% ")).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Unreadable(_("taux illisible « %(text)s »", text=text[:20])) from None
    if not 0 <= rate < 10000:
        raise Unreadable(_("taux hors limites « %(text)s »", text=text[:20]))
    return rate


def parse_boolean(text: str) -> bool | None:
    try:
        return BOOLEANS[text]
    except KeyError:
        raise Unreadable(_("« %(text)s » au lieu de Oui ou Non", text=text[:20])) from None


def parse_choice(choices: dict[str, str], text: str) -> str:
    """The value of a closed list; raises `Unreadable` outside it, except for nothing at all."""
    if (value := choices.get(text)) is not None:
        return value
    if text:
        raise Unreadable(_("valeur inconnue « %(text)s »", text=text[:40]))
    return ""


def text_of(element: Element) -> str:
    """Text without surrounding blanks; the agency removes markup, what remains of it would be read as text."""
    text = "".join(element.itertext()) if len(element) else element.text
    return text.strip() if text else ""


def values_of(element: Element) -> dict[str, str]:
    """Short values by tag. Half the elements of a file pass here: no function call for each."""
    return {child.tag: text.strip() if (text := child.text) else "" for child in element}


def items_of(element: Element) -> list[dict[str, str]]:
    return [values_of(item) for item in element]


def clean_siret(text: str) -> str:
    """A SIRET without blanks. What is not 14 digits is dropped; a wrong key is kept, and flagged later."""
    digits = text if text.isdigit() else "".join(text.split())
    return digits if len(digits) == 14 and digits.isascii() and digits.isdigit() else ""


def read_codes(element: Element, fiche: Fiche) -> None:
    system = CODE_LIST_TAGS[element.tag]
    fiche.lists["codes"] += [
        (system, row.get("CODE", "")[:20], row.get("LIBELLE", "")[:300], position)
        for position, row in enumerate(items_of(element), 1)
    ]


def read_ccn(element: Element, fiche: Fiche) -> None:
    values = values_of(element)
    if values.get("NUMERO") or values.get("LIBELLE"):
        row = ("CCN", values.get("NUMERO", "")[:20], values.get("LIBELLE", "")[:300], CCN_TAGS[element.tag])
        fiche.lists["codes"].append(row)


def read_route(element: Element, fiche: Fiche) -> None:
    values = values_of(element)
    row = (
        ROUTE_TAGS[element.tag],
        parse_boolean(values.get("ACTIF", "")),
        values.get("COMPOSITION", ""),
        parse_date(values.get("DATE_DERNIERE_MODIFICATION", "")),
    )
    fiche.lists["routes"].append(row)


def read_legal_texts(element: Element, fiche: Fiche) -> None:
    kind = LEGAL_TEXT_TAGS[element.tag]
    fiche.lists["legal_texts"] += [
        (kind, values.get("TITRE", ""), parse_date(values.get("DATE_PUBLICATION_JO", "")))
        for values in items_of(element)
    ]


def read_statistics(element: Element, fiche: Fiche) -> None:
    fiche.lists["statistics"] += [
        (
            parse_number(values.get("ANNEE", "")) or 0,
            parse_number(values.get("NOMBRE_CERTIFIES", "")),
            parse_number(values.get("NOMBRE_CERTIFIES_VAE", "")),
            parse_rate(values.get("TAUX_INSERTION_GLOBAL_6MOIS", "")),
            parse_rate(values.get("TAUX_INSERTION_METIER_2ANS", "")),
        )
        for values in items_of(element)
    ]


def read_lineage(element: Element, fiche: Fiche) -> None:
    direction, tag = LINEAGE_TAGS[element.tag]
    fiche.lists["lineage"] += [(direction, values[tag][:16]) for values in items_of(element) if values.get(tag)]


def read_blocks(element: Element, fiche: Fiche) -> None:
    for item in element.iterfind("BLOC_COMPETENCES"):
        values = {BLOCK_TAGS.get(child.tag, ""): text_of(child) for child in item}
        fiche.lists["blocks"].append(tuple(values.get(name, "") for name in LISTS["blocks"]))


def read_correspondences(element: Element, fiche: Fiche) -> None:
    for item in element.iterfind("CORRESPONDANCE"):
        number = (item.findtext("DESTINATION/NUMERO_FICHE") or "").strip()
        # These elements bear the same name as the blocks of the fiche: only full paths tell them apart.
        sources = " ".join(text_of(code) for code in item.iterfind("SOURCE/BLOC_COMPETENCES/CODE"))
        targets = " ".join(text_of(code) for code in item.iterfind("DESTINATION/BLOC_COMPETENCES/CODE"))
        fiche.lists["correspondences"].append((sources[:400], number[:16], targets[:400]))


def read_certifiers(element: Element, fiche: Fiche) -> None:
    fiche.certifiers = [
        (
            clean_siret(values.get("SIRET_CERTIFICATEUR", "")),
            values.get("NOM_CERTIFICATEUR", "")[:300],
            parse_choice(STATES, values.get("ETAT_CERTIFICATEUR", "")),
            parse_date(values.get("DATE_DERNIERE_MODIFICATION_ETAT", "")),
            values.get("NOM_COMMERCIAL", "")[:300],
            values.get("SITE_INTERNET", "")[:500],
        )
        for values in items_of(element)
    ]


def read_partners(element: Element, fiche: Fiche) -> None:
    """The longest list of a fiche, and most of the elements of the national file: kept flat."""
    rows: list[Row] = []
    for item in element.iterfind("PARTENAIRE"):
        get = values_of(item).get
        row = (
            clean_siret(get("SIRET_PARTENAIRE", "")),
            get("NOM_PARTENAIRE", "")[:300],
            parse_choice(ROLES, get("HABILITATION_PARTENAIRE", "")),
            parse_choice(STATES, get("ETAT_HABILITATION", "")),
            parse_date(get("DATE_ACTIF", "")),
            parse_date(get("DATE_DERNIERE_MODIFICATION_ETAT", "")),
        )
        rows.append(row)
    fiche.habilitations = rows


def read_abbreviation(element: Element, fiche: Fiche) -> None:
    values = values_of(element)
    fiche.fields["abbreviation"] = values.get("CODE", "")[:60]
    fiche.fields["abbreviation_label"] = values.get("LIBELLE", "")[:300]


def read_level(element: Element, fiche: Fiche) -> None:
    values = values_of(element)
    code = values.get("NIVEAU", "")
    fiche.fields |= {"level_code": code[:10], "level": LEVELS.get(code), "level_label": values.get("LIBELLE", "")[:60]}


def read_promotion_years(element: Element, fiche: Fiche) -> None:
    fiche.fields["promotion_years"] = " ".join(text_of(item) for item in element)[:200]


def read_kind(element: Element, fiche: Fiche) -> None:
    fiche.fields["kind"] = parse_choice(KINDS, text_of(element))


Reader = Callable[[Element, Fiche], None]
READERS: dict[str, Reader] = {
    "ABREGE": read_abbreviation,
    "NOMENCLATURE_EUROPE": read_level,
    "ANNEES_PROMOTIONS_NIVEAU": read_promotion_years,
    "TYPE_ENREGISTREMENT": read_kind,
    "STATISTIQUES_PROMOTIONS": read_statistics,
    "BLOCS_COMPETENCES": read_blocks,
    "CORRESPONDANCES": read_correspondences,
    "CERTIFICATEURS": read_certifiers,
    "PARTENAIRES": read_partners,
    **dict.fromkeys(CODE_LIST_TAGS, read_codes),
    **dict.fromkeys(CCN_TAGS, read_ccn),
    **dict.fromkeys(ROUTE_TAGS, read_route),
    **dict.fromkeys(LEGAL_TEXT_TAGS, read_legal_texts),
    **dict.fromkeys(LINEAGE_TAGS, read_lineage),
}
EMPTY_FIELDS: dict[str, object] = {
    **dict.fromkeys(STRING_TAGS.values(), ""),
    **dict.fromkeys(DATE_TAGS.values()),
    **dict.fromkeys(BOOLEAN_TAGS.values()),
    **dict.fromkeys(NUMBER_TAGS.values()),
    **dict.fromkeys(("abbreviation", "abbreviation_label", "level_code", "level_label", "promotion_years", "kind"), ""),
    "level": None,
}
EMPTY_TEXTS = dict.fromkeys(TEXT_TAGS.values(), "")


def read_fiche(element: Element) -> Fiche | Rejected:
    """Read one `<FICHE>`. A fiche without a number or with an unreadable value is rejected, with the reason."""
    number = (element.findtext("NUMERO_FICHE") or "").strip()
    if not NUMBER.fullmatch(number):
        return Rejected(number[:40], _("numéro de fiche absent ou mal formé « %(text)s »", text=number[:40]))
    fiche = Fiche(
        number=number,
        fields=dict(EMPTY_FIELDS),
        texts=dict(EMPTY_TEXTS),
        lists={name: [] for name in LISTS},
        certifiers=[],
        habilitations=[],
    )
    for child in element:
        try:
            read_child(child, fiche)
        except Unreadable as problem:
            return Rejected(number, labelled(child.tag, problem))
    if not fiche.fields["title"]:
        return Rejected(number, _("INTITULE absent"))
    return fiche


def read_child(child: Element, fiche: Fiche) -> None:
    tag = child.tag
    if reader := READERS.get(tag):
        reader(child, fiche)
    elif name := TEXT_TAGS.get(tag):
        fiche.texts[name] = text_of(child)
    elif name := DATE_TAGS.get(tag):
        fiche.fields[name] = parse_date(text_of(child))
    elif name := BOOLEAN_TAGS.get(tag):
        fiche.fields[name] = parse_boolean(text_of(child))
    elif name := STRING_TAGS.get(tag):
        fiche.fields[name] = text_of(child)[: LIMITS[name]]
    elif name := NUMBER_TAGS.get(tag):
        fiche.fields[name] = parse_number(text_of(child))
