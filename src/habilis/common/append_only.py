"""Tables whose rows are written once: the database itself refuses what would change or remove one."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


def append_only(app: str, model: str, once: tuple[str, ...] = ()) -> list[Operation]:
    """Migration operations: a row is added, never changed or removed; an IntegrityError on both engines.

    Columns named in `once` are null in a new row, and may be set together, one time, with nothing else changed. On
    SQLite a later migration that rebuilds the table drops the triggers without a word: it repeats these operations,
    which may run twice.
    """

    def forbid(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        allow(apps, editor)
        protect(editor, apps.get_model(app, model), once)

    def allow(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        release(editor, apps.get_model(app, model))

    return [migrations.RunPython(forbid, allow)]


def protect(editor: BaseDatabaseSchemaEditor, model: Any, once: tuple[str, ...] = ()) -> None:
    """Put the triggers on the table of a model."""
    fields = model._meta.local_concrete_fields
    columns = [field.column for field in fields]
    unique = [field.column for field in fields if field.unique]
    write = _postgresql if editor.connection.vendor == "postgresql" else _sqlite
    for statement in write(model._meta.db_table, columns, unique, once):
        editor.execute(statement)


def release(editor: BaseDatabaseSchemaEditor, model: Any) -> None:
    """Take the triggers away, where they stand."""
    table = model._meta.db_table
    on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
    for event in ("insert", "update", "delete", "truncate"):
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only_{event}{on}")


def _numbering(columns: list[str], once: tuple[str, ...], same: str) -> str:
    """Condition of the one update that is allowed."""
    if not once:
        return "1 = 0"
    tests = [f"OLD.{column} IS NULL AND NEW.{column} IS NOT NULL" for column in once]
    tests += [f"NEW.{column} {same} OLD.{column}" for column in columns if column not in once]
    return " AND ".join(tests)


def _filled(once: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} IS NOT NULL" for column in once) or "1 = 0"


def _sqlite(table: str, columns: list[str], unique: list[str], once: tuple[str, ...]) -> list[str]:
    """`INSERT OR REPLACE` and `UPDATE OR REPLACE` remove rows without firing DELETE triggers: a clash is refused first."""
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one} = NEW.{one})" for one in unique)  # noqa: S608
    clash = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {one} = NEW.{one} AND rowid <> OLD.rowid)"  # noqa: S608 our own names
        for one in unique
        if one in once
    )
    refused = {
        "insert": f"{taken} OR {_filled(once)}",
        "update": f"NOT ({_numbering(columns, once, 'IS')}) OR {clash or '1 = 0'}",
        "delete": "1 = 1",
    }
    return [
        f"CREATE TRIGGER {table}_append_only_{event} BEFORE {event.upper()} ON {table} WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{table}: append only'); END"
        for event, condition in refused.items()
    ]


def _postgresql(table: str, columns: list[str], unique: list[str], once: tuple[str, ...]) -> list[str]:
    numbering = _numbering(columns, once, "IS NOT DISTINCT FROM")
    refuse = "EXECUTE FUNCTION habilis_append_only()"
    row = f"ON {table} FOR EACH ROW"
    return [
        # An empty table may be truncated: tests and fixtures do it, and nothing is lost.
        """CREATE OR REPLACE FUNCTION habilis_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE held boolean := true;
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || quote_ident(TG_TABLE_NAME) || ')' INTO held;
            END IF;
            IF held THEN
                RAISE EXCEPTION USING
                    ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_TABLE_NAME || ': append only';
            END IF;
            RETURN NULL;
        END $$""",
        f"CREATE TRIGGER {table}_append_only_insert BEFORE INSERT {row} WHEN ({_filled(once)}) {refuse}",
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE {row} WHEN (NOT ({numbering})) {refuse}",
        f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE {row} {refuse}",
        f"CREATE TRIGGER {table}_append_only_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]
