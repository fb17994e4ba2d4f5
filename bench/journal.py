"""Cost of one entry beyond its act, and rate of verification beside a bare SHA-256 pass over the same bytes."""

import json
import sys
import time
from hashlib import sha256

from bench.context import Context
from bench.measure import Spread

ACTS, ENTRIES = 500, 100_000


def run(context: Context) -> dict[str, object]:
    home = context.fresh_home("journal")
    acts = [json.loads(context.python(home, "bench.journal", "acts").out) for _ in range(context.repeat)]
    cost = Spread.of(one["with"] - one["without"] for one in acts)
    bare = Spread.of(one["without"] for one in acts)
    print(f"   an entry adds {cost} ms to an act of {bare} ms", flush=True)
    context.python(home, "bench.journal", "fill", str(ENTRIES))
    context.habilis(home, "journal", "checkpoint", home / "kept.note")
    passes = [json.loads(context.python(home, "bench.journal", "hash").out) for _ in range(context.repeat)]
    runs = [
        context.habilis(home, "journal", "verify", "--checkpoint", home / "kept.note") for _ in range(context.repeat)
    ]
    rate = Spread.of(ENTRIES / one.seconds for one in runs)
    ratio = Spread.of(one.seconds / hashed for one, hashed in zip(runs, passes, strict=True))
    peak = max(one.peak for one in runs)
    print(f"   verifies {rate} entries/s, {ratio} × a bare SHA-256 pass, peak {peak:.0f} MB", flush=True)
    return {
        "entry_ms": cost.as_json(),
        "act_ms": bare.as_json(),
        "verified_per_second": rate.as_json(),
        "ratio": ratio.as_json(),
        "peak_mb": round(peak),
    }


def main(what: str, count: str = "0") -> None:
    import django

    django.setup()
    {"acts": acts, "hash": hashed, "fill": lambda: fill(int(count))}[what]()


def record_one(number: int) -> None:
    from datetime import date

    from habilis.common.actors import SYSTEM
    from habilis.journal.enums import EntryKind
    from habilis.journal.services import record

    payload = {"reason": "planned", "number": number}
    record(EntryKind.SESSION_OPENED, by=SYSTEM, on=date(2026, 1, 1), about=f"a.b:{number}", payload=payload)


def acts() -> None:
    """Milliseconds of a transaction that changes one row, alone and with an entry, in turn."""
    from django.db import transaction

    from habilis.organisations.models import Organisation

    body = Organisation.objects.get_or_create(siret="99900001600017", defaults={"name": "Atelier"})[0]
    spent = {"without": 0.0, "with": 0.0}
    for number in range(2 * ACTS):
        kind = "with" if number % 2 else "without"
        start = time.perf_counter()
        with transaction.atomic():
            Organisation.objects.filter(pk=body.pk).update(city=str(number))
            if kind == "with":
                record_one(number)
        spent[kind] += time.perf_counter() - start
    print(json.dumps({kind: seconds * 1000 / ACTS for kind, seconds in spent.items()}))


def fill(count: int) -> None:
    from django.db import transaction

    for first in range(0, count, 1_000):
        with transaction.atomic():
            for number in range(first, min(first + 1_000, count)):
                record_one(number)


def hashed() -> None:
    """Seconds to hash the bytes of the entries, made beforehand."""
    from habilis.journal.models import Entry

    data = [entry.leaf_data() for entry in Entry.objects.filter(seq__isnull=False).iterator()]
    start = time.perf_counter()
    for one in data:
        sha256(one).digest()
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
