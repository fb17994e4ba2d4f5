"""The generator alone: seconds, memory, size."""

import sys
import tempfile
from datetime import date
from pathlib import Path

from bench import measure
from bench.context import Context


def run(context: Context) -> dict[str, object]:
    with tempfile.TemporaryDirectory(dir=context.folder) as folder:
        env = context.env(context.folder)
        done = measure.run([sys.executable, "-m", "bench.generation", folder, str(context.fiches)], env)
        size = sum(path.stat().st_size for path in Path(folder).glob("*.xml")) / 1e6
    print(
        f"   {done.seconds:.1f} s ({done.cpu:.1f} s of processor), {size:.0f} MB of XML, peak memory {done.peak:.0f} MB"
    )
    return {
        "seconds": round(done.seconds, 1),
        "cpu": round(done.cpu, 1),
        "xml_mb": round(size),
        "peak_mb": round(done.peak),
    }


def main() -> None:
    from habilis.registers.exchange.synthetic import generate

    generate(Path(sys.argv[1]), fiches=int(sys.argv[2]), today=date.today())


if __name__ == "__main__":
    main()
