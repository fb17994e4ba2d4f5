"""The imports that fed the registers: what was read, from where, and what each one changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from habilis.registers.models import ImportRun
from habilis.registers.views.public import page_of, public, show

KINDS = {
    "fiches": _("Fiches"),
    "blocks": _("Blocs"),
    "habilitations": _("Habilitations"),
    "certifiers": _("Certificateurs"),
}
VERBS = ("added", "updated", "removed", "unchanged")


@public
def runs(request: HttpRequest) -> HttpResponse:
    return show(request, "registers/runs.html", {"page": page_of(request, ImportRun.objects.defer("rejected"))})


@public
def run(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ImportRun, pk=pk)
    counts = [(label, *(found.counts.get(kind, {}).get(verb, 0) for verb in VERBS)) for kind, label in KINDS.items()]
    return show(request, "registers/run.html", {"run": found, "counts": counts})
