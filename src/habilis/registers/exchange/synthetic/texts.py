"""Sentences of the synthetic fiches: tasks of a field, completed by circumstances that suit any trade."""

from collections.abc import Sequence
from functools import lru_cache
from random import Random

from habilis.registers.exchange.synthetic.bodies import brand
from habilis.registers.exchange.synthetic.words import Field, fields, lower_first

CIRCUMSTANCES = (
    "en respectant les règles d’hygiène et de sécurité",
    "à partir des consignes écrites et orales",
    "afin de répondre à la demande du client",
    "dans le respect du cahier des charges",
    "en rendant compte à son responsable",
    "avec les moyens disponibles sur place",
    "en limitant les déchets et la consommation d’énergie",
    "selon le planning établi avec l’équipe",
    "en tenant compte des personnes en situation de handicap",
    "en autonomie, puis en coordination avec les autres intervenants",
    "conformément à la réglementation en vigueur",
    "en utilisant l’outil numérique de suivi",
    "sans mettre en danger les personnes présentes",
    "dans les délais convenus et au coût prévu",
    "en vérifiant la qualité à chaque étape",
    "à l’aide des documents techniques, y compris en anglais",
    "en adaptant sa communication à son interlocuteur",
    "en consignant les opérations dans le registre prévu",
    "de manière à garantir la satisfaction de l’usager",
    "en anticipant les aléas & les imprévus",
    "y compris lorsque l’activité est < 50 % de la normale",
    "au sein d’une équipe pluridisciplinaire",
    "en proposant des pistes d’amélioration",
    "en mobilisant les connaissances acquises au cours du parcours",
    "tout en préservant sa santé et celle des autres",
    "pour assurer la continuité du service",
    "en appliquant la démarche \"qualité\" de l'entreprise",
    "d’après un relevé réalisé sur le terrain",
    "en protégeant les données personnelles",
    "par une veille régulière sur les évolutions du métier",
)  # fmt: skip
SITUATIONS = (
    "Mise en situation professionnelle reconstituée", "Étude de cas écrite", "Dossier professionnel et entretien",
    "Épreuve pratique en centre", "Soutenance orale d’un projet", "Questionnaire et observation au poste de travail",
    "Présentation d’un portfolio", "Contrôle en cours de formation", "Simulation suivie d’un entretien d’explicitation",
)  # fmt: skip
CONDITIONS = (
    "durée : 45 minutes, jury de deux professionnels", "durée : 2 heures, sans document", "à partir d’un sujet tiré au sort",
    "sur un équipement mis à disposition", "préparation : 30 minutes, exposé : 20 minutes", "grille critériée remise au jury",
    "rapport de 15 à 20 pages remis deux semaines avant", "en présence d’un observateur", "en groupe puis individuellement",
)  # fmt: skip
MEMBERS = (
    "un président, professionnel du secteur extérieur au certificateur", "deux salariés qui exercent le métier",
    "un employeur de la branche", "un représentant de l’organisme certificateur, sans voix délibérative",
    "un enseignant-chercheur", "un formateur qui n’a pas suivi les candidats", "un conseiller de l’enseignement technique",
    "deux membres nommés par arrêté", "une parité entre les femmes et les hommes, sauf impossibilité",
)  # fmt: skip
JURY_OPENINGS = (
    "Le jury comprend", "Jury composé de", "Le jury, nommé pour chaque session, réunit", "Sont membres du jury",
    "La commission de certification rassemble",
)  # fmt: skip
CONTEXTS = (
    "Le secteur connaît des difficultés de recrutement et une évolution rapide des techniques.",
    "La transition écologique et le numérique transforment le métier.",
    "Les employeurs recherchent des personnes polyvalentes, capables de travailler en équipe.",
    "Les enquêtes menées auprès des entreprises confirment un besoin durable de compétences.",
    "Le métier s’exerce aussi bien dans de petites structures que dans des groupes.",
    "Les départs à la retraite ouvrent de nombreux postes dans les prochaines années.",
    "La réglementation évolue et impose une qualification reconnue.",
)  # fmt: skip
ENTRY = (
    "Aucun prérequis n’est demandé ; un entretien de motivation est conduit avant l’entrée.",
    "Être titulaire d’une certification du niveau inférieur, ou justifier de trois ans d’expérience dans le secteur.",
    "Maîtriser la lecture, l’écriture et le calcul ; fournir un certificat médical d’aptitude.",
    "Avoir 18 ans révolus et un projet professionnel validé par un positionnement.",
    "Admission sur dossier, épreuve écrite puis entretien devant deux évaluateurs.",
)  # fmt: skip
SCOPES = (
    "de la région",
    "d’ampleur nationale",
    "de toute taille",
    "publiques et privées",
    "artisanales ou industrielles",
)
BULLETS = ("- ", "• ", "* ", "● ", "– ", "")


