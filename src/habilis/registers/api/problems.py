"""Refusals of the API as problem details (RFC 9457): what happened, and what to do next, in the language asked."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from django.utils.translation import gettext, gettext_lazy
from ninja import Schema
from pydantic import Field

from habilis.registers.records import labelled

_ = cast("Callable[[str], str]", gettext_lazy)

# Kind -> status and title. The kind is the end of `type`, an anchor of the documentation page.
KINDS: dict[str, tuple[int, str]] = {
    "unknown-fiche": (404, _("Fiche inconnue")),
    "unknown-day": (404, _("Fiche inconnue ce jour-là")),
    "unknown-address": (404, _("Adresse inconnue")),
    "method-not-allowed": (405, _("Méthode refusée")),
    "invalid-parameter": (422, _("Paramètre refusé")),
    "unknown-version": (422, _("Version inconnue")),
    "too-many-requests": (429, _("Trop de demandes")),
    "server-error": (500, _("Erreur du service")),
}
# What to write instead, by kind of pydantic error; a day has several ways to be wrong.
REMEDIES: dict[str, str] = {
    "missing": _("ce paramètre est obligatoire"),
    "day": _("écrivez un jour qui existe, sous la forme AAAA-MM-JJ"),
    "literal_error": _("valeurs possibles : %(expected)s"),
    "int_parsing": _("écrivez un nombre entier"),
    "bool_parsing": _("écrivez true ou false"),
    "greater_than_equal": _("le minimum est %(ge)s"),
    "less_than_equal": _("le maximum est %(le)s"),
    "string_too_long": _("%(max_length)s caractères au plus"),
    "string_pattern_mismatch": _("ce texte contient un caractère interdit"),
    "unknown": _("ce paramètre n’existe pas ici ; voyez la documentation"),
}


class WrongParameter(Schema):
    parameter: str
    message: str


class Problem(Schema):
    """Problem details (RFC 9457)."""

    type: str = Field(description=_("Adresse qui explique ce genre de refus ; stable, faite pour les programmes."))
    title: str
    status: int
    detail: str = Field(description=_("Ce qui s’est passé et ce qu’il faut faire."))
    errors: list[WrongParameter] = Field(default=[], description=_("Les paramètres à corriger, un par un."))


class Refusal(Exception):
    """Stops an operation; answered as a problem of that kind."""

    def __init__(self, kind: str, detail: str, errors: Sequence[WrongParameter] = ()) -> None:
        super().__init__(kind, detail)
        self.kind, self.detail, self.errors = kind, detail, list(errors)


def unknown_fiche(number: str) -> Refusal:
    text = gettext(
        "La fiche %(number)s n’est pas connue ici : vérifiez le numéro (par exemple RNCP37674), ou cherchez-la."
    )
    return Refusal("unknown-fiche", text % {"number": number[:40]})


def wrong_parameters(errors: Iterable[tuple[str, str]]) -> Refusal:
    """From (name, remedy) pairs."""
    found = [WrongParameter(parameter=name, message=message) for name, message in errors]
    listed = ". ".join(str(labelled(one.parameter, one.message.rstrip("."))) for one in found)
    return Refusal("invalid-parameter", gettext("Corrigez la demande. %(errors)s.") % {"errors": listed}, found)


def wrong_values(errors: Iterable[dict[str, Any]]) -> Refusal:
    """From the errors of pydantic."""
    return wrong_parameters((str(error["loc"][-1]), remedy(error)) for error in errors)


def remedy(error: dict[str, Any]) -> str:
    kind = "day" if error["type"].startswith(("date_", "day")) else error["type"]
    context = dict(error.get("ctx") or {})
    if "expected" in context:
        context["expected"] = context["expected"].replace("' or '", "', '").replace("'", "")
    return str(REMEDIES[kind]) % context if kind in REMEDIES else gettext("cette valeur n’est pas acceptée")
