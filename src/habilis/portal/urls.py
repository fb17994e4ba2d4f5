from django.urls import path

from habilis.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("composants/", views.catalogue, name="catalogue"),
]
