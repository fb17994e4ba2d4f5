"""Files of the CSV package and their columns: one table for the reader and the writer.

A table maps each column, in the order of the file, to a cell: `number` is the fiche, an empty name is not read.
"""

from dataclasses import dataclass

from habilis.common.exports import UNPRINTABLE, safe_text


@dataclass(frozen=True, slots=True)
class Table:
    kind: str
    name: str  # in the file name, between `export_fiches_CSV_` and the date
    columns: dict[str, str]

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(cell for cell in self.columns.values() if cell not in ("", "number"))


PACKAGE = (
    Table(
        "standard",
        "Standard",
        {
            "Id_Fiche": "fiche_id",
            "Numero_Fiche": "number",
            "Intitule": "title",
            "Abrege_Libelle": "abbreviation",  # the code, whatever the name of the column
            "Abrege_Intitule": "abbreviation_label",
            "Nomenclature_Europe_Niveau": "level_code",
            "Nomenclature_Europe_Intitule": "level_label",
            "Accessible_Nouvelle_Caledonie": "in_new_caledonia",
            "Accessible_Polynesie_Francaise": "in_french_polynesia",
            "Date_dernier_jo": "last_official_journal_date",
            "Date_Decision": "decision_date",
            "Date_Fin_Enregistrement": "end_date",
            "Date_Effet": "effect_date",
            "Type_Enregistrement": "kind",
            "Validation_Partielle": "partial_validation",
            "Actif": "is_active",
        },
    ),
    Table(
        "certifiers",
        "Certificateurs",
        {"Numero_Fiche": "number", "Siret_Certificateur": "siret", "Nom_Certificateur": "name"},
    ),
    Table(
        "partners",
        "Partenaires",
        {
            "Numero_Fiche": "number",
            "Nom_Partenaire": "name",
            "Siret_Partenaire": "siret",
            "Habilitation_Partenaire": "role",
        },
    ),
    Table(
        "blocks",
        "Blocs_De_Compétences",
        {"Numero_Fiche": "number", "Bloc_Competences_Code": "code", "Bloc_Competences_Libelle": "title"},
    ),
    Table("formacode", "Formacode", {"Numero_Fiche": "number", "Formacode_Code": "code", "Formacode_Libelle": "label"}),
    Table("nsf", "Nsf", {"Numero_Fiche": "number", "Nsf_Code": "code", "Nsf_Intitule": "label"}),
    Table("rome", "Rome", {"Numero_Fiche": "number", "Codes_Rome_Code": "code", "Codes_Rome_Libelle": "label"}),
    Table(
        "ccn",
        "CCN",
        {
            "Numero_Fiche": "number",
            "Ccn_1_Numero": "code_1",
            "Ccn_1_Libelle": "label_1",
            "Ccn_2_Numero": "code_2",
            "Ccn_2_Libelle": "label_2",
            "Ccn_3_Numero": "code_3",
            "Ccn_3_Libelle": "label_3",
        },
    ),
    Table("routes", "VoixdAccès", {"Numero_Fiche": "number", "Si_Jury": "route"}),
    Table(
        "lineage",
        "Ancienne_Nouvelle_Certification",
        {"Numero_Fiche": "number", "Ancienne_Certification": "old", "Nouvelle_Certification": "new"},
    ),
)
# The RNCP of early 2021 as it was re-cut then: other names, the same notions.
RNCP_2021 = (
    Table(
        "standard_2021",
        "rncp_info",
        {
            "CodeRNCP": "number",
            "intituleDiplome": "title",
            "date_fin_validite_enregistrement": "end_date",
            "ActiveInactive": "is_active",
            "EtatFiche": "editorial_state",
            "NiveauEurope": "level_code",
            "CodeTypeCertif": "abbreviation",
            "TypeCertif": "abbreviation_label",
            "AncienneFiche": "old",
            "NouvelleFiche": "new",
            "TypeEnregistrement": "kind",
        },
    ),
    Table(
        "certifiers",
        "rncp_certificateurs",
        {"CodeRNCP": "number", "Certificateur": "name", "siret_organisme": "siret"},
    ),
    Table("blocks", "rncp_blocs_competences", {"CodeRNCP": "number", "numero_bloc": "code", "intitule": "title"}),
    Table("nsf", "rncp_nsf", {"CodeRNCP": "number", "code": "code", "Libelle": "label"}),
    Table("rome", "rncp_rome", {"CodeRNCP": "number", "EtatFiche": "", "Rome": "code", "libelle": "label"}),
    Table("routes", "rncp_voix_acces", {"CodeRNCP": "number", "code_libelle": "", "intitule": "route"}),
)
TABLES = PACKAGE + RNCP_2021
# Order in which the rows of one fiche are read, whatever the order of the files.
KINDS = tuple(dict.fromkeys(table.kind for table in TABLES))
CELLS = {table.kind: table.cells for table in reversed(TABLES)}

ACTIVITY = {"ACTIVE": True, "INACTIVE": False, "": None}
SYSTEMS = {"formacode": "FORMACODE", "nsf": "NSF", "rome": "ROME", "ccn": "CCN"}
# Apostrophes are compared as straight ones: both kinds are met.
ROUTE_LABELS = {
    "FI": "Après un parcours de formation sous statut d’élève ou d’étudiant",
    "CA": "En contrat d’apprentissage",
    "FC": "Après un parcours de formation continue",
    "CQ": "En contrat de professionnalisation",
    "CL": "Par candidature individuelle",
    "VAE": "Par expérience",
}


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute the cell, were its leading apostrophes gone."""
    bare = cell.lstrip("'")
    return safe_text(bare) != bare


def guarded(text: str) -> str:
    """The cell of a text: without control characters, harmless in a spreadsheet, and undone by `unguarded`."""
    text = UNPRINTABLE.sub("", text)
    return f"'{text}" if is_formula(text) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and is_formula(cell) else cell
