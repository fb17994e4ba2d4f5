"""A home of its own for each test of the journal, and acts to record."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from habilis.common.actors import System
from habilis.journal.enums import EntryKind
from habilis.journal.services import record

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
DAY = date(2026, 11, 1)


@pytest.fixture
def home(settings, tmp_path):
    settings.JOURNAL_ROOT, settings.JOURNAL_KEYS = tmp_path / "journal", tmp_path / "keys"
    settings.JOURNAL_ORIGIN = "example.org/journal"
    return tmp_path


@pytest.fixture
def act():
    """Records acts, each with another object."""

    def acts(count=1):
        with transaction.atomic():
            return [
                record(
                    EntryKind.SESSION_OPENED,
                    by=System("clerk", user_id=7, organisation_id=3),
                    on=DAY,
                    about=f"assessment.session:{number}",
                    payload={"reason": "planned", "number": number},
                )
                for number in range(count)
            ]

    return acts
