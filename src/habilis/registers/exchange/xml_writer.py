"""Writer of the XML V4.1 export, the mirror of `xml_reader`: what it writes reads back as the same records.

One element a line, in the order of the national export. A value that the record does not hold is left out, except the
long texts that every published fiche has. Characters that XML cannot hold are dropped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import BinaryIO
from xml.sax.saxutils import escape

from habilis.registers.exchange.xml_reader import (
    BLOCK_TAGS,
    BOOLEAN_TAGS,
    CCN_TAGS,
    CODE_LIST_TAGS,
    DATE_TAGS,
    KINDS,
    LEGAL_TEXT_TAGS,
    LINEAGE_TAGS,
    NUMBER_TAGS,
    ROLES,
    ROUTE_TAGS,
    STATES,
    STRING_TAGS,
    TEXT_TAGS,
)
from habilis.registers.records import Fiche, Row

ORDER = (
    "ID_FICHE",
    "NUMERO_FICHE",
    "NOUVELLES_CERTIFICATIONS",
    "ANCIENNES_CERTIFICATIONS",
    "INTITULE",
    "ABREGE",
    "ETAT_FICHE",
    "FORMACODES",
    "NOMENCLATURE_EUROPE",
    "CODES_NSF",
    "CERTIFICATEURS",
    "EXISTENCE_PARTENAIRES",
    "PARTENAIRES",
    "ACTIVITES_VISEES",
    "CAPACITES_ATTESTEES",
    "SECTEURS_ACTIVITE",
    "TYPE_EMPLOI_ACCESSIBLES",
    "CODES_ROME",
    "CODES_IDCC",
    "CCN_1",
    "CCN_2",
    "CCN_3",
    "REGLEMENTATIONS_ACTIVITES",
    "SI_JURY_FI",
    "SI_JURY_CA",
    "SI_JURY_FC",
    "SI_JURY_CQ",
    "SI_JURY_CL",
    "SI_JURY_VAE",
    "ACCESSIBLE_NOUVELLE_CALEDONIE",
    "ACCESSIBLE_POLYNESIE_FRANCAISE",
    "PUBLICATION_DECRET_GENERAL",
    "PUBLICATION_DECRET_CREATION",
    "PUBLICATION_DECRET_AUTRE",
    "DATE_DERNIER_JO",
    "DATE_DECISION",
    "DUREE_ENREGISTREMENT",
    "STATISTIQUES_PROMOTIONS",
    "LIEN_URL_DESCRIPTION",
    "DATE_FIN_ENREGISTREMENT",
    "DATE_EFFET",
    "ANNEES_PROMOTIONS_NIVEAU",
    "TYPE_ENREGISTREMENT",
    "BLOCS_COMPETENCES",
    "OBJECTIFS_CONTEXTE",
    "NIVEAU_MAITRISE_COMPETENCES",
    "DUREE_VALIDITE",
    "MODALITES_RENOUVELLEMENT",
    "VALIDATION_PARTIELLE",
    "VALIDATION_PARTIELLE_PERIMETRE",
    "ACTIF",
    "PREREQUIS_ENTREE_FORMATION",
    "DATE_DE_PUBLICATION",
    "PREREQUIS_VALIDATION_CERTIFICATION",
    "DATE_LIMITE_DELIVRANCE",
    "CORRESPONDANCES",
)
ALWAYS = {"CAPACITES_ATTESTEES", "OBJECTIFS_CONTEXTE", "LISTE_COMPETENCES", "MODALITES_EVALUATION", "TITRE"}
ILLEGAL = bytes(set(range(32)) - {9, 10})
NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF
YES_NO = {True: "Oui", False: "Non"}
STATE_LABELS = {value: label for label, value in STATES.items()}
ROLE_LABELS = {value: label for label, value in ROLES.items()}
KIND_LABELS = {value: label for label, value in KINDS.items()}


@lru_cache(maxsize=20_000)
def day(value: date | None) -> str:
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}" if value else ""


def write_xml(fiches: Iterable[Fiche], out: BinaryIO) -> int:
    """Write complete records as one document, each as it comes; returns how many. A document without any is not valid."""
    out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<FICHES>\n<VERSION_FLUX>4.1</VERSION_FLUX>\n')
    count = 0
    for fiche in fiches:
        out.write(encoded(fiche_xml(fiche)))
        count += 1
    out.write(b"</FICHES>\n")
    return count


def encoded(text: str) -> bytes:
    """UTF-8 without what XML 1.0 forbids; deleting bytes is much faster than searching the text."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = text.encode("utf-8", "ignore").translate(None, ILLEGAL)
    for sign in NONCHARACTERS:
        raw = raw.replace(sign, b"")
    return raw


def fiche_xml(fiche: Fiche) -> str:
    return f"<FICHE>\n{''.join([write(fiche) for write in WRITERS])}</FICHE>\n"


# Elements of any kind


def leaf(tag: str, value: str) -> str:
    return f"<{tag}>{escape(value)}</{tag}>\n" if value else ""


