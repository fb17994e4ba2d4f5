"""Every component of the interface in all its states, on invented data: the page that its authors and testers read."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habilis.common.components import Bars, Facet, FacetOption, Lines, Step
from habilis.common.enums import JobState
from habilis.common.models import JobProgress

TODAY = date(2026, 11, 12)


class SampleForm(forms.Form):
    siret = forms.CharField(
        label=gettext_lazy("SIRET de l’organisme"),
        min_length=14,
        help_text=gettext_lazy("14 chiffres, espaces admis ; il figure sur la convention."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Rôle"),
        choices=[("prepare", gettext_lazy("Former")), ("assess", gettext_lazy("Organiser l’évaluation"))],
        widget=forms.RadioSelect,
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Niveau"), required=False, choices=[("", "—"), *((str(n), str(n)) for n in range(3, 9))]
    )
    note = forms.CharField(label=gettext_lazy("Précision"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    only_active = forms.BooleanField(label=gettext_lazy("Actives seulement"), required=False)


def sample_facets(chosen: list[str]) -> list[Facet]:
    levels = [(str(level), _("Niveau %(level)s") % {"level": level}, 40 * level) for level in range(3, 9)]
    areas = [("326", _("Informatique"), 212), ("221", _("Agro-alimentaire"), 97), ("331", _("Santé"), 1450)]
    return [
        Facet("level", _("Niveau"), [FacetOption(v, label, n, v in chosen) for v, label, n in levels]),
        Facet("nsf", _("Domaine"), [FacetOption(v, label, n) for v, label, n in areas]),
        Facet("route", _("Voie d’accès"), []),
    ]


def sample_jobs() -> list[JobProgress]:
    rows: list[tuple[JobState, int, int, str]] = [
        (JobState.WAITING, 0, 0, ""),
        (JobState.RUNNING, 12_400, 30_500, _("Lecture des fiches")),
        (JobState.DONE, 30_500, 30_500, _("120 fiches ajoutées, 48 modifiées")),
        (
            JobState.FAILED,
            812,
            30_500,
            _("Ligne 90 214 : le fichier s’arrête au milieu d’une fiche. Téléchargez-le à nouveau."),
        ),
    ]
    return [
        JobProgress(
            id=UUID(int=i), title=_("Import du répertoire"), state=s, done=d, total=t, message=m, result_url="/"
        )
        for i, (s, d, t, m) in enumerate(rows)
    ]


def sample_charts() -> dict[str, Any]:
    rates: list[tuple[str, list[float | None]]] = [
        (_("Insertion à 6 mois"), [71, 74, None, 79, 82, 81]),
        (_("Dans le métier visé à 2 ans"), [52, 58, 61, 60, 66, 70]),
        (_("Poursuite d’études"), [12, 11, 9, 10, 8, 8]),
    ]
    bars = [
        (_("Niveau 3"), 1240),
        (_("Niveau 4"), 2210),
        (_("Niveau 5"), 3105),
        (_("Niveau 6"), 1890),
        (_("Niveau 7"), 0),
    ]
    return {
        "bars": Bars(_("Certifications par niveau"), bars, category=_("Niveau")),
        "lines": Lines(
            _("Devenir des certifiés"),
            [str(y) for y in range(2019, 2025)],
            rates,
            unit="%",
            category=_("Année"),
            top=100,
        ),
        "no_bars": Bars(_("Certifications sans niveau"), []),
    }


def sample_history() -> dict[str, Any]:
    return {
        "steps": [
            Step(_("Dépôt"), "done", date(2026, 3, 2)),
            Step(_("Instruction"), "current", date(2026, 4, 20), _("Deux précisions demandées, délai suspendu.")),
            Step(_("Décision")),
        ],
        "events": [
            {"on": date(2026, 9, 1), "title": _("Intitulé modifié"), "tone": "info", "url": "#diff"},
            {
                "on": date(2026, 2, 14),
                "title": _("Partenaire ajouté"),
                "tone": "good",
                "body": _("Atelier de Valbrune"),
            },
            {"on": date(2025, 1, 15), "title": _("Enregistrement"), "tone": "neutral"},
        ],
        "before": _("Concevoir et réaliser des pages web accessibles à tous les publics."),
        "after": _("Concevoir, réaliser et tester des pages web accessibles, sobres et sûres."),
    }


# Public.
def catalogue(request: HttpRequest) -> HttpResponse:
    refused = SampleForm({"siret": "123", "role": ""}, auto_id="refused_%s")
    refused.add_error(None, _("La date demandée précède la première publication du répertoire."))
    context = {
        "today": TODAY,
        "crumbs": [(_("Accueil"), reverse("portal:home"))],
        "notices": [{"level_tag": "good", "message": _("Préférence enregistrée.")}],
        "terms": [
            (_("Niveau"), 5),
            (_("Décision"), TODAY),
            (_("Site internet"), ""),
            (_("Domaine"), _("Informatique")),
        ],
        "tags": [_("Boulangerie"), (_("Pâtisserie"), "#c-tag_list")],
        "exports": [("CSV", "#c-export_menu", _("pour un tableur")), ("XLSX", "#c-export_menu", "")],
        "form": SampleForm(),
        "refused": refused,
        "facets_none": sample_facets([]),
        "facets_some": sample_facets(["5"]),
        "jobs": sample_jobs(),
        "page": Paginator(range(480), 20).get_page(request.GET.get("page", "7")),
        "periods": [
            (_("En cours"), date(2024, 1, 15), date(2027, 1, 15), None),
            (_("Terminée, délivrance encore possible"), date(2021, 6, 1), date(2026, 6, 1), date(2027, 6, 1)),
            (_("Sans fin connue"), date(2023, 9, 1), None, None),
            (_("Début inconnu"), None, date(2028, 12, 31), None),
        ],
        **sample_charts(),
        **sample_history(),
    }
    return render(request, "portal/catalogue.html", context)
