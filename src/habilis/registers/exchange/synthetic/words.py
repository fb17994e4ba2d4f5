"""Word lists and codes of the synthetic register, read once from the two TOML files beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SYSTEMS = {"NSF": "nsf", "ROME": "rome", "FORMACODE": "formacode", "CCN": "ccn", "IDCC": "idcc"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of work. Tasks begin with an infinitive; places follow « dans »; studies follow « en », lower case."""

    key: str
    nsf: tuple[str, ...]
    rome: tuple[str, ...]
    formacode: tuple[str, ...]
    trades: tuple[str, ...]
    studies: tuple[str, ...]
    tasks: tuple[str, ...]
    places: tuple[str, ...]


def read(name: str) -> dict[str, dict[str, list[str] | str]]:
    with (Path(__file__).parent / name).open("rb") as file:
        return tomllib.load(file)


def words(value: list[str] | str) -> tuple[str, ...]:
    return tuple(value.split() if isinstance(value, str) else value)


@cache
def fields() -> Mapping[str, Field]:
    return {
        key: Field(key=key, **{name: words(value) for name, value in table.items()})
        for key, table in read("fields.toml").items()
    }


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """System (a value of `CodeSystem`) -> code -> label."""
    tables = read("codes.toml")
    return {system: {code: str(label) for code, label in tables[name].items()} for system, name in SYSTEMS.items()}


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
