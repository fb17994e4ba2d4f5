"""Search in the registers: one box, facets, an address that can be shared, downloads of what was found."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from habilis.organisations.models import Organisation
from habilis.registers.forms import SearchForm
from habilis.registers.models import Certification
from habilis.registers.queries.fiches import canonical
from habilis.registers.queries.search import Filters, Hit, facets, search
from habilis.registers.views.public import download, last_sources, public, show

SIZE = 20
CHUNK = 1000  # hits read at once for a download


@public
def results(request: HttpRequest) -> HttpResponseBase:
    form = SearchForm(request.GET)
    text, filters = form.asked()
    if target := page_of_number(text):
        return HttpResponseRedirect(target)
    today = localdate()
    asked_page = request.GET.get("page", "")
    number = int(asked_page) if asked_page.isdecimal() and 0 < int(asked_page) < 100_000 else 1
    found = search(text, on=today, filters=filters, limit=SIZE, offset=(number - 1) * SIZE)
    page = Paginator(range(found.total), SIZE).get_page(number)
    if page.number != number:
        found = search(text, on=today, filters=filters, limit=SIZE, offset=(page.number - 1) * SIZE)
    context = {
        "q": text,
        "found": found,
        "page": page,
        "facets": facets(text, on=today, filters=filters),
        "is_filtered": bool(filters.asked),
        "filter_count": len(filters.asked),
        "unfiltered": search(text, on=today, limit=1).total if filters.asked and not found.total else 0,
        "query": request.GET.urlencode(),
    }
    if request.headers.get("HX-Target") == "resultats":
        return render(request, "registers/search/partial.html", context | {"today": today})
    return show(request, "registers/search.html", context)


def page_of_number(text: str) -> str | None:
    """The address of the fiche or of the body when the text is exactly its number, and it is known."""
    digits = "".join(text.split())
    if (number := canonical(text)) and Certification.objects.filter(number=number).exists():
        return reverse("registers:fiche", args=[number])
    if len(digits) == 14 and digits.isdecimal() and Organisation.objects.filter(siret=digits).exists():
        return reverse("registers:organisation", args=[digits])
    if len(digits) == 9 and digits.isdecimal() and Organisation.objects.filter(siren=digits).exists():
        return reverse("registers:unit", args=[digits])
    return None


@public
def results_file(request: HttpRequest, extension: str) -> HttpResponseBase:
    """Everything that the page found, in its order."""
    text, filters = SearchForm(request.GET).asked()
    name = gettext("certifications")
    if extension == "json":
        response = StreamingHttpResponse(as_json(text, filters), content_type="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response
    header = [
        *(gettext("Fiche"), gettext("Intitulé"), gettext("Abrégé"), gettext("Niveau"), gettext("En vigueur")),
        *(gettext("Fin d’enregistrement"), gettext("Certificateurs"), gettext("Nombre de certificateurs")),
    ]
    rows = (
        [*(hit.number, hit.title, hit.abbreviation, hit.level, hit.is_active, hit.end_date)]
        + ["; ".join(hit.certifiers), hit.certifier_count]
        for hit in every_hit(text, filters)
    )
    return download(name, extension, header, rows)


def every_hit(text: str, filters: Filters) -> Iterator[Hit]:
    """All the hits by chunks: nothing holds the whole list."""
    today = localdate()
    offset, total = 0, 1
    while offset < total:
        found = search(text, on=today, filters=filters, limit=CHUNK, offset=offset)
        yield from found.hits
        offset, total = offset + CHUNK, found.total


def as_json(text: str, filters: Filters) -> Iterator[str]:
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    sources = [source.as_dict() for source in last_sources()]
    yield f'{{"query": {json.dumps(text, ensure_ascii=False)}, "source": {encoder.encode(sources)}, "results": ['
    for rank, hit in enumerate(every_hit(text, filters)):
        yield (",\n" if rank else "\n") + encoder.encode(hit_object(hit))
    yield "\n]}\n"


def hit_object(hit: Hit) -> dict[str, Any]:
    return {
        "number": hit.number,
        "title": hit.title,
        "register": hit.register,
        "level": hit.level,
        "abbreviation": hit.abbreviation,
        "active": hit.is_active,
        "end_date": hit.end_date,
        "certifiers": hit.certifiers,
        "certifier_count": hit.certifier_count,
    }
