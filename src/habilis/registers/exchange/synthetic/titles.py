"""Titles of the generic fiches: a grammar for each type of certification, over the trades and studies of the fields."""

from functools import cache
from random import Random

from habilis.registers.exchange.synthetic.kinds import KINDS
from habilis.registers.exchange.synthetic.texts import pick
from habilis.registers.exchange.synthetic.words import Field, fields, lower_first

LANGUAGES = (
    "anglais", "espagnol", "allemand", "italien", "portugais", "arabe", "chinois", "japonais", "russe", "néerlandais",
    "breton", "occitan", "basque", "corse", "français langue étrangère", "langue des signes française",
)  # fmt: skip
LANGUAGE_FORMS = (
    "Test de {language} professionnel, niveau {level}", "Communiquer en {language} dans {place}",
    "Certificat de compétence en {language} ({level})", "Maîtriser le vocabulaire de {language} : {study}",
    "Converser en {language} au téléphone et en réunion",
)  # fmt: skip
SOFTWARE = (
    "un tableur", "un traitement de texte", "un logiciel de mise en page", "un logiciel de dessin assisté par ordinateur",
    "un outil de gestion de contenu", "un logiciel de comptabilité", "une base de données", "un outil de visualisation",
    "un langage de script", "une messagerie collaborative", "un outil de maquette numérique du bâtiment",
    "un assistant d’intelligence artificielle", "un système d’information géographique", "un logiciel de montage vidéo",
)  # fmt: skip
DIGITAL_FORMS = (
    "Utiliser {tool}",
    "Maîtriser {tool} : niveau {rank}",
    "Exploiter {tool} pour {task}",
    "Administrer {tool}",
)
MACHINES = (
    "de chariots élévateurs", "de plateformes élévatrices", "d’engins de chantier", "de grues à tour", "de ponts roulants",
    "de grues auxiliaires", "de machines agricoles", "de nacelles", "de tondeuses autoportées", "de chariots à bras télescopique",
)  # fmt: skip
SPECIALITIES = (
    "développement durable", "numérique", "international", "innovation", "qualité", "recherche", "management d’équipe",
    "santé", "territoires", "entrepreneuriat", "données", "conception", "médiation", "sécurité", "expertise", "alternance",
    "montagne", "littoral", "patrimoine", "énergie", "mobilité", "handicap", "petite enfance", "luxe", "alimentation",
)  # fmt: skip
OPTIONS = (
    "production", "vente", "entretien", "rénovation", "montagne", "littoral", "petites séries", "service à domicile",
    "grands comptes", "accueil", "encadrement", "mise en service", "contrôle", "atelier", "chantier", "numérique",
)  # fmt: skip
LEADERS = {
    5: ("Technicien spécialisé en", "Assistant en", "Coordinateur en", "Chargé d’opérations en"),
    6: ("Responsable en", "Chargé de projet en", "Chargé de développement en", "Concepteur en"),
    7: ("Manager en", "Expert en", "Directeur de projets en", "Consultant en"),
}
SCHOOLS = (
    "Programme grande école", "Bachelor", "Diplôme d’études supérieures en management", "Cycle supérieur",
    "Programme international",
)  # fmt: skip
CRAFTS = {
    "bakery", "butchery", "finishing", "plumbing", "auto", "cleaning", "funeral", "transport", "animals", "welding", "beauty",
}  # fmt: skip
ACADEMIC = {"sciences", "humanities", "law", "territory", "languages"}
SCIENTIFIC = (
    "computing", "electric", "energy", "mechanic", "masonry", "chemistry", "aero", "naval", "rail", "plastics", "environment",
    "agriculture", "quality", "sciences", "logistics", "wood",
)  # fmt: skip
SCHOOL_TRADES = (
    "bakery", "butchery", "cooking", "hotel", "masonry", "finishing", "wood", "plumbing", "electric", "mechanic", "welding",
    "auto", "aero", "naval", "textile", "crafts", "plastics", "graphic", "commerce", "logistics", "transport", "beauty",
    "security", "cleaning", "childcare", "secretariat",
)  # fmt: skip
LAND = ("agriculture", "animals", "garden", "environment")
ENGINEERS = {"INGENIEUR", "DUT"}
ACADEMIC_KINDS = {"LICENCE", "LICENCE_PRO", "MASTER", "BUT", "DIPVIGRM", "DIPLOVIS", "DOCTORAT", "DCG"}
FIELDS_OF = {
    "CAP": SCHOOL_TRADES,
    "BP": SCHOOL_TRADES,
    "BEP": SCHOOL_TRADES,
    "BAC_PRO": SCHOOL_TRADES,
    "MC4": SCHOOL_TRADES,
    "BP_REA": LAND,
    "CAPA": LAND,
    "BTSA": LAND,
    "DE": ("health", "social", "childcare", "sport", "culture"),
    "BPJEPS": ("sport", "childcare"),
    "CQPM": ("mechanic", "welding", "electric", "plastics", "aero", "quality"),
    # RS
    "LANGUAGE": ("languages", "tourism", "commerce", "hotel"),
    "HYGIENE": ("cooking", "bakery", "butchery", "hotel", "cleaning"),
    "MACHINE": ("logistics", "masonry", "agriculture", "garden", "rail"),
    "SAFETY": (
        "security",
        "electric",
        "energy",
        "chemistry",
        "masonry",
        "health",
        "quality",
        "transport",
        "sport",
        "aero",
    ),
    "DIGITAL": ("computing", "graphic", "communication", "secretariat", "accounting", "territory", "culture"),
}


