"""Two fiches side by side, or one fiche on two days."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse

from habilis.registers.forms import CompareForm
from habilis.registers.queries import fiches, lineage
from habilis.registers.queries.changes import Source
from habilis.registers.queries.compare import Side, compare
from habilis.registers.views.public import public, show


@public
def comparison(request: HttpRequest) -> HttpResponse:
    """The form; with one number, the fiches of its family to compare it with; with two, the comparison."""
    asked = "a" in request.GET and "b" in request.GET
    form = CompareForm(request.GET) if asked else CompareForm(initial=request.GET.dict())
    if not asked or not form.is_valid():
        return show(request, "registers/compare.html", {"form": form, "found": None, **family_of(request)})
    sides = [side_of(form, name) for name in ("a", "b")]
    left, right = sides
    if left is None or right is None:
        return show(request, "registers/compare.html", {"form": form, "found": None, "family": []}, status=404)
    sources = list(dict.fromkeys(Source.of(side.version.run) for side in (left, right)))
    context = {"form": form, "found": compare(left, right), "sides": (left, right), "family": []}
    return show(request, "registers/compare.html", context, sources=sources)


def side_of(form: CompareForm, name: str) -> Side | None:
    """One side, or None with the error written on the form."""
    number: str = form.cleaned_data[name]
    on: date | None = form.cleaned_data.get(f"on_{name}")
    certification = fiches.find(number)
    version = fiches.version_on(certification, on) if certification else None
    if certification is None or version is None:
        form.unknown(name, number, is_known=certification is not None)
        return None
    return Side(certification, version, on)


def family_of(request: HttpRequest) -> dict[str, Any]:
    """The relatives of the first fiche, the likeliest to be compared with it."""
    number = fiches.canonical(request.GET.get("a", ""))
    certification = fiches.find(number) if number else None
    if certification is None:
        return {"family": [], "first": None}
    found = lineage.family(certification)
    known = [member for member in (*found.successors, *found.ancestors) if member.certification]
    return {"family": known[:10], "first": certification}
