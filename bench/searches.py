"""The question set on the whole register, against a LIKE over the titles; then how often the answer is right.

Targets at national size: p95 ≤ 25 ms on SQLite, ≤ 120 ms on PostgreSQL. Recall is over the 2,000 fiches that the
questions were written for.
"""

import json
import sys
from datetime import date

from bench.context import Context
from bench.measure import summary, timed

TARGETS = {"sqlite": 25, "postgresql": 120}


def run(context: Context) -> dict[str, object]:
    home = context.loaded_home()
    speed = json.loads(context.python(home, "bench.searches", "speed", str(context.repeat)).out)
    ratio = speed["search"]["p50"] / speed["anchor"]["p50"]
    print(
        f"   first search of a process {speed['cold_ms']:.0f} ms, then {told(speed['search'])} (target p95 ≤ {speed['target']})"
    )
    print(f"   every turn counted: {told(speed['every_turn'])}")
    print(f"   facets {told(speed['facets'])}; LIKE over titles {told(speed['anchor'])}; median ratio {ratio:.1f}")
    print("   slowest: " + ", ".join(f"{text!r} {ms:.0f} ms" for text, ms in speed["slowest"]), flush=True)
    recall = json.loads(context.python(context.fresh_home("recall"), "bench.searches", "recall").out)
    print("   " + "\n   ".join(recall["lines"]))
    return {**speed, "recall@5": recall["recall"], "by_kind": recall["by_kind"]}


def told(figures: dict[str, float]) -> str:
    return f"p50 {figures['p50']:.1f}, p95 {figures['p95']:.1f}, max {figures['max']:.1f} ms"


def speed(repeat: int) -> dict[str, object]:
    """Every question in order, `repeat` turns after one cold search and one warm turn.

    `search` keeps the best time of each question, the others bear the noise of the machine; `every_turn` keeps them all.
    """
    from django.db import connection

    from habilis.registers.models import CertificationVersion
    from habilis.registers.queries.search import Filters, facets, search
    from habilis.registers.tests.questions import questions

    today = date.today()
    asked = [one.text for one in questions()]
    titles = CertificationVersion.objects.filter(valid_to__isnull=True)
    cold = timed(lambda: search("boulanger", on=today))
    for text in asked:
        search(text, on=today)
    turns = [[timed(lambda text=text: search(text, on=today)) for text in asked] for _ in range(repeat)]
    best = [min(times) for times in zip(*turns, strict=True)]
    slowest = sorted(zip(asked, best, strict=True), key=lambda pair: -pair[1])[:5]
    return {
        "target": TARGETS[connection.vendor],
        "cold_ms": round(cold, 1),
        "search": summary(best),
        "every_turn": summary([ms for turn in turns for ms in turn]),
        "facets": summary([timed(lambda text=text: facets(text, on=today, filters=Filters())) for text in asked]),
        "anchor": summary([timed(lambda text=text: list(titles.filter(title__icontains=text)[:20])) for text in asked]),
        "slowest": [(text, round(ms, 1)) for text, ms in slowest],
    }


def recall() -> dict[str, object]:
    from django.db import transaction

    from habilis.registers.tests import questions as asked

    with transaction.atomic():  # rows are written before those they refer to
        asked.load_register(2_000)
    score = asked.score([*asked.questions(), *asked.questions_on_bodies()], asked.TODAY)
    return {"recall": round(score.recall, 3), "by_kind": score.by_kind, "lines": list(asked.told(score))}


def main() -> None:
    import django

    django.setup()
    result = speed(int(sys.argv[2])) if sys.argv[1] == "speed" else recall()
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