@cache
def fields_of(kind: str) -> tuple[str, ...]:
    """Fields in which a type of certification exists."""
    if kind in FIELDS_OF:
        return FIELDS_OF[kind]
    if kind in ENGINEERS:
        return SCIENTIFIC
    if kind in ACADEMIC_KINDS:
        return tuple(key for key in fields() if key not in CRAFTS)
    return tuple(key for key in fields() if key not in ACADEMIC)


def title(kind: str, level: int | None, field: Field, random: Random) -> str:
    grammar = KINDS[kind].titles
    if grammar == "rs":
        text = rs_title(kind, field, random)
    elif grammar == "study":
        text = study(field, random)
    elif grammar == "school":
        text = f"{pick(random, SCHOOLS)} – {study(field, random)}"
    elif level in LEADERS and (level == 7 or random.random() < 0.6):
        text = f"{pick(random, LEADERS[level])} {lower_first(study(field, random))}"
    else:
        text = trade(field, random)
    return text if random.random() < 0.6 else text.replace("’", "'")  # both apostrophes are met


def study(field: Field, random: Random) -> str:
    text = pick(random, field.studies)
    draw = random.random()
    if draw < 0.35:
        return text
    return f"{text} : {pick(random, SPECIALITIES)}" if draw < 0.7 else f"{text}, parcours {pick(random, SPECIALITIES)}"


def trade(field: Field, random: Random) -> str:
    text = pick(random, field.trades)
    draw = random.random()
    if draw < 0.5:
        return text
    if draw < 0.7:
        return f"{text}, option {pick(random, OPTIONS)}"
    other = pick(random, field.trades)
    return f"{text} et {lower_first(other)}" if other != text else text


def rs_title(kind: str, field: Field, random: Random) -> str:
    if kind == "LANGUAGE":
        return pick(random, LANGUAGE_FORMS).format(
            language=pick(random, LANGUAGES),
            level=pick(random, ("A2", "B1", "B2", "C1")),
            place=pick(random, field.places),
            study=lower_first(pick(random, field.studies)),
        )
    if kind == "DIGITAL":
        return pick(random, DIGITAL_FORMS).format(
            tool=pick(random, SOFTWARE), rank=random.randint(1, 3), task=lower_first(pick(random, field.tasks))
        )
    if kind == "MACHINE":
        return f"Conduite en sécurité {pick(random, MACHINES)}, catégorie {pick(random, 'ABCDEFG')}"
    task = pick(random, field.tasks)
    return task if random.random() < 0.4 else f"{task} dans {pick(random, field.places)}"
