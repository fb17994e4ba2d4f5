"""The rare cases that the national register holds or that its format allows, one fiche or one small family each.

They follow the anchors, on reserved numbers, whatever the seed. Each starts from an ordinary fiche; `CHANGES` then
gives it its peculiarity.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from habilis.registers.exchange.synthetic import bodies, builder, texts
from habilis.registers.exchange.synthetic.builder import Profile
from habilis.registers.exchange.synthetic.words import fields, labels, lower_first
from habilis.registers.records import Fiche

CHAIN = [f"RNCP{97_101 + rank}" for rank in range(9)]  # eight links
SOURCE, MIDDLE, SINK = "RNCP97120", [f"RNCP{97_121 + rank}" for rank in range(22)], "RNCP97143"
FAN_OUT, FAN_IN = 15, 22


@dataclass(frozen=True, slots=True)
class Case:
    number: str
    kind: str
    level: int | None
    title: str
    field: str
    active: bool = True
    age: float = 0.95
    ancestors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()


def cases() -> Iterator[Case]:
    yield Case("RNCP97001", "LICENCE_PRO", 6, "Métiers de l’animation sociale et socioculturelle", "sport")
    yield Case("RNCP97002", "TP", 5, "Concepteur de services numériques responsables", "computing")
    yield Case("RNCP97003", "DOCTORAT", 8, "Recherche et développement en matériaux", "sciences")
    yield Case("RNCP97004", "CQP", None, "Agent de prévention des incivilités", "security")
    yield Case("RNCP97005", "TITRE", 5, "Animateur de boutique solidaire", "commerce")
    yield Case("RNCP97006", "TITRE", 6, "Chargé de projets d’économie circulaire", "environment")
    yield Case("RNCP97007", "TITRE", 5, "Gestionnaire de résidence partagée", "social", active=False, age=0.9)
    yield Case("RNCP97008", "TITRE", 6, "Analyste fonctionnel & assistant de direction : option « <B> »", "computing")
    yield Case("RNCP97009", "BTS", 5, "Métiers du papier et du carton", "plastics", active=False, age=0.1)
    yield Case("RNCP97010", "TITRE", 7, LONG_TITLE, "management")
    yield Case("RNCP97011", "TP", 3, "Ouvrier des travaux publics", "masonry")
    yield Case("RNCP97012", "TP", 3, "Agent de remontée mécanique", "rail")
    yield Case("RNCP97013", "TP", 4, "Technicien de réseaux de chaleur", "energy", successors=("RNCP97199",))
    yield Case("RNCP97014", "TP", 4, "Technicien de géothermie", "energy", ancestors=("RNCP97198",))
    yield Case("RNCP97015", "TITRE", 4, "Conseiller en habitat participatif", "finishing", successors=("RS19701",))
    yield Case(
        "RS19701", "SKILL", None, "Animer un projet d’habitat participatif", "finishing", ancestors=("RNCP97015",)
    )
    yield Case("RS19702", "SAFETY", None, "Intervenir en atmosphère explosible", "chemistry")
    yield Case("RS19703", "LANGUAGE", None, "Certificat d’occitan professionnel", "languages")
    yield Case("RS19704", "SKILL", None, "Lire et écrire la musique d’ensemble", "culture", active=False, age=0.3)
    yield Case("RNCP7", "BEP", 3, "Métiers de la plasturgie", "plastics", active=False, age=0.02)
    yield Case("RNCP181", "CAP", 3, "Vannerie", "crafts", active=False, age=0.03)
    for rank, number in enumerate(CHAIN):
        last = rank == len(CHAIN) - 1
        around = CHAIN[rank - 1 : rank], CHAIN[rank + 1 : rank + 2]
        yield Case(
            number, "TITRE", 6, "Responsable de la transformation documentaire", "humanities", last, 0.2 + rank / 12,
            tuple(around[0]), tuple(around[1]),
        )  # fmt: skip
    yield Case(SOURCE, "TITRE", 6, "Manager de l’artisanat", "crafts", False, 0.5, (), tuple(MIDDLE[:FAN_OUT]))
    for rank, number in enumerate(MIDDLE):
        before = (SOURCE,) if rank < FAN_OUT else ()
        title = f"Responsable d’atelier, spécialité {lower_first(fields()['crafts'].trades[rank % 14])}"
        yield Case(number, "TITRE", 5, title, "crafts", False, 0.7, before, (SINK,))
    yield Case(SINK, "TITRE", 5, "Responsable d’atelier de métiers d’art", "crafts", True, 0.98, tuple(MIDDLE[:FAN_IN]))


LONG_TITLE = (
    "Manager de la performance globale des organisations, parcours pilotage économique, parcours qualité et sobriété des "
    "systèmes de production, parcours dialogue social et conduite du changement, parcours achats responsables et "
    "chaînes d’approvisionnement internationales, délivré sous l’autorité conjointe des établissements partenaires du "
    "réseau et organisé en alternance ou en formation continue sur l’ensemble du territoire, y compris outre-mer, avec "
    "une option facultative consacrée à la reprise et à la transmission d’entreprises familiales ou coopératives"
)


def curiosity(case: Case, random: Random, today: date, pool: int) -> Fiche:
    rome = () if case.number.startswith("RS") else fields()[case.field].rome[:2]
    profile = Profile(
        case.number, case.kind, case.level, case.title, case.field, rome, case.active, case.age, pool,
        ancestors=case.ancestors, successors=case.successors,
    )  # fmt: skip
    fiche = builder.build(profile, random, today)
    if change := CHANGES.get(case.number):
        change(fiche, replace(profile), random, today)
    fiche.fields["has_partners"] = bool(fiche.habilitations)
    return fiche


Change = Callable[[Fiche, Profile, Random, date], None]


def many_certifiers(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    bodies_of = [bodies.university(rank) for rank in range(70)] + [bodies.body(rank * 10) for rank in range(43)]
    fiche.certifiers = [(body.siret, body.name, "active", None, "", "") for body in bodies_of]


def many_partners(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    fiche.habilitations = builder.partner_rows(471, profile, random, today)


def level_eight(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    fiche.fields["editorial_state"] = "Modifications à valider par le ministère"
    fiche.lists["codes"] += builder.code_rows("IDCC", ("0478", "0016", "1486"))


def no_level(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Level AUCUN, and a partner that comes three times, once without SIRET."""
    body, day = bodies.body(12), today - timedelta(days=400)
    fiche.habilitations = [
        (body.siret, body.name, "prepare", "active", None, day),
        (body.siret, body.name, "assess", "active", day, day),
        ("", "Atelier municipal sans numéro", "both", "active", None, None),
    ]


