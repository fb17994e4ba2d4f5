"""Let the database refuse to change or remove an entry, a checkpoint or a key."""

from django.db import migrations

from habilis.common.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        *append_only("journal", "Entry", once=("seq", "leaf_hash")),
        *append_only("journal", "Checkpoint"),
        *append_only("journal", "SigningKey", once=("retired_at",)),
    ]
