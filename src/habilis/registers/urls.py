"""Public addresses of the registers."""

from django.urls import path, re_path

from habilis.registers.views import bodies, changes, compare, fiches, rights, runs, search

app_name = "registers"
FILE = r"(?P<extension>csv|xlsx)"
urlpatterns = [
    path("recherche/", search.results, name="search"),
    re_path(r"^recherche\.(?P<extension>csv|xlsx|json)$", search.results_file, name="search_file"),
    path("fiche/<str:number>/", fiches.fiche, name="fiche"),
    path("fiche/<str:number>/historique/", fiches.history, name="history"),
    path("fiche/<str:number>.json", fiches.fiche_json, name="fiche_json"),
    re_path(rf"^fiche/(?P<number>[^/]+)/partenaires\.{FILE}$", fiches.partners_file, name="partners_file"),
    path("comparer/", compare.comparison, name="compare"),
    re_path(r"^organisme/(?P<siret>[0-9]{14})/$", bodies.organisation, name="organisation"),
    re_path(r"^organisme/(?P<siren>[0-9]{9})/$", bodies.unit, name="unit"),
    path("organisme/id/<int:pk>/", bodies.organisation_by_id, name="organisation_by_id"),
    re_path(
        rf"^organisme/id/(?P<pk>[0-9]+)/(?P<shown>certifications|habilitations)\.{FILE}$",
        bodies.links_file,
        name="links_file",
    ),
    path("qui-peut-quoi/", rights.may, name="may"),
    path("changements/", changes.changes, name="changes"),
    path("changements/rss.xml", changes.rss, name="changes_rss"),
    path("changements/atom.xml", changes.atom, name="changes_atom"),
    path("changements.json", changes.json_feed, name="changes_json"),
    path("imports/", runs.runs, name="runs"),
    path("imports/<int:pk>/", runs.run, name="run"),
]
