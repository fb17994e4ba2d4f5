"""May this body do this on that day? A question asked by address, answered with its reason and its rows."""

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from habilis.organisations.models import Organisation
from habilis.registers.enums import HabilitationRole
from habilis.registers.forms import MayForm
from habilis.registers.queries import fiches, rights
from habilis.registers.views.public import public, show


@public
def may(request: HttpRequest) -> HttpResponse:
    """The form alone until a body and a certification are given; from there, the answer or what to correct."""
    today = localdate()
    is_asked = bool(request.GET.get("siret") and request.GET.get("number") and request.GET.get("role"))
    initial = {"on": today, "role": HabilitationRole.ASSESS} | {key: request.GET[key] for key in request.GET}
    form = MayForm(request.GET) if is_asked else MayForm(initial=initial)
    if not is_asked or not form.is_valid():
        return show(request, "registers/may.html", {"form": form, "answer": None}, status=400 if is_asked else 200)
    asked = form.cleaned_data
    role = HabilitationRole(asked["role"])
    answer = rights.may(asked["siret"], asked["number"], role=role, on=asked["on"], today=today)
    context = {
        "form": form,
        "answer": answer,
        "certification": fiches.find(answer.number),
        "body": Organisation.objects.filter(siret=answer.siret).first(),
        "is_future": answer.on > today,
    }
    return show(request, "registers/may.html", context, sources=[answer.source] if answer.source else None)
