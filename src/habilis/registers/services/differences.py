"""What an incoming fiche changes in the stored one: a plan, computed without writing anything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from habilis.common.diff import Difference, Verb, diff, same_text
from habilis.registers.enums import ChangeKind, ChangeVerb
from habilis.registers.queries.stored import Stored
from habilis.registers.records import CERTIFIER, FIELDS, HABILITATION, KEY_FIELDS, LISTS, TEXTS, Fiche, Row, shown

Key = tuple[str, int]  # code, SIRET or name; then its occurrence on the fiche, from 0
Counts = Counter[tuple[str, str]]  # (plural of the kind, verb) -> number

# Cells that a source may leave unknown; every other cell is a text.
NULLABLE = frozenset(
    ("is_open", "changed_on", "published_on", "certified", "certified_by_vae", "global_rate", "target_job_rate")
    + ("state_changed_on", "active_since")
)
KEY_LISTS = frozenset(("lineage", "routes"))
KEY_COLUMNS = frozenset(("role", "state", "code"))
PLURALS = {ChangeKind.BLOCK: "blocks", ChangeKind.HABILITATION: "habilitations", ChangeKind.CERTIFIER: "certifiers"}


@dataclass(slots=True)
class FieldChange:
    """One line of the change feed. Texts are as people read them."""

    kind: ChangeKind
    verb: ChangeVerb
    key: str = ""
    field: str = ""
    before: str = ""
    after: str = ""
    is_key: bool = False


@dataclass(slots=True)
class Plan:
    """What to write for one fiche. `target` is complete.

    `certifiers` and `habilitations` hold the differences of an existing fiche; all the bodies of a new one are added.
    """

    stored: Stored | None
    target: Fiche
    changes: list[FieldChange] = field(default_factory=list)
    counts: Counts = field(default_factory=Counter)
    new_version: bool = False
    certifiers: list[Difference[Key]] = field(default_factory=list)
    habilitations: list[Difference[Key]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.stored is None or self.stored.withdrawn


def plan(incoming: Fiche, stored: Stored | None) -> Plan:
    """Compare a fiche with its stored state. White space alone changes nothing."""
    if stored is None or stored.withdrawn:
        return plan_addition(incoming, stored)
    result = Plan(stored, completed(incoming, stored.fiche))
    compare_cells(result, "fields", FIELDS, KEY_FIELDS)
    compare_cells(result, "texts", TEXTS, ())
    for name in LISTS:
        if name in incoming.lists:
            compare_blocks(result) if name == "blocks" else compare_list(result, name)
    result.new_version = bool(result.changes)
    result.certifiers = compare_bodies(result, ChangeKind.CERTIFIER, "certifiers", CERTIFIER)
    result.habilitations = compare_bodies(result, ChangeKind.HABILITATION, "habilitations", HABILITATION)
    result.counts["fiches", "updated" if result.changes else "unchanged"] += 1
    if "blocks" not in incoming.lists:
        result.counts["blocks", "unchanged"] += len(stored.fiche.lists["blocks"])
    return result


def plan_addition(incoming: Fiche, stored: Stored | None) -> Plan:
    nothing = Fiche(incoming.number, lists={name: [] for name in LISTS})
    target = completed(incoming, nothing) if is_partial(incoming) else incoming
    for name in ("codes", "routes", "legal_texts", "lineage"):
        target.lists[name] = ordered(name, target.lists[name])
    result = Plan(stored, target, new_version=True)
    result.changes.append(
        FieldChange(ChangeKind.FICHE, ChangeVerb.ADDED, after=target.fields.get("title") or "", is_key=True)
    )
    result.counts["fiches", "added"] += 1
    result.counts["blocks", "added"] += len(target.lists["blocks"])
    result.counts["certifiers", "added"] += len(target.certifiers or ())
    result.counts["habilitations", "added"] += len(target.habilitations or ())
    return result


def is_partial(fiche: Fiche) -> bool:
    return bool(fiche.covers) or fiche.certifiers is None or len(fiche.lists) < len(LISTS)


def completed(incoming: Fiche, stored: Fiche) -> Fiche:
    """The incoming fiche with what its source does not cover taken from the stored one."""
    lists = {}
    for name, columns in LISTS.items():
        rows = incoming.lists.get(name)
        if rows is None:
            lists[name] = stored.lists[name]
            continue
        if name == "codes" and incoming.code_systems is not None:
            rows = rows + [row for row in stored.lists[name] if row[0] not in incoming.code_systems]
        lists[name] = ordered(name, filled(rows, incoming.covers.get(name), stored.lists[name], columns))
    return Fiche(
        number=incoming.number,
        digest=incoming.digest,
        fields=stored.fields | incoming.fields,
        texts=stored.texts | incoming.texts,
        lists=lists,
        certifiers=completed_bodies(incoming, stored, "certifiers", CERTIFIER),
        habilitations=completed_bodies(incoming, stored, "habilitations", HABILITATION),
        search=incoming.search,
    )


def completed_bodies(incoming: Fiche, stored: Fiche, name: str, columns: Sequence[str]) -> list[Row]:
    rows, known = getattr(incoming, name), getattr(stored, name) or []
    if rows is None:
        return list(known)
    covered = incoming.covers.get(name)
    if covered and name == "certifiers":  # the CSV lists only those with a SIRET
        rows = rows + [row for row in known if not row[0]]
    return filled(rows, covered, known, columns)


def filled(
    rows: Sequence[Row], covered: tuple[str, ...] | None, known: Sequence[Row], columns: Sequence[str]
) -> list[Row]:
    """Rows whose uncovered cells are those of the known row of the same key, or empty."""
    if covered is None:
        return list(rows)
    before = dict(keyed(known))
    empty = tuple(None if name in NULLABLE else "" for name in columns)
    result = []
    for key, row in keyed(rows):
        old = before.get(key, empty)
        cells = zip(columns, row, old, strict=True)
        result.append(tuple(new if name in covered or new is not None else kept for name, new, kept in cells))
    return result


def ordered(name: str, rows: list[Row]) -> list[Row]:
    """The order in which the database gives a list back; a route given twice keeps its last row."""
    if name == "codes":
        return sorted(rows, key=lambda row: (row[0], row[3]))
    if name == "routes":
        return sorted({row[0]: row for row in rows}.values(), key=lambda row: row[0])
    if name in ("legal_texts", "lineage"):
        return sorted(rows, key=lambda row: row[0])
    return rows


def keyed(rows: Sequence[Row]) -> list[tuple[Key, Row]]:
    """Rows with their key: the first cell (code, SIRET) or else the second (name), and the occurrence of that key."""
    names = [row[0] or row[1] for row in rows]
    if len(set(names)) == len(names):  # nearly always: worth a short way
        return [((name, 0), row) for name, row in zip(names, rows, strict=True)]
    seen: Counter[str] = Counter()
    result = []
    for name, row in zip(names, rows, strict=True):
        result.append(((name, seen[name]), row))
        seen[name] += 1
    return result


def compare_cells(result: Plan, part: str, names: Sequence[str], key_names: Sequence[str]) -> None:
    assert result.stored is not None
    old, new = getattr(result.stored.fiche, part), getattr(result.target, part)
    for name in names:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if same_text(before, after):
            new[name] = before
            continue
        change = FieldChange(ChangeKind.FICHE, ChangeVerb.UPDATED, "", name, shown(before), shown(after))
        change.is_key = name in key_names
        result.changes.append(change)


def compare_list(result: Plan, name: str) -> None:
    assert result.stored is not None
    before, after = result.stored.fiche.lists[name], result.target.lists[name]
    if same_rows(before, after):
        result.target.lists[name] = before
        return
    texts = ["\n".join(" · ".join(filter(None, map(shown, row))) for row in rows) for rows in (before, after)]
    result.changes.append(
        FieldChange(ChangeKind.FICHE, ChangeVerb.UPDATED, "", name, texts[0], texts[1], name in KEY_LISTS)
    )


def same_rows(before: Sequence[Row], after: Sequence[Row]) -> bool:
    return len(before) == len(after) and all(
        old == new or all(map(same_text, old, new)) for old, new in zip(before, after, strict=True)
    )


def compare_blocks(result: Plan) -> None:
    assert result.stored is not None
    before, after = keyed(result.stored.fiche.lists["blocks"]), keyed(result.target.lists["blocks"])
    found = list(diff(dict(before), after, LISTS["blocks"], same_text))
    record(result, ChangeKind.BLOCK, found)
    rows = [one.before if one.verb is Verb.UNCHANGED else one.after for one in found if one.after is not None]
    result.target.lists["blocks"] = [row for row in rows if row is not None]
    order = [[key for key, _ in rows] for rows in (before, after)]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        old, new = (", ".join(code for code, _ in keys) for keys in order)
        result.changes.append(FieldChange(ChangeKind.FICHE, ChangeVerb.UPDATED, "", "blocks_order", old, new))


def compare_bodies(result: Plan, kind: ChangeKind, name: str, columns: Sequence[str]) -> list[Difference[Key]]:
    assert result.stored is not None
    before, after = getattr(result.stored.fiche, name) or [], getattr(result.target, name) or []
    if before == after:
        result.counts[name, "unchanged"] += len(before)
        return []
    found = list(diff(dict(keyed(before)), keyed(after), columns, same_text))
    record(result, kind, found)
    return found


def record(result: Plan, kind: ChangeKind, found: Sequence[Difference[Key]]) -> None:
    """Count differences and write the lines of the feed: one for an addition or a removal, one per changed cell."""
    for one in found:
        result.counts[PLURALS[kind], one.verb.value] += 1
        key = label_of(one.key)
        if one.verb is Verb.ADDED and one.after:
            result.changes.append(FieldChange(kind, ChangeVerb.ADDED, key, after=one.after[1], is_key=True))
        elif one.verb is Verb.REMOVED and one.before:
            result.changes.append(FieldChange(kind, ChangeVerb.REMOVED, key, before=one.before[1], is_key=True))
        for name, before, after in one.changes:
            change = FieldChange(kind, ChangeVerb.UPDATED, key, name, shown(before), shown(after))
            change.is_key = name in KEY_COLUMNS
            result.changes.append(change)


def label_of(key: Key) -> str:
    name, occurrence = key
    return name[:290] + (f" ({occurrence + 1})" if occurrence else "")
