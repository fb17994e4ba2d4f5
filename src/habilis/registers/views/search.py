"""Search in the registers. (placeholder until queries.search lands)"""

from django.http import HttpRequest, HttpResponse

from habilis.registers.views.public import public, show


@public
def search(request: HttpRequest) -> HttpResponse:
    return show(request, "registers/search.html", {})


@public
def search_file(request: HttpRequest, extension: str) -> HttpResponse:
    return show(request, "registers/search.html", {})


@public
def compare(request: HttpRequest) -> HttpResponse:
    return show(request, "registers/search.html", {})
