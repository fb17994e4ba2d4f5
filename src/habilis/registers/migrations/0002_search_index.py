"""Full-text index over the stemmed texts of `SearchEntry`: FTS5 kept by triggers on SQLite, GIN on PostgreSQL.

Both engines answer the same sets, because both cut the text at blanks only. Neither ranks: that is done in Python
(`queries.ranking`), so no positions, no weights and no column sizes are kept.
"""

from django.db import migrations

COLUMNS = ("title", "keywords", "body")
NAMES = ", ".join(COLUMNS)


def row(of: str) -> str:
    return ", ".join(f"{of}.{column}" for column in ("certification_id", *COLUMNS))


ADD = f"INSERT INTO registers_search(rowid, {NAMES}) VALUES ({row('new')});"
FORGET = f"INSERT INTO registers_search(registers_search, rowid, {NAMES}) VALUES ('delete', {row('old')});"

SQLITE = [
    f"""CREATE VIRTUAL TABLE registers_search USING fts5({NAMES}, content='registers_searchentry',
        content_rowid='certification_id', tokenize='unicode61 remove_diacritics 2', detail=column, columnsize=0)""",
    f"CREATE TRIGGER registers_search_insert AFTER INSERT ON registers_searchentry BEGIN {ADD} END",
    f"CREATE TRIGGER registers_search_delete AFTER DELETE ON registers_searchentry BEGIN {FORGET} END",
    f"CREATE TRIGGER registers_search_update AFTER UPDATE ON registers_searchentry BEGIN {FORGET} {ADD} END",
    "INSERT INTO registers_search(registers_search) VALUES ('rebuild')",
]
SQLITE_BACK = [
    "DROP TRIGGER registers_search_update",
    "DROP TRIGGER registers_search_delete",
    "DROP TRIGGER registers_search_insert",
    "DROP TABLE registers_search",
]

# `array_to_tsvector` takes the words as they are: the parser of PostgreSQL would cut some of them otherwise. The columns
# are unknown to the model, which writes and reads its own by name.
WORDS = "tsvector GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array({}, ' '), ''))) STORED"
POSTGRESQL = [
    f"""ALTER TABLE registers_searchentry
        ADD COLUMN words {WORDS.format("title || ' ' || keywords || ' ' || body")},
        ADD COLUMN title_words {WORDS.format("title")}""",
    # Without statistics the planner holds every word for rare and takes the index: for frequent ones it would read and
    # unpack all the vectors instead, ten times slower.
    """ALTER TABLE registers_searchentry
        ALTER COLUMN words SET STATISTICS 0, ALTER COLUMN title_words SET STATISTICS 0""",
    "CREATE INDEX registers_search_words ON registers_searchentry USING gin (words)",
    "CREATE INDEX registers_search_title ON registers_searchentry USING gin (title_words)",
]
POSTGRESQL_BACK = ["ALTER TABLE registers_searchentry DROP COLUMN words, DROP COLUMN title_words"]


def run(on_sqlite: list[str], on_postgresql: list[str]) -> object:
    def execute(apps: object, editor: object) -> None:
        for statement in on_postgresql if editor.connection.vendor == "postgresql" else on_sqlite:
            editor.execute(statement)

    return execute


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]

    operations = [migrations.RunPython(run(SQLITE, POSTGRESQL), run(SQLITE_BACK, POSTGRESQL_BACK))]
