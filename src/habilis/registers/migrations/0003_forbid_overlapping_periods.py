"""Let the database refuse two versions of a fiche, or two states of one body on a fiche, that hold on the same day."""

from django.db import migrations

from habilis.common.periods import forbid_overlap

BODY = ("certification_id", "organisation_id", "rank")


class Migration(migrations.Migration):
    dependencies = [("registers", "0002_search_index")]

    operations = [
        *forbid_overlap("registers_certificationversion", "certification_id"),
        *forbid_overlap("registers_certifierlink", *BODY),
        *forbid_overlap("registers_publishedhabilitation", *BODY),
    ]
