"""Time, processor and memory of a command and of all its descendants; medians and ranges."""

import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PERIOD = 0.25  # seconds between two looks at memory


@dataclass(frozen=True)
class Run:
    """`cpu` in seconds, over the process and its descendants; `peak` and `anonymous` in MB, summed over the same."""

    seconds: float
    cpu: float
    peak: float
    anonymous: float
    out: str


def run(command: Sequence[str | Path], env: Mapping[str, str]) -> Run:
    """Run to the end; a command that fails stops the benchmark with what it said."""
    before = cpu_of_children()
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peaks = Peaks(process.pid)
    out, err = process.communicate()
    seconds = time.perf_counter() - start
    peaks.stop()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed ({process.returncode}): {err[-2000:]}")
    return Run(seconds, cpu_of_children() - before, peaks.total, peaks.anonymous, out)


def cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Peaks:
    """Peak of the proportional set size of a process tree: a page that two processes share counts once."""

    def __init__(self, pid: int) -> None:
        self.pid, self.total, self.anonymous, self.over = pid, 0.0, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self) -> None:
        while not self.over.wait(PERIOD):
            sizes = [memory(pid) for pid in tree(self.pid)]
            self.total = max(self.total, sum(total for total, _ in sizes))
            self.anonymous = max(self.anonymous, sum(anonymous for _, anonymous in sizes))

    def stop(self) -> None:
        self.over.set()
        self.thread.join()


def tree(pid: int) -> Iterable[int]:
    yield pid
    try:
        children = [
            Path(f"/proc/{pid}/task/{task.name}/children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()
        ]
    except OSError:  # ended meanwhile
        return
    for child in " ".join(children).split():
        yield from tree(int(child))


def memory(pid: int) -> tuple[float, float]:
    """Proportional set size in MB: all of it, and what no file backs."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes.get("Pss", 0.0), sizes.get("Pss_Anon", 0.0)


@dataclass(frozen=True)
class Spread:
    """Median, smallest and largest of some measures."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        every = sorted(values)
        return cls(statistics.median(every), every[0], every[-1])

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"

    def as_json(self) -> dict[str, float]:
        return {"median": round(self.median, 3), "low": round(self.low, 3), "high": round(self.high, 3)}


def timed(call: Callable[[], Any]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def percentile(values: Iterable[float], share: float) -> float:
    every = sorted(values)
    return every[min(int(len(every) * share), len(every) - 1)]


def summary(values: Sequence[float]) -> dict[str, float]:
    """Milliseconds."""
    return {
        "n": len(values),
        "p50": round(percentile(values, 0.5), 2),
        "p95": round(percentile(values, 0.95), 2),
        "max": round(max(values), 2),
    }
