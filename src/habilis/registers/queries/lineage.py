"""The family of a fiche: what it replaces and what replaces it, as a graph read from left (oldest) to right.

A link is kept if either end declares it. The registers hold chains of 8, fans of 22 and no cycle; cycles are cut anyway.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from habilis.registers.enums import LineageDirection
from habilis.registers.models import Certification, LineageLink

LIMIT = 40  # nodes drawn
DEPTH = 12  # generations read on each side: one query each

# Geometry of the picture, in pixels: a tall family is drawn with low boxes, without titles.
WIDTH, GAP_X = 190, 56
HEIGHT, GAP_Y = 58, 16
LOW_HEIGHT, LOW_GAP_Y = 32, 8
TALL = 7  # fiches of one generation


@dataclass(frozen=True, slots=True)
class Member:
    """One fiche of the family; `certification` is None when a link names a number that no import brought."""

    number: str
    generation: int  # 0 is the fiche itself, negative the ancestors, positive the successors
    certification: Certification | None
    x: int = 0
    y: int = 0
    height: int = HEIGHT

    @property
    def is_focus(self) -> bool:
        return self.generation == 0

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + WIDTH


@dataclass(frozen=True, slots=True)
class Edge:
    """From the older fiche to the one that replaces it; `path` is the `d` of an SVG path."""

    older: Member
    newer: Member
    path: str


@dataclass(frozen=True, slots=True)
class Family:
    """`hidden` counts the fiches left out of the picture, at least (generations past them are not read)."""

    members: list[Member]
    edges: list[Edge]
    hidden: int = 0
    width: int = WIDTH
    height: int = HEIGHT
    ancestors: list[Member] = field(default_factory=list)
    successors: list[Member] = field(default_factory=list)

    @property
    def is_low(self) -> bool:
        """Boxes hold the number only."""
        return self.members[0].height == LOW_HEIGHT

    @property
    def is_alone(self) -> bool:
        return len(self.members) == 1


def family(certification: Certification, on: date | None = None) -> Family:
    """One query per generation on each side, one for the titles; on a day, what the versions of that day declare."""
    number = certification.number
    links: set[tuple[str, str]] = set()
    before, cut_before = _walk(number, -1, on, links)
    after, cut_after = _walk(number, 1, on, links, known=before)
    generations = {number: 0} | _layers(number, before, -1, links) | _layers(number, after, 1, links)
    shown = _closest(generations)
    return _draw(shown, links, hidden=len(generations) - len(shown) + cut_before + cut_after)


def _walk(
    number: str, step: int, on: date | None, links: set[tuple[str, str]], known: Iterable[str] = ()
) -> tuple[set[str], int]:
    """All the fiches on one side, by breadth; the links met are added. Second: how many fiches were not followed."""
    found: set[str] = set()
    frontier = {number}
    for _ in range(DEPTH):
        met = _neighbours(frontier, step, on)
        links |= met
        frontier = {pair[0 if step < 0 else 1] for pair in met} - found - {number, *known}
        if not frontier or len(found) + len(frontier) > 4 * LIMIT:
            break
        found |= frontier
    return found, len(frontier - found)


def _layers(number: str, side: set[str], step: int, links: set[tuple[str, str]]) -> dict[str, int]:
    """The generation of each fiche of a side: its longest way to the focus, so that every link goes to the right.

    A cycle would lengthen for ever: `DEPTH` passes at most.
    """
    layers = dict.fromkeys(side, step)
    inner = [(near, far) for far, near in links] if step < 0 else list(links)
    for _ in range(DEPTH):
        longer = {
            far: layers[near] + step
            for near, far in sorted(inner)
            if near in side and far in side and abs(layers[near]) >= abs(layers[far])
        }
        if not longer:
            break
        layers |= longer
    return layers


def _neighbours(numbers: set[str], step: int, on: date | None) -> set[tuple[str, str]]:
    """Links (older, newer) that lead from these fiches to the previous (-1) or next (+1) generation. One query."""
    own, mirror = LineageDirection.REPLACES, LineageDirection.REPLACED_BY
    if step > 0:
        own, mirror = mirror, own
    said_here = _holding(on).filter(direction=own, version__certification__number__in=numbers)
    said_there = _holding(on).filter(direction=mirror, number__in=numbers)
    columns = ("direction", "version__certification__number", "number")
    rows = said_here.order_by().values_list(*columns).union(said_there.order_by().values_list(*columns))
    return {
        (other, holder) if direction == LineageDirection.REPLACES else (holder, other)
        for direction, holder, other in rows
    }


def _holding(on: date | None) -> QuerySet[LineageLink]:
    if on is None:
        return LineageLink.objects.filter(version__valid_to__isnull=True)
    ends = Q(version__valid_to__isnull=True) | Q(version__valid_to__gt=on)
    return LineageLink.objects.filter(ends, version__valid_from__lte=on)


def _closest(generations: Mapping[str, int]) -> dict[str, int]:
    """The fiches drawn: the nearest generations first, the most recent numbers first."""
    ranked = sorted(generations, key=lambda number: (abs(generations[number]), -_rank(number), number))
    return {number: generations[number] for number in ranked[:LIMIT]}


def _rank(number: str) -> int:
    return int("".join(char for char in number if char.isdecimal()) or 0)


def _draw(generations: Mapping[str, int], links: set[tuple[str, str]], hidden: int) -> Family:
    certifications = Certification.objects.select_related("current_version").in_bulk(
        list(generations), field_name="number"
    )
    columns: dict[int, list[str]] = defaultdict(list)
    for number in sorted(generations, key=_rank):
        columns[generations[number]].append(number)
    drawn = {pair for pair in links if generations.keys() >= set(pair)}
    _untangle(columns, drawn)

    tallest = max(map(len, columns.values()))
    box, gap = (LOW_HEIGHT, LOW_GAP_Y) if tallest > TALL else (HEIGHT, GAP_Y)
    height = tallest * (box + gap) - gap
    members: dict[str, Member] = {}
    for rank, (generation, column) in enumerate(sorted(columns.items())):
        top = (height - len(column) * (box + gap) + gap) // 2
        for place, number in enumerate(column):
            members[number] = Member(
                number,
                generation,
                certifications.get(number),
                x=rank * (WIDTH + GAP_X),
                y=top + place * (box + gap),
                height=box,
            )
    edges = [
        Edge(members[older], members[newer], _path(members[older], members[newer])) for older, newer in sorted(drawn)
    ]
    everyone = list(members.values())
    return Family(
        members=everyone,
        edges=edges,
        hidden=hidden,
        width=len(columns) * (WIDTH + GAP_X) - GAP_X,
        height=height,
        ancestors=[member for member in reversed(everyone) if member.generation < 0],
        successors=[member for member in everyone if member.generation > 0],
    )


def _untangle(columns: dict[int, list[str]], links: set[tuple[str, str]]) -> None:
    """Order each column by the mean place of its neighbours in the column nearer to the fiche: fewer crossings."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for older, newer in links:
        neighbours[older].add(newer)
        neighbours[newer].add(older)
    for generation in sorted(columns, key=abs):
        if generation == 0:
            continue
        nearer = columns.get(generation - (1 if generation > 0 else -1), [])
        place = {number: index for index, number in enumerate(nearer)}

        def mean(number: str, place: Mapping[str, int] = place) -> float:
            around = [place[other] for other in neighbours[number] if other in place]
            return sum(around) / len(around) if around else len(place)

        columns[generation].sort(key=mean)


def _path(older: Member, newer: Member) -> str:
    """A smooth curve from the right side of the older to the left side of the newer."""
    bend = max(GAP_X, newer.x - older.right) // 2
    return (
        f"M{older.right} {older.middle} C{older.right + bend} {older.middle} "
        f"{newer.x - bend} {newer.middle} {newer.x} {newer.middle}"
    )
