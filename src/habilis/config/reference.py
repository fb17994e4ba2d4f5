"""The documentation page of the API, drawn from its OpenAPI document: no script, nothing from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from habilis.registers.api.problems import KINDS
from habilis.registers.views.public import public, show


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, or one field of an answer (`data[].title`)."""

    path: str
    kind: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as the page shows it."""

    name: str
    path: str
    summary: str
    parameters: list[Row]
    fields: list[Row]


def documentation(request: HttpRequest, document: dict[str, Any]) -> HttpResponseBase:
    @public
    def page(request: HttpRequest) -> HttpResponse:
        problems = [(kind, status, title) for kind, (status, title) in KINDS.items()]
        context = {"info": document["info"], "entries": list(entries(document)), "problems": problems}
        return show(request, "registers/api.html", context)

    return page(request)


def entries(document: dict[str, Any]) -> Iterator[Entry]:
    shapes = document["components"]["schemas"]
    for path, item in document["paths"].items():
        operation = item["get"]
        answer = operation["responses"][200]["content"]["application/json"]["schema"]
        yield Entry(
            name=operation["operationId"],
            path=path,
            summary=operation["summary"],
            parameters=[parameter(one) for one in operation["parameters"]],
            fields=list(fields(answer, shapes)),
        )


def parameter(one: dict[str, Any]) -> Row:
    return Row(one["name"], kind(one["schema"]), one.get("description", ""), one["required"])


def fields(schema: dict[str, Any], shapes: dict[str, Any], before: str = "") -> Iterator[Row]:
    """Fields of an object, those of its parts after them."""
    for name, part in target(schema, shapes).get("properties", {}).items():
        inner = target(part, shapes)
        yield Row(before + name, kind(part), part.get("description", ""))
        if "properties" in inner:
            yield from fields(inner, shapes, before + name + ("[]." if "array" in kind(part) else "."))


def target(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """What a reference, a list or a choice with null leads to."""
    for key in ("anyOf", "allOf"):
        if key in schema:
            return target(schema[key][0], shapes)
    if "$ref" in schema:
        return target(shapes[schema["$ref"].rsplit("/", 1)[-1]], shapes)
    return target(schema["items"], shapes) if "items" in schema else schema


def kind(schema: dict[str, Any]) -> str:
    """`string`, `date`, `array of object`, `a | b`…, with null when it may be."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind(one) for one in schema["anyOf"]))
    if "$ref" in schema:
        return "object"
    if "enum" in schema:
        return " | ".join(value or '""' for value in schema["enum"])
    if "const" in schema:
        return schema["const"] or '""'
    if "items" in schema:
        return f"array of {kind(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any"))
