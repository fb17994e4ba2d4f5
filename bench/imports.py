"""Imports against a bare parse of the same files: first, unchanged, then a week later. Targets: 5, 2.5, 400 MB."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree

from bench import measure
from bench.context import Context
from bench.measure import Run, Spread

TARGETS = {"first": 5.0, "unchanged": 2.5}
PEAK = 400  # MB


def run(context: Context) -> dict[str, object]:
    later = sorted(context.register[2].glob("export_fiches_*.xml"))
    expected = json.loads((context.register[2] / "expected.json").read_text())
    runs: dict[str, list[Run]] = {name: [] for name in ("bare", "first", "unchanged", "week later")}
    for turn in range(context.repeat):
        runs["bare"].append(
            measure.run([sys.executable, "-m", "bench.bare", *context.exports], context.env(context.folder))
        )
        home = context.fresh_home("import")
        runs["first"].append(context.load(home))
        runs["unchanged"].append(context.load(home))
        runs["week later"].append(import_later(context, home, later))
        print(
            f"   turn {turn + 1}: " + ", ".join(f"{name} {every[-1].seconds:.1f} s" for name, every in runs.items()),
            flush=True,
        )
    rmtree(context.home("import"), ignore_errors=True)
    counted = all(counts(one) == expected for one in runs["week later"])
    print(f"   counts of the week later: {'as expected' if counted else 'NOT as expected'}")
    return report(runs) | {"counts_as_expected": counted, "counts": counts(runs["first"][0])}


def import_later(context: Context, home: Path, files: Iterable[Path]) -> Run:
    return context.habilis(home, "register", "import", *files, "--apply", "--complete", "--json")


def counts(one: Run) -> dict[str, dict[str, int]]:
    data = json.loads(one.out)
    return {kind: data[kind] for kind in ("fiches", "blocks", "habilitations", "certifiers")}


def report(runs: dict[str, list[Run]]) -> dict[str, object]:
    figures: dict[str, object] = {"bare_seconds": Spread.of(one.seconds for one in runs["bare"]).as_json()}
    for name in ("first", "unchanged", "week later"):
        pairs = list(zip(runs[name], runs["bare"], strict=True))
        ratio = Spread.of(one.seconds / bare.seconds for one, bare in pairs)
        cpu = Spread.of(one.cpu / bare.cpu for one, bare in pairs)
        peak, anonymous = max(one.peak for one in runs[name]), max(one.anonymous for one in runs[name])
        target = f", target ≤ {TARGETS[name]}" if name in TARGETS else ""
        print(
            f"   {name}: {ratio} × the bare pass{target}; processor {cpu} ×; peak {peak:.0f} MB, {anonymous:.0f} anonymous (target ≤ {PEAK})"
        )
        figures[name] = {
            "ratio": ratio.as_json(),
            "cpu_ratio": cpu.as_json(),
            "seconds": Spread.of(one.seconds for one in runs[name]).as_json(),
            "peak_mb": round(peak),
            "anonymous_mb": round(anonymous),
        }
    return figures
