"""One word per notion: docs/glossary.md against the models and the closed lists."""

import inspect
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import Choices

from tests.house import ROOT
from tests.house.documents import glossary_rows, synonyms

pytestmark = pytest.mark.static
ROWS = glossary_rows((ROOT / "docs" / "glossary.md").read_text())
TERMS = {identifiers[0]: terms for terms, identifiers in ROWS}
IDENTIFIERS = {identifier for _, identifiers in ROWS for identifier in identifiers}
# `common` knows no word of the trade, and `portal` has none of its own.
BUSINESS_APPS = [
    config
    for config in apps.get_app_configs()
    if config.name.startswith("habilis.") and config.label not in ("common", "portal")
]
MODELS = {model.__name__: model for config in BUSINESS_APPS for model in config.get_models()}


def enums() -> dict[str, type[Choices]]:
    modules = [
        f"{config.name}.enums"
        for config in BUSINESS_APPS
        if (ROOT / "src" / config.name.replace(".", "/") / "enums.py").exists()
    ]
    return {
        name: member
        for module in modules
        for name, member in inspect.getmembers(import_module(module), inspect.isclass)
        if issubclass(member, Choices) and member.__module__ == module
    }


def unknown(identifier: str) -> bool:
    """True when an identifier of the glossary is neither a model, its field, a closed list nor its member."""
    name, _, part = identifier.partition(".")
    if name in MODELS:
        return bool(part) and part not in {field.name for field in MODELS[name]._meta.get_fields()} | set(
            dir(MODELS[name])
        )
    return name not in enums() or (bool(part) and part not in enums()[name].__members__)


@pytest.mark.parametrize("name", MODELS)
def test_glossary_explains_model_under_its_french_name(name):
    assert str(MODELS[name]._meta.verbose_name) in TERMS.get(name, [])


def test_glossary_explains_every_closed_list():
    assert set(enums()) - IDENTIFIERS == set()


def test_every_identifier_of_the_glossary_exists():
    assert [identifier for identifier in IDENTIFIERS if unknown(identifier)] == []


def test_glossary_has_no_synonym():
    assert synonyms(ROWS) == []


def test_faults_of_a_glossary_are_caught():
    rows = glossary_rows(
        "| French term | Identifier | Definition | Source |\n|---|---|---|---|\n"
        "| fiche · version de fiche | `CertificationVersion` | x | y |\n"
        "| bloc | `Block` · `Block.code` | a \\| b | z |\n| fiche | `Block` | x | y |\n"
    )
    assert rows == [
        (["fiche", "version de fiche"], ["CertificationVersion"]),
        (["bloc"], ["Block", "Block.code"]),
        (["fiche"], ["Block"]),
    ]
    assert synonyms(rows) == ["fiche stands in two rows", "Block stands in two rows"]
    assert [
        name
        for name in ("Block", "Block.code", "Block.colour", "Route.x", "Colour", "Register.RS", "Register.X")
        if unknown(name)
    ] == [
        "Block.colour",
        "Route.x",
        "Colour",
        "Register.X",
    ]
