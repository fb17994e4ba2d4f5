"""The page of a fiche, its partners, its history and its downloads."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from habilis.registers.exchange.jsonl_writer import fiche_object
from habilis.registers.forms import DayForm, PartnerForm
from habilis.registers.models import Certification
from habilis.registers.queries import bodies, fiches, lineage
from habilis.registers.queries.changes import Source
from habilis.registers.queries.stored import stored_by_number
from habilis.registers.views.public import download, page_of, public, show

PARTNERS = 15


@public
def fiche(request: HttpRequest, number: str) -> HttpResponseBase:
    canonical = fiches.canonical(number)
    if canonical and canonical != number:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(
            reverse("registers:fiche", args=[canonical]) + (f"?{query}" if query else "")
        )
    certification = fiches.find(number) if canonical else None
    if certification is None:
        return unknown_fiche(request, number)
    day_form = DayForm(request.GET)
    on = day_form.cleaned_data["on"] if day_form.is_valid() else None
    partners = partner_context(request, certification, on)
    if request.headers.get("HX-Target") == "partenaires-liste":
        return render(request, "registers/fiche/partner_list.html", partners)
    version = fiches.version_on(certification, on)
    if version is None:
        return unknown_day(request, certification, day_form, on)
    found = fiches.read(certification, version, on=on, today=localdate())
    context = partners | {
        "fiche": found,
        "status": fiches.status(certification, version, found.day),
        "day_form": day_form,
        "family": lineage.family(certification, on),
        "versions": list(fiches.versions(certification)[:6]),
        "changes": list(fiches.changes(certification)[:12]),
    }
    return show(request, "registers/fiche.html", context, sources=[Source.of(version.run)])


def partner_context(request: HttpRequest, certification: Certification, on: date | None) -> dict[str, Any]:
    """The partners asked, a page of them, and the counts of all (four queries)."""
    counts = bodies.partner_counts(certification, on)
    form = PartnerForm(request.GET, departments=counts.departments)
    form.is_valid()  # a wrong value asks for nothing
    asked = bodies.PartnerFilter(**form.cleaned_data, sort=request.GET.get("sort", ""))
    page = page_of(request, bodies.partners(certification, on, asked), PARTNERS)
    return {
        "certification": certification,
        "on": on,
        "partner_form": form,
        "partner_counts": counts,
        "partner_page": page,
        "is_filtered": any(form.cleaned_data.values()),
    }


def unknown_fiche(request: HttpRequest, number: str) -> HttpResponse:
    """404 that says what a number looks like and offers to search."""
    return show(request, "registers/unknown_fiche.html", {"number": number[:40]}, status=404)


def unknown_day(request: HttpRequest, certification: Certification, form: DayForm, on: date | None) -> HttpResponse:
    """404: the fiche exists, but nothing was read before that day."""
    first = fiches.versions(certification).last()
    context = {"certification": certification, "on": on, "day_form": form, "first": first}
    return show(request, "registers/unknown_day.html", context, status=404)


@public
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Every version of a fiche and every change, latest first."""
    certification = fiches.find(fiches.canonical(number) or "")
    if certification is None:
        return unknown_fiche(request, number)
    is_key = "key" in request.GET
    context = {
        "certification": certification,
        "version": certification.current_version,
        "versions": list(fiches.versions(certification)),
        "page": page_of(request, fiches.changes(certification, key_only=is_key)),
        "is_key": is_key,
    }
    return show(request, "registers/history.html", context)


@public
def fiche_json(request: HttpRequest, number: str) -> HttpResponseBase:
    """The last known state of the whole fiche, texts and bodies, with its source."""
    number = fiches.canonical(number) or number
    stored = stored_by_number([number]).get(number)
    certification = fiches.find(number)
    if certification is None or stored is None or certification.current_version is None:
        return unknown_fiche(request, number)
    source = Source.of(certification.current_version.run).as_dict()
    body = fiche_object(stored.fiche) | {"source": source, "official_url": fiches.official_url(certification)}
    response = JsonResponse(body, encoder=RecordEncoder, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


class RecordEncoder(DjangoJSONEncoder):
    """Decimals as numbers, like the JSON Lines export."""

    def default(self, value: Any) -> Any:
        return float(value) if isinstance(value, Decimal) else super().default(value)


@public
def partners_file(request: HttpRequest, number: str, extension: str) -> HttpResponseBase:
    """The partners asked on the page, as a table."""
    certification = fiches.find(fiches.canonical(number) or "")
    if certification is None:
        return unknown_fiche(request, number)
    day_form = DayForm(request.GET)
    on = day_form.cleaned_data["on"] if day_form.is_valid() else None
    form = PartnerForm(request.GET, departments=bodies.partner_counts(certification, on).departments)
    form.is_valid()
    rows = bodies.partners(certification, on, bodies.PartnerFilter(**form.cleaned_data))
    header = ["Fiche", "SIRET", gettext("Nom"), gettext("Rôle"), gettext("État"), gettext("Active depuis le")]
    header += [gettext("Dernière modification de l’état")]
    cells: Iterator[Sequence[Any]] = (
        [certification.number, row.organisation.siret, row.name, row.get_role_display(), row.get_state_display()]
        + [row.active_since, row.state_changed_on]
        for row in rows.iterator(chunk_size=2000)
    )
    return download(f"{certification.number}-{gettext('partenaires')}", extension, header, cells)
