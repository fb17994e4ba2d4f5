"""The fiches of a synthetic register, one after the other: anchors, curiosities, then as many generic ones as asked.

Each fiche is a pure function of (its rank, seed, size, today), so nothing is kept and any fiche can be made again.
The generic fiches of a register form about three generations of the same trades: the fiche at rank r is replaced, four
times in ten, by the one a third of the register later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import accumulate
from random import Random

from habilis.registers.exchange.synthetic import builder, titles
from habilis.registers.exchange.synthetic.anchors import ANCHORS, Anchor
from habilis.registers.exchange.synthetic.builder import Profile
from habilis.registers.exchange.synthetic.curiosities import Case, cases, curiosity
from habilis.registers.exchange.synthetic.kinds import KINDS, RNCP_KINDS, RS_KINDS
from habilis.registers.exchange.synthetic.words import fields
from habilis.registers.records import Fiche

RS_SHARE = 4_837 / 30_475
ACTIVE = {"RNCP": 5_518 / 25_638, "RS": 1_471 / 4_837}
FIXED_POOL = 900  # bodies that anchors and curiosities draw from, whatever the size
POOL = 34_036 / 30_475  # training bodies per fiche
GENERATIONS, RENEWED = 3, 0.5
FIRST = {"RNCP": 60_001, "RS": 11_001}
GAP = {"RNCP": 1.4, "RS": 1.7}  # numbers per fiche: some were never published


@cache
def curiosities() -> tuple[Case, ...]:
    return tuple(cases())


@dataclass(frozen=True)
class SyntheticRegister:
    """`fiches` below 250 cut the curiosities, then the anchors."""

    fiches: int
    seed: int
    today: date

    def __len__(self) -> int:
        return self.fiches

    def __iter__(self) -> Iterator[Fiche]:
        return map(self.fiche, range(self.fiches))

    def of(self, register: str) -> Iterator[Fiche]:
        """The fiches of one of the two registers."""
        return map(self.fiche, self.ranks(register))

    def ranks(self, register: str | None) -> Iterator[int]:
        """Ranks of the fiches of one register, or of both."""
        fixed = [is_rs for is_rs, _ in self.fixed[: self.fiches]]
        generic = [True] * len(self.sections[0]) + [False] * len(self.sections[1])
        return (rank for rank, is_rs in enumerate([*fixed, *generic]) if register in (None, "RS" if is_rs else "RNCP"))

    @property
    def pool(self) -> int:
        """Training bodies that may be drawn."""
        return max(FIXED_POOL, round(self.fiches * POOL))

    def fiche(self, rank: int) -> Fiche:
        if rank < len(ANCHORS):
            return anchor(ANCHORS[rank], randomness(rank), self.today)
        rank -= len(ANCHORS)
        if rank < len(curiosities()):
            return curiosity(curiosities()[rank], randomness(10_000 + rank), self.today, FIXED_POOL)
        return self.generic(rank - len(curiosities()))

    def generic(self, rank: int) -> Fiche:
        """The RS comes first, then the RNCP, each by rising number."""
        rs, rncp = self.sections
        if rank < len(rs):
            return rs.fiche(rank)
        return rncp.fiche(rank - len(rs))

    @cached_property
    def sections(self) -> tuple["Section", "Section"]:
        fixed = self.fixed[: self.fiches]
        rs = max(round(self.fiches * RS_SHARE) - sum(is_rs for is_rs, _ in fixed), 0)
        rs = min(rs, self.fiches - len(fixed))
        return self.section("RS", rs), self.section("RNCP", self.fiches - len(fixed) - rs)

    def section(self, register: str, count: int) -> "Section":
        fixed = [active for is_rs, active in self.fixed[: self.fiches] if is_rs == (register == "RS")]
        wanted = (count + len(fixed)) * ACTIVE[register] - sum(fixed)
        share = min(max(wanted / count, 0.05), 0.9) if count else 0.0
        return Section(register, count, share, self.seed, self.today, self.pool)

    @cached_property
    def fixed(self) -> Sequence[tuple[bool, bool]]:
        """Whether each anchor and curiosity belongs to the RS, and is active."""
        everyone: list[Anchor | Case] = [*ANCHORS, *curiosities()]
        return [(item.number.startswith("RS"), item.active) for item in everyone]


def randomness(seed: int) -> Random:
    return Random(seed)  # noqa: S311 no secret depends on it


def anchor(item: Anchor, random: Random, today: date) -> Fiche:
    successors = (item.successor,) if item.successor else ()
    ancestors = tuple(other.number for other in ANCHORS if other.successor == item.number)
    profile = Profile(
        item.number, item.kind, item.level, item.title, item.field, tuple(item.rome.split()), item.active,
        0.97 if item.active else 0.6, FIXED_POOL, item.says, ancestors, successors,
    )  # fmt: skip
    return builder.build(profile, random, today)


@dataclass(frozen=True)
class Section:
    """The generic fiches of one register; `share` of them are active, the more the younger."""

    register: str
    count: int
    share: float
    seed: int
    today: date
    pool: int

    def __len__(self) -> int:
        return self.count

    def fiche(self, rank: int) -> Fiche:
        random = randomness((self.seed << 32) + (rank << 1) + (self.register == "RS"))
        return builder.build(self.profile(rank, random), random, self.today)

    def number(self, rank: int) -> str:
        return f"{self.register}{FIRST[self.register] + int(rank * GAP[self.register])}"

    def is_active(self, rank: int) -> bool:
        """Spread evenly: among the first r fiches, as many as the integral of a rising density, whole part."""
        return int(self.active_before(rank + 1)) > int(self.active_before(rank))

    def active_before(self, rank: int) -> float:
        exponent = 0.97 / self.share  # 0.97: share of active fiches among the last
        return 0.97 * self.count / exponent * (rank / self.count) ** exponent if self.count else 0.0

    @property
    def generation(self) -> int:
        return max(self.count // GENERATIONS, 1)

    def renewed(self, rank: int) -> bool:
        draw = randomness(self.seed * 7 + rank * 31 + 5).random()
        return rank + self.generation < self.count and draw < RENEWED

    def lineage(self, rank: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ancestors and successors. One fiche in thirty has two successors; one link in 2,500 lacks its mirror."""
        ancestors, successors = [], []
        for step in (self.generation, self.generation + 1):
            before, after = rank - step, rank + step
            second = step > self.generation
            if before >= 0 and self.renewed(before) and (not second or before % 30 == 0):
                ancestors.append(self.number(before))
            if after < self.count and self.renewed(rank) and (not second or rank % 30 == 0) and rank % 2500 != 77:
                successors.append(self.number(after))
        return tuple(ancestors), tuple(successors)

    def profile(self, rank: int, random: Random) -> Profile:
        family = randomness((self.seed << 33) + (rank % self.generation << 1) + (self.register == "RS"))
        active = self.is_active(rank)
        key = draw_kind(self.register, active, family.random())
        level = family.choice(KINDS[key].levels)
        field = fields()[family.choice(titles.fields_of(key))]
        title = titles.title(key, level, field, family)
        rome = (
            ()
            if self.register == "RS"
            else tuple(random.sample(field.rome, min(len(field.rome), family.randint(1, 5))))
        )
        ancestors, successors = self.lineage(rank)
        return Profile(
            self.number(rank), key, level, title, field.key, rome, active, (rank + 0.5) / self.count, self.pool, "",
            ancestors, successors,
        )  # fmt: skip


@cache
def weights(register: str, active: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    kinds = RS_KINDS if register == "RS" else RNCP_KINDS
    shares = [KINDS[key].active if active else KINDS[key].inactive for key in kinds]
    total = sum(shares)
    return kinds, tuple(accumulate(share / total for share in shares))


def draw_kind(register: str, active: bool, draw: float) -> str:
    kinds, steps = weights(register, active)
    return next((key for key, step in zip(kinds, steps, strict=True) if draw < step), kinds[-1])
