"""`python -m bench [NAME …]`: run the benchmarks, print the figures, keep them in bench/results.json of the home.

The home is HABILIS_HOME, else var/. Generated files and databases are kept there under bench/ and used again.
"""

import argparse
import json
import platform
import sys
import time
from pathlib import Path

from bench import exports, generation, imports, journal, pages, searches
from bench.context import Context

BENCHMARKS = {
    "generate": generation.run,
    "import": imports.run,
    "search": searches.run,
    "pages": pages.run,
    "export": exports.run,
    "journal": journal.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--fiches", type=int, default=30_500, help="size of the register; the national one by default")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL cluster instead of SQLite")
    options = parser.parse_args()
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}")
    with Context(options.fiches, options.repeat, postgres=options.postgres) as context:
        for name in options.names or BENCHMARKS:
            print(f"== {name}, {context.label}", flush=True)
            record(context.results, f"{name}, {context.label}", BENCHMARKS[name](context))
        print(f"figures: {context.results}")


def record(path: Path, key: str, figures: object) -> None:
    """Replace the figures of that benchmark; the others stay."""
    known = json.loads(path.read_text()) if path.exists() else {}
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    known[key] = {"at": time.strftime("%Y-%m-%dT%H:%M:%S"), "machine": machine, "figures": figures}
    path.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
