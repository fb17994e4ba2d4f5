"""What the components draw: plain shapes and the geometry of the pictures, so that templates only place numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True)
class FacetOption:
    value: str
    label: str
    count: int
    selected: bool = False


@dataclass(frozen=True)
class Facet:
    """One way to narrow a list; `name` is its GET parameter, which may be repeated."""

    name: str
    label: str
    options: Sequence[FacetOption]


@dataclass(frozen=True)
class Step:
    """One step of a process: `state` is done, current or todo; `on` the day it happened or is due."""

    label: str
    state: str = "todo"
    on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class ValidityBar:
    """A period on a line, with today and the last day of issue; any date may be unknown, `end` unknown meaning open."""

    start: date | None
    end: date | None
    today: date
    last_issue: date | None = None

    def position(self, day: date | None, *, default: float) -> float:
        """Place of a day on a line of 1,000 units, 40 of them kept free at each end."""
        if day is None:
            return default
        known = [d.toordinal() for d in (self.start, self.end, self.today, self.last_issue) if d]
        low, high = min(known), max(known)
        if high == low:
            return 500
        return round(40 + 920 * (day.toordinal() - low) / (high - low), 1)

    @property
    def left(self) -> float:
        return self.position(self.start, default=0)

    @property
    def width(self) -> float:
        return round(self.position(self.end, default=1000) - self.left, 1)

    @property
    def elapsed(self) -> float:
        """The part of the period that is behind us."""
        return round(max(0.0, min(self.position(self.today, default=0) - self.left, self.width)), 1)

    @property
    def now(self) -> float:
        return self.position(self.today, default=0)

    @property
    def last(self) -> float | None:
        return self.position(self.last_issue, default=0) if self.last_issue else None

    @property
    def tail(self) -> float:
        """From the end of the period to the last day of issue; 0 when there is none."""
        end = self.left + self.width
        return round(max(0.0, self.last - end), 1) if self.last and self.end else 0.0

    @property
    def tail_start(self) -> float:
        return round(self.left + self.width, 1)


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    width: float  # percent of the chart
    y: int


@dataclass(frozen=True)
class Bars:
    """Horizontal bars under their labels; lengths are percents, so that text keeps its size on a narrow screen."""

    title: str
    rows: Sequence[tuple[str, float]]
    unit: str = ""
    category: str = ""

    ROW = 44

    @property
    def bars(self) -> list[Bar]:
        top = max((value for _, value in self.rows), default=0) or 1
        return [Bar(label, v, round(100 * v / top, 2), i * self.ROW) for i, (label, v) in enumerate(self.rows)]

    @property
    def height(self) -> int:
        return max(1, len(self.rows)) * self.ROW


@dataclass(frozen=True)
class Point:
    rank: int
    x: float
    y: float
    value: float
    label: str


@dataclass(frozen=True)
class Line:
    label: str
    rank: int
    points: list[Point]

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        """Pairs of neighbours; a missing value between two points breaks the line."""
        return [(a, b) for a, b in pairwise(self.points) if b.rank == a.rank + 1]


@dataclass(frozen=True)
class Lines:
    """Lines over ordered categories; x in percents, y in pixels. A missing value (None) breaks its line."""

    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    unit: str = ""
    category: str = ""
    top: float | None = None

    LEFT, RIGHT, HIGH, LOW = 9.0, 97.0, 16, 196

    @property
    def maximum(self) -> float:
        return self.top or max((v for _, values in self.series for v in values if v is not None), default=0) or 1

    def x(self, index: int) -> float:
        return round(self.LEFT + (self.RIGHT - self.LEFT) * index / max(1, len(self.labels) - 1), 2)

    def y(self, value: float) -> float:
        return round(self.LOW - (self.LOW - self.HIGH) * value / self.maximum, 1)

    @property
    def lines(self) -> list[Line]:
        return [
            Line(
                name,
                rank,
                [Point(i, self.x(i), self.y(v), v, self.labels[i]) for i, v in enumerate(values) if v is not None],
            )
            for rank, (name, values) in enumerate(self.series)
        ]

    @property
    def marks(self) -> list[tuple[float, float]]:
        """Horizontal rules: (y, value) at 0, half and top."""
        return [(self.y(share * self.maximum), round(share * self.maximum, 2)) for share in (0, 0.5, 1)]

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """At most six labels under the axis, first and last included."""
        step = max(1, -(-(len(self.labels) - 1) // 5))
        return [(self.x(i), label) for i, label in enumerate(self.labels) if i % step == 0]

    @property
    def table(self) -> list[tuple[str, list[float | None]]]:
        return [(label, [values[i] for _, values in self.series]) for i, label in enumerate(self.labels)]
