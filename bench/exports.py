"""Exports of the loaded register against a bare parse of the XML."""

import sys
import tempfile
from pathlib import Path

from bench import measure
from bench.context import Context
from bench.measure import Spread

FORMS = {"xml": "out", "csv": "out", "jsonl": "out.jsonl"}


def run(context: Context) -> dict[str, object]:
    home = context.loaded_home()
    figures = {}
    for form, name in FORMS.items():
        ratios, peak = [], 0.0
        for _ in range(context.repeat):
            bare = measure.run([sys.executable, "-m", "bench.bare", *context.exports], context.env(context.folder))
            with tempfile.TemporaryDirectory(dir=context.folder) as folder:
                done = context.habilis(home, "register", "export", "--format", form, Path(folder) / name)
            ratios.append(done.seconds / bare.seconds)
            peak = max(peak, done.peak)
        spread = Spread.of(ratios)
        print(f"   {form}: {spread} × the bare pass, peak {peak:.0f} MB", flush=True)
        figures[form] = {"ratio": spread.as_json(), "peak_mb": round(peak)}
    return figures
