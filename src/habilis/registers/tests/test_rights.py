from datetime import date

import pytest

from habilis.registers.enums import HabilitationRole as Role
from habilis.registers.queries.rights import may
from habilis.registers.tests.factories import a_certification, a_partner

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_says_yes_for_an_active_habilitation_read_that_day():
    row = a_partner(a_certification("RNCP90001"))
    answer = may(row.organisation.siret, "rncp 90001", role=Role.ASSESS, on=date(2026, 9, 1), today=TODAY)
    assert (answer.answer, answer.code) == ("yes", "habilitated")
    print(answer)
