"""One synthetic fiche, complete, from its profile: what it certifies, how old it is, whether it is active."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from habilis.registers.exchange.synthetic import bodies, texts
from habilis.registers.exchange.synthetic.bodies import Body
from habilis.registers.exchange.synthetic.kinds import KINDS, Kind
from habilis.registers.exchange.synthetic.words import Field, fields, labels
from habilis.registers.records import FIELDS, TEXTS, Fiche, Row

EMPTY_STRINGS = (
    "title", "abbreviation", "abbreviation_label", "editorial_state", "level_code", "level_label", "kind",
    "promotion_years", "url",
)  # fmt: skip
ROUTES = ("FI", "CA", "FC", "CQ", "CL", "VAE")
YEAR = 365
NO_BODY = Body("", "")


@dataclass(frozen=True, slots=True)
class Profile:
    """`age` runs from 0, the oldest of the register, to 1; `pool` bounds the bodies that may be drawn."""

    number: str
    kind: str
    level: int | None
    title: str
    field: str
    rome: tuple[str, ...]
    active: bool
    age: float
    pool: int
    says: str = ""
    ancestors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()

    @property
    def is_rs(self) -> bool:
        return self.number.startswith("RS")


def build(profile: Profile, random: Random, today: date) -> Fiche:
    """Draw everything that the profile leaves open; the same profile and the same state of `random` give the same fiche."""
    kind, field = KINDS[profile.kind], fields()[profile.field]
    fiche = Fiche(number=profile.number, fields={**dict.fromkeys(FIELDS), **dict.fromkeys(EMPTY_STRINGS, "")})
    fiche.fields |= identity(profile, kind) | registration(profile, kind, random, today)
    fiche.certifiers = certifiers(profile, kind, random, today)
    fiche.habilitations = partners(profile, kind, random, today)
    fiche.fields["has_partners"] = bool(fiche.habilitations)
    fiche.texts = {**dict.fromkeys(TEXTS, ""), **prose(profile, field, random)}
    fiche.lists = {
        "blocks": blocks(profile, field, random),
        "routes": routes(profile, kind, random, today),
        "codes": codes(profile, field, random),
        "legal_texts": legal_texts(profile, kind, random, today),
        "statistics": statistics(profile, random, today),
        "lineage": [("replaced_by", number) for number in profile.successors]
        + [("replaces", number) for number in profile.ancestors],
    }
    fiche.lists["correspondences"] = correspondences(profile, fiche.lists["blocks"], random)
    return fiche


def identity(profile: Profile, kind: Kind) -> dict[str, object]:
    level = profile.level
    label = "" if profile.is_rs else f"Niveau {level}" if level else "Aucun"
    return {
        "fiche_id": 30_000 + int(profile.number.lstrip("RNCPS")) + 200_000 * profile.is_rs,
        "title": profile.title,
        "abbreviation": kind.code,
        "abbreviation_label": kind.label,
        "editorial_state": "Publiée",
        "kind": kind.registration,
        "level": level,
        "level_code": "" if profile.is_rs else f"NIV{level}" if level else "AUCUN",
        "level_label": label,
        "is_active": profile.active,
    }


def registration(profile: Profile, kind: Kind, random: Random, today: date) -> dict[str, object]:
    """Dates: a running registration ends in the future, a closed one ended within the last nineteen years."""
    duration = int(random.choice("2335555"))
    if profile.active:
        start = today - timedelta(days=20 + int(random.random() * (duration * YEAR - 25)))
        end = years_after(start, duration)
    else:
        end = today - timedelta(days=2 + int((1 - profile.age) * 17 * YEAR + random.random() * 2 * YEAR))
        start = years_after(end, -duration)
    values: dict[str, object] = {"end_date": end}
    if kind.of_right:
        values |= {"effect_date": start, "publication_date": start - timedelta(days=40)}
        if not profile.active and profile.age < 0.25:
            values["end_date"] = None  # the oldest ones never had an end
    else:
        values |= {"decision_date": start, "duration_years": duration}
    if values["end_date"] and random.random() < 0.35:
        values["last_issue_date"] = end + timedelta(days=182 + int(random.random() * 4.5 * YEAR))
    return values | extras(profile, random, start)


def years_after(day: date, years: int) -> date:
    """The same day of another year; 28 February instead of the 29th."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def extras(profile: Profile, random: Random, start: date) -> dict[str, object]:
    """Fields that some fiches have and others not."""
    if profile.is_rs:
        values: dict[str, object] = {"partial_validation": random.random() < 0.15}
    else:
        values = {"in_new_caledonia": random.random() < 0.3, "in_french_polynesia": random.random() < 0.3}
    if random.random() < 0.15:
        values["last_official_journal_date"] = start - timedelta(days=int(random.random() * 900))
    if random.random() < 0.55:
        values["url"] = f"https://www.exemple-certification.fr/{profile.number.lower()}?source=fiche&vue=1"
    if random.random() < 0.05:
        values["promotion_years"] = f"{start.year} {start.year + 1}"
    return values


