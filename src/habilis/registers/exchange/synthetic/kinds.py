"""Types of certifications: abbreviation, register, levels, who certifies, how common each is among the generic fiches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`titles` and `certifiers` choose a grammar. Weights are shares of the fiches of its register, whatever the unit.

    `partners` is the mean length of the list of partners on the active fiches that have one, `sharing` their share.
    """

    code: str  # abbreviation as published, empty where there is none
    label: str
    registration: str  # value of `RegistrationKind`
    levels: tuple[int | None, ...]
    titles: str  # trade | study | school | rs
    certifiers: str  # schools | work | health | sport | land | universities | school | company | branch
    active: float = 0.0
    inactive: float = 0.0
    partners: float = 0.0
    sharing: float = 0.0

    @property
    def of_right(self) -> bool:
        return self.registration == "as_of_right"


RIGHT, REQUEST = "as_of_right", "on_request"

KINDS: dict[str, Kind] = {
    "CAP": Kind("CAP", "Certificat d’aptitude professionnelle", RIGHT, (3,), "trade", "schools", 3.4, 2),
    "CAPA": Kind("CAPA", "Certificat d’aptitude professionnelle agricole", RIGHT, (3,), "trade", "land", 0.5, 0.3),
    "BEP": Kind("BEP", "Brevet d’études professionnelles", RIGHT, (3,), "trade", "schools", 0, 0.6),
    "BP": Kind("BP", "Brevet professionnel", RIGHT, (4,), "trade", "schools", 1.8, 0.9),
    "BP_REA": Kind("BPA", "Brevet professionnel agricole", RIGHT, (4,), "trade", "land", 0.4, 0.2),
    "BAC_PRO": Kind("BAC PRO", "Baccalauréat professionnel", RIGHT, (4,), "trade", "schools", 2.8, 1.4),
    "MC4": Kind("MC4", "Mention complémentaire", RIGHT, (4,), "trade", "schools", 0.6, 0.3),
    "BPJEPS": Kind(
        "BPJEPS", "Brevet professionnel de la jeunesse, de l’éducation populaire et du sport", RIGHT, (4,), "trade",
        "sport", 1.0, 0.9,
    ),
    "BTS": Kind("BTS", "Brevet de technicien supérieur", RIGHT, (5,), "study", "schools", 2.4, 1.2),
    "BTSA": Kind("BTSA", "Brevet de technicien supérieur agricole", RIGHT, (5,), "study", "land", 0.5, 0.3),
    "DUT": Kind("DUT", "Diplôme universitaire de technologie", RIGHT, (5,), "study", "universities", 0, 0.4),
    "BUT": Kind("BUT", "Bachelor universitaire de technologie", RIGHT, (6,), "study", "universities", 1.6, 0),
    "DCG": Kind("DCG", "Diplôme de comptabilité et de gestion", RIGHT, (6,), "study", "universities", 0, 0),
    "LICENCE": Kind("LICENCE", "Licence", RIGHT, (6,), "study", "universities", 1.6, 3.2),
    "LICENCE_PRO": Kind("Licence Professionnelle", "Licence professionnelle", RIGHT, (6,), "study", "universities", 8, 20),
    "MASTER": Kind("MASTER", "Master", RIGHT, (7,), "study", "universities", 13, 24),
    "INGENIEUR": Kind("Titre ingénieur", "Titre ingénieur", RIGHT, (7,), "study", "school", 8, 5),
    "DIPVIGRM": Kind("DipViGrM", "Diplôme visé grade de master", RIGHT, (7,), "school", "school", 2.6, 0.9),
    "DIPLOVIS": Kind("DIPLOVIS", "Diplôme visé", RIGHT, (6,), "school", "school", 2.2, 0.9),
    "DE": Kind("DE", "Diplôme d’État", RIGHT, (3, 4, 5, 6), "trade", "health", 0.8, 0.3),
    "TP": Kind("TP", "Titre professionnel", RIGHT, (3, 3, 4, 5, 5, 6), "trade", "work", 6, 3.4, 230, 1.0),
    "CTM": Kind("CTM", "Certificat technique des métiers", REQUEST, (3,), "trade", "branch", 0.5, 0.3, 40, 0.5),
    "CQP": Kind(
        "CQP", "Certificat de qualification professionnelle", REQUEST, (3, 4, 5, 6), "trade", "branch", 4.5, 3.2, 50, 0.6,
    ),
    "CQPM": Kind(
        "CQPM", "Certificat de qualification paritaire de la métallurgie", REQUEST, (3, 4, None), "trade", "branch", 1.2,
        1.0, 70, 0.7,
    ),
    "TITRE": Kind(
        "", "", REQUEST, (3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7), "trade", "company", 36, 29, 84, 0.66,
    ),
    "DOCTORAT": Kind("DOCTORAT", "Doctorat", RIGHT, (8,), "study", "universities"),
    # RS
    "LANGUAGE": Kind("", "", REQUEST, (None,), "rs", "company", 14, 8, 190, 0.8),
    "SAFETY": Kind("", "", REQUEST, (None,), "rs", "branch", 18, 20, 120, 0.65),
    "MACHINE": Kind("", "", REQUEST, (None,), "rs", "branch", 10, 12, 120, 0.65),
    "HYGIENE": Kind("", "", REQUEST, (None,), "rs", "company", 4, 4, 150, 0.6),
    "DIGITAL": Kind("", "", REQUEST, (None,), "rs", "company", 22, 22, 120, 0.7),
    "SKILL": Kind("", "", REQUEST, (None,), "rs", "company", 32, 34, 85, 0.65),
}  # fmt: skip
RS_KINDS = ("LANGUAGE", "SAFETY", "MACHINE", "HYGIENE", "DIGITAL", "SKILL")
RNCP_KINDS = tuple(key for key in KINDS if key not in RS_KINDS)
