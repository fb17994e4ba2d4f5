"""A database that several processes share: a file on SQLite, the database of the run on PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection


class SharedDatabase:
    """Processes started with `env` use this database; the test looks into it by `execute`."""

    def __init__(self, home: Path) -> None:
        self.env = {**os.environ, "HABILIS_HOME": str(home), "HABILIS_SECRET_KEY": "not secret"}
        if connection.vendor == "postgresql":
            self.env["PGDATABASE"] = str(connection.settings_dict["NAME"])
        self.file = home / "habilis.sqlite3"

    def execute(self, statement: str) -> list[tuple]:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        with sqlite3.connect(self.file, timeout=20) as file:
            rows = file.execute(statement).fetchall()
        file.close()
        return rows

    def create(self, model: type) -> None:
        """The table of a model of the tests; on PostgreSQL it stands already."""
        if connection.vendor == "sqlite":
            with connection.schema_editor(collect_sql=True) as editor:
                editor.create_model(model)
            for statement in editor.collected_sql:
                self.execute(statement)

    def drop(self, model: type) -> None:
        self.execute(f"DELETE FROM {model._meta.db_table}")


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory):
    """A home with an empty database, made once."""
    home = tmp_path_factory.mktemp("shared")
    if connection.vendor == "sqlite":
        env = {**os.environ, "HABILIS_HOME": str(home), "HABILIS_SECRET_KEY": "not secret"}
        subprocess.run([sys.executable, "-m", "habilis.config.cli", "migrate", "-v0"], env=env, check=True)
    return home


@pytest.fixture
def shared_database(migrated_home, tmp_path):
    """Needs `django_db(transaction=True)`, so that other processes see what the test writes on PostgreSQL."""
    return SharedDatabase(Path(shutil.copytree(migrated_home, tmp_path / "home")))