def all_states(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Every state and role of partners; an inactive certifier; a wrong key and the SIRET of a post office."""
    days = [today - timedelta(days=30 * rank + 10) for rank in range(9)]
    roles = ("prepare", "assess", "both")
    states = ("active", "inactive", "removed")
    fiche.habilitations = [
        (*bodies.body(200 + rank), roles[rank % 3], states[rank // 3], days[8] if rank < 2 else None, days[rank])
        for rank in range(9)
    ]
    fiche.certifiers = [
        (
            bodies.WRONG_KEY,
            "ECOLE DE LA CLE FAUSSE",
            "active",
            days[3],
            "Clé & Co",
            "https://www.cle-fausse.exemple.fr",
        ),
        (bodies.POSTAL, "ETABLISSEMENT POSTAL DE FORMATION FICTIF", "active", None, "", ""),
        (bodies.body(77).siret, bodies.body(77).name, "inactive", days[5], "", ""),
        ("", "Groupement des écoles sans numéro", "active", None, "", ""),
    ]


def block_extras(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Prerequisites of blocks, a block code that is not one, correspondences of every shape."""
    fiche.fields["editorial_state"] = "Modifications à valider"
    rows = builder.blocks(replace(profile, active=True), fields()[profile.field], random)
    first = rows[0]
    rows[0] = ("01", *first[1:4], "Avoir suivi le module d’accueil.", "Avoir réalisé un stage de 70 heures.")
    fiche.lists["blocks"] = rows
    fiche.lists["correspondences"] = [
        ("01", "RNCP97007", "RNCP97007BC01 RNCP97007BC02"),
        (f"{rows[1][0]} {rows[2][0]}", "RNCP97007", ""),
        ("", "RNCP97007", "RNCP97007BC03"),
    ]


def closed_extras(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Archived; the same odd block code as another fiche, and codes that start at 04, those of another version."""
    fiche.fields["editorial_state"] = "Dépubliée/Archivée"
    rows = builder.blocks(replace(profile, active=True), fields()[profile.field], random)
    renumbered = [f"RNCP96000BC{rank:02d}" for rank in range(4, 4 + len(rows))]
    fiche.lists["blocks"] = [(code, *row[1:]) for code, row in zip(["01", *renumbered], rows, strict=False)]
    fiche.fields["last_issue_date"] = fiche.fields["end_date"] + timedelta(days=5 * 365)


def hostile_texts(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Signs that XML, HTML, CSV and spreadsheets give a meaning to; the two apostrophes; non-breaking spaces."""
    fiche.texts["activities"] = (
        "Comparer a < b && c > d ; lire « x[y[0]]> z » et ]]>, puis <script>alert('non')</script>.\n"
        "=SOMME(A1:A3) ; +33 1 ; @mention ; tabulation :\tfin.\n\n"
        "L’apostrophe courbe et l'apostrophe droite ; 50\u00a0% ; 10\u202f000\u00a0€ ; œuvre, Ÿ, « guillemets », tiret – et —.\n"
        'Guillemets "droits" ; é décomposé : e\u0301 ; emoji 🧰.'
    )
    fiche.texts["regulations"] = texts.prose(random, profile.field, 3)
    fiche.lists["statistics"] = [
        (today.year - 2, 12, None, None, None),
        (today.year - 1, 1480, 33, Decimal("97.5"), Decimal(100)),
        (today.year - 1, 0, 0, Decimal(0), None),
    ]


def without_end(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """As of right, closed long ago, no end; decrees with and without date."""
    fiche.fields |= {"end_date": None, "effect_date": None, "publication_date": None, "is_active": False}
    fiche.lists["legal_texts"] = [
        ("general", "Décret fictif n° 1 portant règlement général du diplôme", date(1987, 11, 9)),
        ("general", "Décret fictif n° 2 modifiant le précédent", None),
        ("creation", "Arrêté fictif de création", date(1990, 2, 1)),
        ("other", "Arrêté fictif d’abrogation de la spécialité", None),
    ]


def long_texts(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """As long as the specification allows."""
    fiche.texts["activities"] = texts.prose(random, profile.field, 400)[:32_000].rstrip()
    fiche.texts["capacities"] = texts.listing(random, profile.field, 800, "C")[:64_000].rstrip()
    fiche.fields |= {
        "promotion_years": f"{today.year - 2} {today.year - 1}",
        "last_official_journal_date": date(2016, 4, 10),
    }


def agreements(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Three brochures, one with a letter; two-digit NSF and an old group code of ROME."""
    table = labels()["CCN"]
    rows = [row for row in fiche.lists["codes"] if row[0] == "FORMACODE"]
    rows += builder.code_rows("NSF", ("30", "231")) + builder.code_rows("ROME", ("M18", "F1703"))
    rows += [("CCN", code, table[code], slot) for slot, code in enumerate(("3005T1", "3005T2", "3002"), 1)]
    fiche.lists["codes"] = rows


def second_slots(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    """Collective agreements in slots 2 and 3, slot 1 empty."""
    rows = [row for row in fiche.lists["codes"] if row[0] not in ("CCN", "IDCC")]
    rows.append(("CCN", "454", labels()["CCN"]["454"], 2))
    rows.append(("CCN", "3018", labels()["CCN"]["3018"], 3))
    fiche.lists["codes"] = rows


def nearly_over(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    fiche.fields["end_date"] = today + timedelta(days=2)


def rs_extras(fiche: Fiche, profile: Profile, random: Random, today: date) -> None:
    fiche.fields["partial_validation"] = True
    fiche.texts |= {
        "partial_validation_scope": "Chaque module de conduite peut être validé seul.",
        "validity": "3 ans",
        "renewal": "Recyclage d’une journée avant l’échéance, suivi d’une nouvelle évaluation.",
        "mastery_levels": "Niveau 1 : exécuter ; niveau 2 : encadrer.",
        "validation_prerequisites": "Être déclaré apte par un médecin.",
    }
    composition = texts.jury(random)
    fiche.lists["routes"] = [
        (route, True, composition, today - timedelta(days=rank + 60))
        for rank, route in enumerate(("FI", "FC", "CQ", "CL", "VAE"))
    ]


CHANGES: dict[str, Change] = {
    "RNCP97001": many_certifiers,
    "RNCP97002": many_partners,
    "RNCP97003": level_eight,
    "RNCP97004": no_level,
    "RNCP97005": all_states,
    "RNCP97006": block_extras,
    "RNCP97007": closed_extras,
    "RNCP97008": hostile_texts,
    "RNCP97009": without_end,
    "RNCP97010": long_texts,
    "RNCP97011": agreements,
    "RNCP97012": second_slots,
    "RNCP97013": nearly_over,
    "RS19702": rs_extras,
    "RNCP7": without_end,
}