# Bodies


def certifiers(profile: Profile, kind: Kind, random: Random, today: date) -> list[Row]:
    """Two in three old fiches name their certifiers without SIRET."""
    nameless = profile.age < 0.5 and random.random() < 0.78
    rows = []
    for index, body in enumerate(
        list(dict.fromkeys(certifying_bodies(profile, kind, random)))[: 5 if nameless else None]
    ):
        changed = today - timedelta(days=int(random.random() * 2500)) if random.random() < 0.63 else None
        state = "inactive" if random.random() < 0.02 else "active"
        site = f"https://www.{body.name.split()[-1].lower()}.exemple.fr" if random.random() < 0.04 else ""
        brand = bodies.brand(index + 3).capitalize() if random.random() < 0.03 else ""
        rows.append(("" if nameless else body.siret, body.name, state, changed, brand, site.replace("’", "")))
    return rows


def certifying_bodies(profile: Profile, kind: Kind, random: Random) -> Iterable[Body]:
    draw = int(random.random() * 100_000)
    if kind.certifiers == "universities":
        count = 1 if random.random() < 0.71 else 2 + int(random.expovariate(1 / 12))
        yield from [bodies.ministry("universities")] * (random.random() < 0.3)
        yield from (bodies.university(draw + rank * 7) for rank in range(count))
    elif kind.certifiers in bodies.MINISTRIES:
        yield bodies.ministry(kind.certifiers)
    elif kind.certifiers == "branch":
        yield bodies.branch(draw)
        if random.random() < 0.5:
            yield bodies.body(company(draw, profile.pool))
    else:
        for rank in range(1 + (random.random() < 0.16) + (random.random() < 0.05)):
            yield bodies.body(company(draw + rank, profile.pool))
        if kind.certifiers == "school" and random.random() < 0.6:
            yield bodies.ministry("universities")


