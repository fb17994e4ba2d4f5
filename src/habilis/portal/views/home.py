"""The way in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from habilis.portal.queries import figures, sources


# Public.
def home(request: HttpRequest) -> HttpResponse:
    lines = sources()
    context = {
        # One file may bring both registers: it is named once.
        "sources": list(dict.fromkeys(line.source for line in lines)),
        "figures": figures(timezone.localdate(), lines) if lines else None,
    }
    return render(request, "portal/home.html", context)
