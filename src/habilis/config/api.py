"""The public API, `/api/v1/`: the operations of the apps behind one gate, their OpenAPI document and its page."""

import logging
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path, reverse
from django.utils.translation import gettext, gettext_lazy
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer

from habilis.config.gate import VERSIONS, gate, problem
from habilis.config.reference import documentation
from habilis.registers.api.operations import router
from habilis.registers.api.problems import Refusal, wrong_values

_ = cast("Callable[[str], str]", gettext_lazy)
log = logging.getLogger(__name__)

DESCRIPTION = _(
    "Les répertoires nationaux (RNCP et RS) à lire par programme, à la date voulue. Sans compte, en lecture seule. "
    "Chaque réponse nomme sa source, son jour d’export et sa licence."
)
HEADERS = {
    "ETag": _("Empreinte de la réponse, à redonner dans If-None-Match."),
    "RateLimit-Limit": _("Demandes permises par minute."),
    "RateLimit-Remaining": _("Demandes qui restent pour cette minute."),
    "RateLimit-Reset": _("Secondes avant la minute suivante."),
}


class Readable(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False}  # accents as themselves: French texts shrink


class PublicApi(NinjaAPI):
    """Django-ninja with what its document leaves out: the media type of refusals, headers, parameters never null."""

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return reverse("api-docs")

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        document["components"]["headers"] = {
            name: {"description": text, "schema": {"type": "string" if name == "ETag" else "integer"}}
            for name, text in HEADERS.items()
        }
        for operation in operations(document):
            for parameter in operation["parameters"]:
                parameter["schema"] = not_null(parameter["schema"])
            for status, response in operation["responses"].items():
                complete(int(status), response)
        return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An address has no null: a parameter that may be left out says so by `required`."""
    kinds: list[dict[str, Any]] = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    return {key: value for key, value in schema.items() if key not in ("anyOf", "default")} | kinds[0]


def complete(status: int, response: dict[str, Any]) -> None:
    if status >= 400:
        response["content"] = {"application/problem+json": response["content"]["application/json"]}
    names = set(HEADERS) if status in (200, 304) else set(HEADERS) - {"ETag"}
    response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
    if status == 429:
        text = gettext("Secondes à attendre.")
        response["headers"]["Retry-After"] = {"description": text, "schema": {"type": "integer"}}


api = PublicApi(
    title="Habilis",
    version=VERSIONS[-1],
    description=DESCRIPTION,
    renderer=Readable(),
    docs_url=None,
    openapi_extra={"servers": [{"url": "/"}]},
    urls_namespace="api",
)
api.add_router("", router)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
    return problem(error)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(wrong_values(error.errors))


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("API: %s", request.path, exc_info=error)
    text = gettext("La demande n’a pas abouti, par la faute du service. Réessayez plus tard.")
    return problem(Refusal("server-error", text))


def nowhere(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
    text = gettext("Cette adresse n’existe pas : la liste des adresses est dans la documentation.")
    return problem(Refusal("unknown-address", text))


@cache
def parameters() -> dict[str, Collection[str]]:
    """Names of the query parameters of each operation."""
    return {
        operation["operationId"]: {one["name"] for one in operation["parameters"] if one["in"] == "query"}
        for operation in operations(api.get_openapi_schema(path_prefix=""))
    }


def gated(pattern: URLPattern) -> URLPattern:
    name = pattern.name or ""
    view = gate(pattern.callback, lambda: parameters().get(name, ()))
    return URLPattern(pattern.pattern, view, pattern.default_args, f"api-{name}")


def addresses() -> list[URLPattern | URLResolver]:
    served = [gated(one) for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    page = path("", lambda request: documentation(request, api.get_openapi_schema()), name="api-docs")
    return [page, *served, re_path(r"^(?P<rest>.+)$", gate(nowhere, tuple))]


urls = (addresses(), None, None)