def company(draw: int, pool: int) -> int:
    """One training body in ten certifies too."""
    return draw % max(pool // 10, 1) * 10


def partners(profile: Profile, kind: Kind, random: Random, today: date) -> list[Row]:
    """A few bodies are everywhere, most on a handful of fiches. Lists of closed fiches are shorter."""
    sharing, mean = (kind.sharing, kind.partners) if profile.active else (kind.sharing * 0.48, kind.partners * 0.39)
    if profile.age < 0.3 or random.random() >= sharing:
        return []
    return partner_rows(1 + min(int(random.expovariate(1 / mean)), 440), profile, random, today)


def partner_rows(count: int, profile: Profile, random: Random, today: date) -> list[Row]:
    chance = random.random
    drawn: dict[int, None] = {}
    while len(drawn) < count:
        drawn[int(profile.pool * chance() ** 2)] = None
    only_both = chance() < 0.5
    rows = []
    for index in drawn:
        role = "both" if only_both or chance() < 0.7 else "prepare" if chance() < 0.8 else "assess"
        changed = today - timedelta(days=int(chance() * 1500)) if chance() < 0.93 else None
        state = "removed" if chance() < 0.05 else "active" if profile.active else "inactive"
        since = changed if state == "active" and chance() < 0.29 else None
        siret, name = bodies.body(index)
        rows.append((siret if chance() > 0.0005 else "", name, role, state, since, changed))
    return rows


# Texts and lists


def prose(profile: Profile, field: Field, random: Random) -> dict[str, str]:
    """Recent fiches say more than old ones, fiches of the RS less than those of the RNCP."""
    size = (0.35 + profile.age) * (1.5 if profile.active else 1.0) * (0.4 + 1.2 * random.random())
    values = {
        "capacities": texts.listing(random, field.key, 3 + int(size * (20 if profile.is_rs else 27)), "C"),
        "objectives": texts.objectives(random, field, profile.title, profile.says),
    }
    if profile.is_rs:
        values |= rs_prose(random)
    else:
        values |= {
            "activities": texts.prose(random, field.key, 3 + int(size * 39)),
            "sectors": texts.sectors(random, field),
            "jobs": texts.jobs(random, field, profile.title),
        }
        if random.random() < 0.5:
            values["regulations"] = "Sans objet" if random.random() < 0.5 else texts.prose(random, field.key, 2)
    if random.random() < 0.75:
        values["entry_prerequisites"] = texts.pick(random, texts.ENTRY)
    if random.random() < 0.06:
        values["validation_prerequisites"] = "Avoir suivi la totalité du parcours et remis les travaux demandés."
    return values


def rs_prose(random: Random) -> dict[str, str]:
    values = {}
    if random.random() < 0.15:
        values["mastery_levels"] = random.choice(("sans objet", "Niveaux A2 à C1, attribués selon le score obtenu."))
    if random.random() < 0.2:
        values["validity"] = random.choice(("2 ans", "3 ans", "5 ans"))
        values["renewal"] = "Recyclage d’une journée avant l’échéance, suivi d’une nouvelle évaluation."
    if random.random() < 0.1:
        values["partial_validation_scope"] = "Chaque module peut être validé séparément pendant cinq ans."
    return values


def blocks(profile: Profile, field: Field, random: Random) -> list[Row]:
    """Blocks exist since about the middle of the register; the RS has none."""
    if profile.is_rs or (not profile.active and random.random() > 1.15 * profile.age - 0.16):
        return []
    rows = []
    count = 3 + int(random.random() * 4)
    chosen = random.sample(field.tasks, min(count, len(field.tasks)))
    for rank, title in enumerate(chosen, 1):
        skills = texts.listing(random, field.key, 6 + int(random.random() * 10), f"C{rank}.")
        code = f"{profile.number}BC{rank:02d}"
        rows.append((code, title, skills, texts.assessment(random, 2 + int(random.random() * 7)), "", ""))
    return rows


def routes(profile: Profile, kind: Kind, random: Random, today: date) -> list[Row]:
    """The six routes, five for the RS (no apprenticeship); the composition is mostly that of an open route."""
    composition = texts.jury(random)
    rows: list[Row] = []
    for route in ROUTES:
        if route == "CA" and profile.is_rs:
            continue
        is_open = random.random() < (0.85 if route in ("FC", "VAE") else 0.5)
        text = composition if is_open or random.random() < 0.1 else ""
        changed = today - timedelta(days=int(random.random() * 2000)) if random.random() < 0.11 else None
        rows.append((route, is_open, text, changed))
    return rows


def codes(profile: Profile, field: Field, random: Random) -> list[Row]:
    nsf = field.nsf[: 1 + (random.random() < 0.35) + (random.random() < 0.15)]
    formacodes = field.formacode[: 1 + int(random.random() * 4)]
    return (
        code_rows("FORMACODE", formacodes)
        + code_rows("NSF", nsf)
        + code_rows("ROME", profile.rome)
        + (code_rows("IDCC", (random.choice(list(labels()["IDCC"])),)) if random.random() < 0.007 else [])
        + (code_rows("CCN", (random.choice(list(labels()["CCN"])),)) if random.random() < 0.038 else [])
    )


def code_rows(system: str, chosen: Iterable[str]) -> list[Row]:
    return [(system, code, labels()[system][code], position) for position, code in enumerate(chosen, 1)]


def legal_texts(profile: Profile, kind: Kind, random: Random, today: date) -> list[Row]:
    if not kind.of_right and random.random() < 0.6:
        return []
    rows: list[Row] = []
    for nature in ("general", "creation", "other"):
        for _ in range(int(random.random() * 2.4)):
            on = today - timedelta(days=400 + int((1 - profile.age) * 6000 + random.random() * 1500))
            title = (
                f"Arrêté du {on:%d/%m/%Y} relatif à la certification « {profile.title} » (texte {on.toordinal() % 97})"
            )
            rows.append((nature, title, on if random.random() < 0.9 else None))
    return rows


def statistics(profile: Profile, random: Random, today: date) -> list[Row]:
    if random.random() > 0.3 + 0.4 * profile.age:
        return []
    last = today.year - 1 if profile.active else today.year - 2 - int((1 - profile.age) * 15)
    rows = []
    for year in range(last - int(random.random() * 3), last + 1):
        certified = int(random.expovariate(1 / 120)) + 1
        by_vae = int(certified * random.random() * 0.1) if random.random() < 0.62 else None
        overall = Decimal(50 + int(random.random() * 50)) if random.random() < 0.7 else None
        target = Decimal(400 + int(random.random() * 600)) / 10 if random.random() < 0.55 else None
        rows.append((year, certified, by_vae, overall, target))
    return rows


def correspondences(profile: Profile, own: list[Row], random: Random) -> list[Row]:
    """Equivalences with the blocks of an ancestor, now and then with the whole of it."""
    if not own or not profile.ancestors or random.random() < 0.6:
        return []
    target = profile.ancestors[0]
    rows = [(row[0], target, f"{target}BC{rank:02d}") for rank, row in enumerate(own[:-1], 1)]
    if random.random() < 0.3:
        rows.append((" ".join(row[0] for row in own), target, ""))
    if random.random() < 0.05:
        rows.append(("", target, f"{target}BC01"))
    return rows