def pick(random: Random, choices: Sequence[str]) -> str:
    return choices[int(random.random() * len(choices))]


@lru_cache(maxsize=64)
def sentences(key: str) -> tuple[str, ...]:
    """Every task of a field in every circumstance, in a fixed order."""
    return tuple(f"{task} {circumstance}." for task in fields()[key].tasks for circumstance in CIRCUMSTANCES)


@lru_cache(maxsize=64)
def scenes(key: str) -> tuple[str, ...]:
    field = fields()[key]
    return tuple(
        f"Dans {place}, le titulaire sait {lower_first(task)}, puis {lower_first(other)}."
        for place in field.places
        for task in field.tasks
        for other in field.tasks
        if task != other
    )


def prose(random: Random, key: str, count: int) -> str:
    """`count` sentences on two in three lines, the others in running text; one in eleven names an invented product."""
    chance, pool, more = random.random, sentences(key), scenes(key)
    parts = []
    for _ in range(count):
        draw = chance()
        if draw < 0.09:
            parts.append(f"La méthode {brand(int(chance() * 120_000)).capitalize()} est citée à titre d’exemple.")
        elif draw < 0.4:
            parts.append(more[int(chance() * len(more))])
        else:
            parts.append(pool[int(chance() * len(pool))])
        parts.append("\n" if draw > 0.35 else " ")
    return "".join(parts).rstrip()


def listing(random: Random, key: str, count: int, prefix: str = "") -> str:
    """Lines that a bullet or a numbered prefix opens."""
    chance, pool = random.random, sentences(key)
    bullet = pick(random, BULLETS)
    return "\n".join(
        [
            f"{f'{prefix}{rank}. ' if prefix else bullet}{pool[int(chance() * len(pool))]}"
            for rank in range(1, count + 1)
        ]
    )


def assessment(random: Random, count: int) -> str:
    return "\n".join([f"{pick(random, SITUATIONS)} ({pick(random, CONDITIONS)})." for _ in range(count)])


def jury(random: Random) -> str:
    """About 340 characters."""
    members = random.sample(MEMBERS, 4 + int(random.random() * 4))
    return f"{pick(random, JURY_OPENINGS)} : {' ; '.join(members)}."


def objectives(random: Random, field: Field, title: str, says: str) -> str:
    text = f"{pick(random, CONTEXTS)} La certification « {title} » atteste la capacité à exercer dans {pick(random, field.places)}."
    if says:
        text += f" Autres appellations : {says}."
    return f"{text}\n{prose(random, field.key, 2 + int(random.random() * 5))}"


def sectors(random: Random, field: Field) -> str:
    places = [f"{pick(random, BULLETS)}{place[:1].upper()}{place[1:]}" for place in field.places]
    return "Entreprises " + pick(random, SCOPES) + " :\n" + "\n".join(places)


def jobs(random: Random, field: Field, title: str) -> str:
    chosen = random.sample(field.trades, min(len(field.trades), 3 + int(random.random() * 4)))
    return "\n".join([title, *chosen])
