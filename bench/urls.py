"""The addresses of the site, and an empty view beside them."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from habilis.config.urls import urlpatterns as site


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("empty/", empty), *site]