def full(tag: str, value: str) -> str:
    """An element that its parent always has, even empty."""
    return f"<{tag}>{escape(value)}</{tag}>\n"


def pair(code_tag: str, code: str, label: str) -> str:
    return full(code_tag, code) + full("LIBELLE", label) if code or label else ""


def prose(tag: str, text: str) -> str:
    """A long text as CDATA; the end mark of CDATA inside the text is cut in two."""
    if not text:
        return f"<{tag}></{tag}>\n" if tag in ALWAYS else ""
    if "]" in text and ">" in text:
        # What `encoded` deletes goes first: a character deleted later could bring an end mark together.
        text = encoded(text).decode().replace("]]>", "]]]]><![CDATA[>")
    return f"<{tag}><![CDATA[{text}]]></{tag}>\n"


def group(tag: str, content: str) -> str:
    return f"<{tag}>\n{content}</{tag}>\n" if content else ""


def item(tag: str, content: str) -> str:
    """A row of a list: there even when empty."""
    return f"<{tag}>\n{content}</{tag}>\n"


def rate(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def integer(value: int | None) -> str:
    return "" if value is None else str(value)


# Elements of a fiche


def write_number(fiche: Fiche) -> str:
    return leaf("NUMERO_FICHE", fiche.number)


def write_lineage(tag: str, fiche: Fiche) -> str:
    direction, leaf_tag = LINEAGE_TAGS[tag]
    row_tag = leaf_tag.removeprefix("ID_FICHE_")
    rows = [row for row in fiche.lists.get("lineage", ()) if row[0] == direction]
    return group(tag, "".join([item(row_tag, leaf(leaf_tag, row[1])) for row in rows]))


def write_abbreviation(fiche: Fiche) -> str:
    fields = fiche.fields
    return group("ABREGE", pair("CODE", fields.get("abbreviation", ""), fields.get("abbreviation_label", "")))


def write_level(fiche: Fiche) -> str:
    fields = fiche.fields
    return group("NOMENCLATURE_EUROPE", pair("NIVEAU", fields.get("level_code", ""), fields.get("level_label", "")))


def write_codes(tag: str, fiche: Fiche) -> str:
    system = CODE_LIST_TAGS[tag]
    rows = [row for row in fiche.lists.get("codes", ()) if row[0] == system]
    return group(tag, "".join([item(system, full("CODE", row[1]) + full("LIBELLE", row[2])) for row in rows]))


def write_ccn(tag: str, fiche: Fiche) -> str:
    slot = CCN_TAGS[tag]
    rows = [row for row in fiche.lists.get("codes", ()) if row[0] == "CCN" and row[3] == slot]
    return "".join([group(tag, pair("NUMERO", row[1], row[2])) for row in rows])


def write_certifiers(fiche: Fiche) -> str:
    return group("CERTIFICATEURS", "".join(map(certifier_xml, fiche.certifiers or ())))


def certifier_xml(row: Row) -> str:
    siret, name, state, changed_on, commercial_name, website = row
    values = (
        leaf("SIRET_CERTIFICATEUR", siret),
        full("NOM_CERTIFICATEUR", name),
        leaf("ETAT_CERTIFICATEUR", STATE_LABELS.get(state, "")),
        leaf("DATE_DERNIERE_MODIFICATION_ETAT", day(changed_on)),
        leaf("NOM_COMMERCIAL", commercial_name),
        leaf("SITE_INTERNET", website),
    )
    return item("CERTIFICATEUR", "".join(values))


def write_partners(fiche: Fiche) -> str:
    return group("PARTENAIRES", "".join(map(partner_xml, fiche.habilitations or ())))


def partner_xml(row: Row) -> str:
    """Most of the elements of the national file: kept flat."""
    siret, name, role, state, active_since, changed_on = row
    number = f"<SIRET_PARTENAIRE>{escape(siret)}</SIRET_PARTENAIRE>\n" if siret else ""
    state = f"<ETAT_HABILITATION>{STATE_LABELS[state]}</ETAT_HABILITATION>\n" if state else ""
    since = f"<DATE_ACTIF>{day(active_since)}</DATE_ACTIF>\n" if active_since else ""
    changed = (
        f"<DATE_DERNIERE_MODIFICATION_ETAT>{day(changed_on)}</DATE_DERNIERE_MODIFICATION_ETAT>\n" if changed_on else ""
    )
    return (
        f"<PARTENAIRE>\n<NOM_PARTENAIRE>{escape(name)}</NOM_PARTENAIRE>\n{number}"
        f"{leaf('HABILITATION_PARTENAIRE', ROLE_LABELS.get(role, ''))}{state}{since}{changed}</PARTENAIRE>\n"
    )


def write_route(tag: str, fiche: Fiche) -> str:
    route = ROUTE_TAGS[tag]
    for row in fiche.lists.get("routes", ()):
        if row[0] == route:
            values = (
                leaf("DATE_DERNIERE_MODIFICATION", day(row[3])),
                leaf("ACTIF", YES_NO.get(row[1], "")),
                prose("COMPOSITION", row[2]),
            )
            return item(tag, "".join(values))
    return ""


def write_legal_texts(tag: str, fiche: Fiche) -> str:
    kind = LEGAL_TEXT_TAGS[tag]
    rows = [row for row in fiche.lists.get("legal_texts", ()) if row[0] == kind]
    texts = [prose("TITRE", row[1]) + leaf("DATE_PUBLICATION_JO", day(row[2])) for row in rows]
    return group(tag, "".join([item("PUBLICATION_JO", text) for text in texts]))


def write_statistics(fiche: Fiche) -> str:
    return group("STATISTIQUES_PROMOTIONS", "".join(map(statistics_xml, fiche.lists.get("statistics", ()))))


def statistics_xml(row: Row) -> str:
    year, certified, certified_by_vae, global_rate, target_job_rate = row
    values = (
        leaf("ANNEE", integer(year)),
        leaf("NOMBRE_CERTIFIES", integer(certified)),
        leaf("NOMBRE_CERTIFIES_VAE", integer(certified_by_vae)),
        leaf("TAUX_INSERTION_GLOBAL_6MOIS", rate(global_rate)),
        leaf("TAUX_INSERTION_METIER_2ANS", rate(target_job_rate)),
    )
    return item("STATISTIQUES_PROMOTION", "".join(values))


def write_promotion_years(fiche: Fiche) -> str:
    years = fiche.fields.get("promotion_years", "").split()
    return group("ANNEES_PROMOTIONS_NIVEAU", "".join([leaf("ANNEE", year) for year in years]))


def write_kind(fiche: Fiche) -> str:
    return leaf("TYPE_ENREGISTREMENT", KIND_LABELS.get(fiche.fields.get("kind", ""), ""))


def write_blocks(fiche: Fiche) -> str:
    return group("BLOCS_COMPETENCES", "".join(map(block_xml, fiche.lists.get("blocks", ()))))


def block_xml(row: Row) -> str:
    code, title, *texts = row
    tags = list(BLOCK_TAGS)[2:]
    values = [prose(tag, text) for tag, text in zip(tags, texts, strict=True)]
    return item("BLOC_COMPETENCES", full("CODE", code) + full("LIBELLE", title) + "".join(values))


def write_correspondences(fiche: Fiche) -> str:
    return group("CORRESPONDANCES", "".join(map(correspondence_xml, fiche.lists.get("correspondences", ()))))


def correspondence_xml(row: Row) -> str:
    source_codes, number, target_codes = row
    source = group("SOURCE", block_codes(source_codes))
    target = item("DESTINATION", leaf("NUMERO_FICHE", number) + block_codes(target_codes))
    return item("CORRESPONDANCE", source + target)


def block_codes(codes: str) -> str:
    return "".join([item("BLOC_COMPETENCES", leaf("CODE", code)) for code in codes.split()])


def write_text(tag: str, fiche: Fiche) -> str:
    return prose(tag, fiche.texts.get(TEXT_TAGS[tag], ""))


def write_string(tag: str, fiche: Fiche) -> str:
    return leaf(tag, fiche.fields.get(STRING_TAGS[tag], ""))


def write_date(tag: str, fiche: Fiche) -> str:
    value: date | None = fiche.fields.get(DATE_TAGS[tag])
    return leaf(tag, day(value))


def write_boolean(tag: str, fiche: Fiche) -> str:
    return leaf(tag, YES_NO.get(fiche.fields.get(BOOLEAN_TAGS[tag]), ""))  # type: ignore[arg-type]


def write_integer(tag: str, fiche: Fiche) -> str:
    return leaf(tag, integer(fiche.fields.get(NUMBER_TAGS[tag])))


Writer = Callable[[Fiche], str]
BY_TAG: Mapping[str, Writer] = {
    "NUMERO_FICHE": write_number,
    "ABREGE": write_abbreviation,
    "NOMENCLATURE_EUROPE": write_level,
    "CERTIFICATEURS": write_certifiers,
    "PARTENAIRES": write_partners,
    "STATISTIQUES_PROMOTIONS": write_statistics,
    "ANNEES_PROMOTIONS_NIVEAU": write_promotion_years,
    "TYPE_ENREGISTREMENT": write_kind,
    "BLOCS_COMPETENCES": write_blocks,
    "CORRESPONDANCES": write_correspondences,
}
BY_TABLE: Sequence[tuple[Iterable[str], Callable[[str, Fiche], str]]] = (
    (LINEAGE_TAGS, write_lineage),
    (CODE_LIST_TAGS, write_codes),
    (CCN_TAGS, write_ccn),
    (ROUTE_TAGS, write_route),
    (LEGAL_TEXT_TAGS, write_legal_texts),
    (TEXT_TAGS, write_text),
    (STRING_TAGS, write_string),
    (DATE_TAGS, write_date),
    (BOOLEAN_TAGS, write_boolean),
    (NUMBER_TAGS, write_integer),
)
BY_NAME: dict[str, Writer] = {
    **{tag: partial(write, tag) for table, write in BY_TABLE for tag in table},
    **BY_TAG,
}
WRITERS = tuple(BY_NAME[tag] for tag in ORDER)
