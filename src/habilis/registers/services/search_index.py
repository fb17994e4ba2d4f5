"""Care of the search index. Triggers keep it true whatever writes `SearchEntry`; this is about speed."""

from django.db import connection


def compact_index() -> None:
    """After a large import: merges what the batches left, or counts the words again. 0.2 s at national size."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE registers_searchentry")
        else:
            cursor.execute("INSERT INTO registers_search(registers_search) VALUES ('optimize')")
