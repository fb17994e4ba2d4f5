"""Pages and API through Django's own client, in process, against an empty view. Target: fiche page p95 ≤ 60 ms."""

import json
import sys
from collections.abc import Callable, Iterable

from bench.context import Context
from bench.measure import summary, timed

TARGET = {"fiche": 60}
SAMPLE = 300


def run(context: Context) -> dict[str, object]:
    figures = json.loads(context.python(context.loaded_home(), "bench.pages", str(context.repeat)).out)
    empty = figures["empty view"]
    print(f"   empty view: p50 {empty['p50']:.2f} ms, {1000 / empty['p50']:.0f} requests/s")
    for name, one in figures.items():
        if name != "empty view":
            target = f" (target p95 ≤ {TARGET[name]})" if name in TARGET else ""
            ratio = one["p50"] / empty["p50"]
            print(
                f"   {name}: p50 {one['p50']:.1f}, p95 {one['p95']:.1f}, max {one['max']:.1f} ms{target}; {ratio:.0f} × the empty view"
            )
    return figures


def addresses() -> dict[str, list[str]]:
    """Pages by kind: a spread of fiches, the largest ones among them, and what people ask for first."""
    from urllib.parse import urlencode

    from django.db.models import Count

    from habilis.organisations.models import Organisation
    from habilis.registers.models import Certification
    from habilis.registers.tests.questions import questions

    numbers = list(Certification.objects.order_by("rank").values_list("number", flat=True))
    largest = (
        Certification.objects.annotate(size=Count("habilitations")).order_by("-size").values_list("number", flat=True)
    )
    active = (
        Certification.objects.filter(current_version__is_active=True).order_by("rank").values_list("number", flat=True)
    )
    shown = [*every(numbers, SAMPLE // 2), *every(list(active), SAMPLE // 2), *largest[:15], "RNCP97001"]
    certifiers = Organisation.objects.exclude(siret=None).annotate(size=Count("certifier_links")).order_by("-size")[:30]
    partners = Organisation.objects.exclude(siret=None).annotate(size=Count("habilitations")).order_by("-size")[:30]
    texts = [urlencode({"q": one.text}) for one in questions()]
    return {
        "fiche": [f"/fiche/{number}/" for number in shown],
        "results": [f"/recherche/?{text}" for text in texts],
        "certifier": [f"/organisme/{body.siret}/" for body in certifiers],
        "partner": [f"/organisme/{body.siret}/" for body in partners],
        "home": ["/"] * 30,
        "changes": ["/changements/"] * 10,
        "may-do": [f"/qui-peut-quoi/?{urlencode({'siret': body.siret, 'numero': 'RNCP98071'})}" for body in partners],
    }


def every(items: list[str], count: int) -> list[str]:
    return items[:: max(len(items) // count, 1)][:count]


def measure(urls: Iterable[str], get: Callable[[str], object], repeat: int) -> dict[str, float]:
    """Per address, the best of `repeat`: the others bear the noise of the machine."""
    return summary([min(timed(lambda url=url: get(url)) for _ in range(repeat)) for url in urls])


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ROOT_URLCONF = "bench.urls"
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="fr")
    refused: dict[str, int] = {}

    def get(url: str) -> None:
        response = client.get(url)
        b"".join(response) if response.streaming else response.content
        if response.status_code >= 400:
            refused[url] = response.status_code

    pages = addresses()
    for urls in pages.values():
        get(urls[0])  # templates and snapshot are made once a process
    repeat = int(sys.argv[1])
    figures = {"empty view": measure(["/empty/"] * 200, get, repeat)}
    figures |= {name: measure(urls, get, repeat) for name, urls in pages.items()}
    if refused:
        raise SystemExit(f"pages that failed: {list(refused.items())[:5]}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
