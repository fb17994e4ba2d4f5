"""The two full-text engines, asked the same way: which certifications hold these words. Neither ranks nor sees user text.

An expression is made of stems only (ASCII letters and digits), quoted. `migrations/0002_search_index.py` made the indexes.
"""

from collections.abc import Iterable, Sequence

from django.db import connection

from habilis.registers.queries.understanding import Group, Phrase

FTS5 = {"and": " AND ", "or": " OR ", "quote": '"{}"'}
TSQUERY = {"and": " & ", "or": " | ", "quote": "'{}'"}


def matching(wanted: Iterable[Sequence[Group]], in_title: bool = False) -> list[int]:
    """Certifications that hold every group of one of the sets of groups, in no order."""
    expression = any_of(all_of(map(group_expression, groups)) for groups in wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {found_by(in_title)}", [scoped(expression, in_title)])
        return [certification for (certification,) in cursor.fetchall()]


def known(groups: Sequence[Group]) -> list[bool]:
    """Whether at least one certification holds each group."""
    if not groups:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join([f"EXISTS (SELECT {found_by(False)})"] * len(groups)),
            [group_expression(group) for group in groups],
        )
        return [bool(answer) for answer in cursor.fetchone()]


def found_by(in_title: bool) -> str:
    if connection.vendor == "sqlite":
        return "rowid FROM registers_search WHERE registers_search MATCH %s"
    column = "title_words" if in_title else "words"
    return f"certification_id FROM registers_searchentry WHERE {column} @@ %s::tsquery"


def scoped(expression: str, in_title: bool) -> str:
    return f"title : ({expression})" if in_title and connection.vendor == "sqlite" else expression


def group_expression(group: Group) -> str:
    return any_of(map(phrase_expression, filter(None, group.phrases)))


def phrase_expression(phrase: Phrase) -> str:
    quote = syntax()["quote"]
    return all_of(any_of(map(quote.format, stems)) for stems in phrase)


def any_of(parts: Iterable[str]) -> str:
    return joined(syntax()["or"], parts)


def all_of(parts: Iterable[str]) -> str:
    return joined(syntax()["and"], parts)


def joined(sign: str, parts: Iterable[str]) -> str:
    kept = list(dict.fromkeys(parts))
    return kept[0] if len(kept) == 1 else f"({sign.join(kept)})"


def syntax() -> dict[str, str]:
    return FTS5 if connection.vendor == "sqlite" else TSQUERY
