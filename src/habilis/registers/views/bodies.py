"""The page of a body: what it certifies, where it is a partner, the other establishments of its legal unit."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from habilis.organisations.models import Organisation, has_valid_key
from habilis.registers.forms import BodyForm
from habilis.registers.models import CertifierLink, PublishedHabilitation
from habilis.registers.queries import bodies
from habilis.registers.views.public import download, page_of, public, show

SIBLINGS = 10


@public
def organisation(request: HttpRequest, siret: str) -> HttpResponseBase:
    body = Organisation.objects.filter(siret=siret).first()
    if body is None:
        context = {
            "siret": siret,
            "is_exact": has_valid_key(siret),
            "siblings": bodies.establishments(siret[:9])[:SIBLINGS],
        }
        return show(request, "registers/unknown_body.html", context, status=404)
    return body_page(request, body)


@public
def organisation_by_id(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A body that the source publishes without SIRET; another one has its page at its SIRET."""
    body = Organisation.objects.filter(pk=pk).first()
    if body is None:
        return show(request, "registers/unknown_body.html", {"siret": "", "siblings": []}, status=404)
    if body.siret:
        return HttpResponseRedirect(reverse("registers:organisation", args=[body.siret]))
    return body_page(request, body)


def body_page(request: HttpRequest, body: Organisation) -> HttpResponse:
    """Nine queries. `?liste=habilitations` shows the second list; without it, the first that is not empty."""
    today = localdate()
    form = BodyForm(request.GET)
    form.is_valid()
    asked = bodies.BodyFilter(**form.cleaned_data)
    counts = bodies.body_counts(body, today)
    shown = request.GET.get("liste") or ("certifications" if counts.certified else "habilitations")
    rows: Any = links(shown)(body, today, asked)
    siblings = [row for row in bodies.establishments(body.siren) if row.organisation != body] if body.siren else []
    context = {
        "body": body,
        "form": form,
        "counts": counts,
        "shown": shown,
        "page": page_of(request, rows),
        "siblings": siblings[:SIBLINGS],
        "sibling_count": len(siblings),
        "is_filtered": any(form.cleaned_data.values()),
    }
    return show(request, "registers/body.html", context)


def links(shown: str) -> Any:
    return bodies.certified_by if shown == "certifications" else bodies.habilitations_of


@public
def unit(request: HttpRequest, siren: str) -> HttpResponseBase:
    """All the establishments of a legal unit; the page of the body when there is only one."""
    rows = bodies.establishments(siren)
    if len(rows) == 1 and (siret := rows[0].organisation.siret):
        return HttpResponseRedirect(reverse("registers:organisation", args=[siret]))
    if not rows:
        return show(request, "registers/unknown_body.html", {"siret": siren, "siblings": []}, status=404)
    return show(request, "registers/unit.html", {"siren": siren, "page": page_of(request, rows, 50)})


@public
def links_file(request: HttpRequest, pk: int, shown: str, extension: str) -> HttpResponseBase:
    """One of the two lists of a body as asked on its page."""
    body = Organisation.objects.filter(pk=pk).first()
    if body is None:
        return show(request, "registers/unknown_body.html", {"siret": "", "siblings": []}, status=404)
    form = BodyForm(request.GET)
    form.is_valid()
    rows = links(shown)(body, localdate(), bodies.BodyFilter(**form.cleaned_data))
    header = [
        *("SIRET", gettext("Organisme"), gettext("Fiche"), gettext("Intitulé"), gettext("Fiche active")),
        *(
            gettext("Fin d’enregistrement"),
            gettext("Rôle"),
            gettext("État"),
            gettext("Dernière modification de l’état"),
        ),
    ]
    cells = (link_cells(body, row) for row in rows.iterator(chunk_size=2000))
    return download(f"{body.siret or body.pk}-{shown}", extension, header, cells)


def link_cells(body: Organisation, row: CertifierLink | PublishedHabilitation) -> list[Any]:
    version = row.certification.current_version
    role = row.get_role_display() if isinstance(row, PublishedHabilitation) else gettext("Certificateur")
    return [
        *(body.siret, row.name, row.certification.number),
        *((version.title, version.is_active, version.end_date) if version else ("", None, None)),
        *(role, row.get_state_display(), row.state_changed_on),
    ]
