"""Addresses of the whole site: each app brings its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("habilis.portal.urls")),
    path("", include("habilis.common.urls")),
    path("", include("habilis.registers.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
