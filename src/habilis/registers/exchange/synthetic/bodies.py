"""Invented organisations. A body is a pure function of its index: nothing depends on the seed or on the size.

SIRENs begin with 999, a range not allotted; SIRETs pass Luhn. Towns, postal codes and departments are real, streets are not.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "r",
    "s",
    "t",
    "tr",
    "v",
    "z",
]
VOWELS = ["a", "ai", "an", "e", "eau", "en", "i", "ia", "io", "o", "oi", "on", "ou", "u", "un"]
FORMS = (
    "{brand} FORMATION", "INSTITUT {brand}", "ECOLE {brand}", "CENTRE {brand} DE {town}", "{brand} COMPETENCES",
    "CFA {brand} {town}", "ACADEMIE {brand}", "ASSOCIATION {brand} INSERTION", "GRETA-{brand} DE {town}", "{brand} CONSEIL",
    "LYCEE PROFESSIONNEL {brand}", "CAMPUS {brand} {town}", "MAISON FAMILIALE DE {brand}", "{brand} & ASSOCIES",
    "SOCIETE D'ENSEIGNEMENT {brand}", "GROUPE {brand}", "{brand} METIERS", "L'ATELIER {brand}", "Madame Orlanda {brand} (EI)",
)  # fmt: skip
STREETS = (
    "rue des Tilleuls", "avenue du Marché-Neuf", "impasse des Forges", "boulevard des Compagnons", "place du Puits-Vert",
    "chemin de la Tuilerie", "rue du Four-à-Pain", "allée des Savoirs", "quai des Mariniers", "zone artisanale des Peupliers",
)  # fmt: skip
# One town of each department: postal code, town.
TOWNS = tuple(
    tuple(line.split(" ", 1))
    for line in """01000 Bourg-en-Bresse;02000 Laon;03000 Moulins;04000 Digne-les-Bains;05000 Gap;06000 Nice;07000 Privas
08000 Charleville-Mézières;09000 Foix;10000 Troyes;11000 Carcassonne;12000 Rodez;13001 Marseille;14000 Caen;15000 Aurillac
16000 Angoulême;17000 La Rochelle;18000 Bourges;19000 Tulle;20000 Ajaccio;20200 Bastia;21000 Dijon;22000 Saint-Brieuc
23000 Guéret;24000 Périgueux;25000 Besançon;26000 Valence;27000 Évreux;28000 Chartres;29000 Quimper;30000 Nîmes
31000 Toulouse;32000 Auch;33000 Bordeaux;34000 Montpellier;35000 Rennes;36000 Châteauroux;37000 Tours;38000 Grenoble
39000 Lons-le-Saunier;40000 Mont-de-Marsan;41000 Blois;42000 Saint-Étienne;43000 Le Puy-en-Velay;44000 Nantes;45000 Orléans
46000 Cahors;47000 Agen;48000 Mende;49000 Angers;50000 Saint-Lô;51000 Châlons-en-Champagne;52000 Chaumont;53000 Laval
54000 Nancy;55000 Bar-le-Duc;56000 Vannes;57000 Metz;58000 Nevers;59000 Lille;60000 Beauvais;61000 Alençon;62000 Arras
63000 Clermont-Ferrand;64000 Pau;65000 Tarbes;66000 Perpignan;67000 Strasbourg;68000 Colmar;69003 Lyon;70000 Vesoul
71000 Mâcon;72000 Le Mans;73000 Chambéry;74000 Annecy;75011 Paris;76000 Rouen;77000 Melun;78000 Versailles;79000 Niort
80000 Amiens;81000 Albi;82000 Montauban;83000 Toulon;84000 Avignon;85000 La Roche-sur-Yon;86000 Poitiers;87000 Limoges
88000 Épinal;89000 Auxerre;90000 Belfort;91000 Évry-Courcouronnes;92000 Nanterre;93000 Bobigny;94000 Créteil;95000 Cergy
97100 Basse-Terre;97200 Fort-de-France;97300 Cayenne;97400 Saint-Denis;97600 Mamoudzou""".replace("\n", ";").split(";")
)
# Large towns weigh more, as in life.
LARGE = tuple(
    place
    for place in TOWNS
    if place[0] in ["75011", "69003", "13001", "31000", "59000", "44000", "33000", "35000", "67000", "92000", "93000"]
)

MINISTRIES = {
    "work": "MINISTERE DES METIERS ET DE L'EMPLOI",
    "schools": "MINISTERE DES ECOLES ET DES LYCEES",
    "universities": "MINISTERE DES UNIVERSITES ET DE LA RECHERCHE",
    "health": "MINISTERE DU SOIN ET DE LA SOLIDARITE",
    "sport": "MINISTERE DU SPORT ET DES LOISIRS",
    "land": "MINISTERE DES CAMPAGNES ET DES FORETS",
}
UNIVERSITIES = 80
BRANCHES = (
    "Boulangerie", "Métallurgie", "Propreté", "Bâtiment", "Transports", "Coiffure", "Hôtellerie", "Sécurité", "Sport",
    "Assurance", "Plasturgie", "Textile", "Numérique", "Agriculture", "Commerce de détail", "Audiovisuel", "Chimie", "Santé",
)  # fmt: skip
WRONG_KEY = "99943785199117"  # Luhn fails on purpose
POSTAL = "35600000098766"  # sum of digits divisible by 5, Luhn fails: the rule of this SIREN


class Body(NamedTuple):
    siret: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    street: str
    postal_code: str
    town: str


def luhn(digits: str) -> str:
    """The digits and their key."""
    doubled = "".join(str(int(digit) * 2) for digit in digits[::-2])
    total = sum(map(int, doubled + digits[-2::-2]))
    return f"{digits}{-total % 10}"


def brand(index: int) -> str:
    """An invented word of two syllables, upper case; 129,600 of them before the first comes again."""
    index, onset = divmod(index * 54_773 % (24 * 15 * 24 * 15), 24)
    index, vowel = divmod(index, 15)
    index, second = divmod(index, 24)
    return f"{ONSETS[onset]}{VOWELS[vowel]}{ONSETS[second]}{VOWELS[index]}{'xdlrns'[(onset + second) % 6]}".upper()


@lru_cache(maxsize=40_000)
def body(index: int) -> Body:
    """A training body; two in eleven are the second establishment of the one before."""
    second = index % 11 in (4, 9)
    owner = index - 1 if second else index
    siren = luhn(f"999{owner * 7919 % 99_000:05d}")
    name = FORMS[owner * 31 % len(FORMS)].format(brand=brand(owner), town=place(owner).town.upper())
    return Body(luhn(f"{siren}000{2 if second else 1}"), name)


def place(index: int) -> Place:
    choices = LARGE if index % 3 == 0 else TOWNS
    postal_code, town = choices[index * 37 % len(choices)]
    return Place(f"{index * 13 % 190 + 1} {STREETS[index * 3 % len(STREETS)]}", postal_code, town)


def ministry(key: str) -> Body:
    rank = list(MINISTRIES).index(key)
    return Body(luhn(luhn(f"9999992{rank}") + "0001"), MINISTRIES[key])


def university(index: int) -> Body:
    index %= UNIVERSITIES
    town = TOWNS[index * 17 % len(TOWNS)][1]
    return Body(luhn(luhn(f"999998{index:02d}") + "0001"), f"UNIVERSITE {brand(90_000 + index)} - {town.upper()}")


def branch(index: int) -> Body:
    """A joint committee of a branch, never with a SIRET."""
    return Body("", f"Commission paritaire nationale de l’emploi – {BRANCHES[index % len(BRANCHES)]}")
