"""Addresses of the whole site: each app brings its own."""

from django.urls import include, path

from habilis.config import api

urlpatterns = [
    path("", include("habilis.portal.urls")),
    path("", include("habilis.common.urls")),
    path("", include("habilis.registers.urls")),
    path("api/v1/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
