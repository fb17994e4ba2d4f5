"""Rights on a day: what holds whatever the exports said."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from habilis.organisations.models import Organisation
from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.models import Certification, CertificationVersion, CertifierLink, PublishedHabilitation
from habilis.registers.queries.rights import Facts, judge
from habilis.registers.tests.factories import EXPORT, a_siret

TRAIN, ASSESS, BOTH = HabilitationRole.PREPARE, HabilitationRole.ASSESS, HabilitationRole.BOTH
ACTIVE, INACTIVE, REMOVED = LinkState.ACTIVE, LinkState.INACTIVE, LinkState.REMOVED
DAY = timedelta(days=1)

days = st.integers(-6, 12).map(lambda n: EXPORT + n * DAY)
gaps = st.integers(0, 9).map(lambda n: n * DAY)
maybe_days = st.none() | days
exports = st.lists(st.integers(0, 8), min_size=1, max_size=4, unique=True).map(sorted)
published = st.fixed_dictionaries(
    {
        "state": st.sampled_from([ACTIVE, ACTIVE, INACTIVE, REMOVED, ""]),
        "active_since": maybe_days,
        "state_changed_on": maybe_days,
    }
)
registration = st.fixed_dictionaries(
    {
        "is_active": st.sampled_from([True, True, True, False, None]),
        "decision_date": st.just(EXPORT - 6 * DAY) | maybe_days,
        "end_date": st.just(EXPORT + 12 * DAY) | maybe_days,
        "last_issue_date": maybe_days,
    }
)


def periods(rows):
    """Rows that follow each other: each holds from its export to the next."""
    ends = [day for day, _ in rows[1:]] + [None]
    return [
        (columns | {"valid_from": day, "valid_to": end})
        for (day, columns), end in zip(rows, ends, strict=True)
        if columns is not None
    ]


@st.composite
def histories(draw, role=None):
    """What successive exports said of one fiche and one body (absent: None). Roles change rarely, as in the register."""
    read = [EXPORT + n * DAY for n in draw(exports)]
    roles = st.just(role) if role else st.sampled_from([TRAIN, ASSESS, BOTH])
    rows = st.none() | st.builds(lambda columns, role: columns | {"role": role}, published, roles)
    links = st.none() | published.map(lambda columns: {k: v for k, v in columns.items() if k != "active_since"})
    return {
        "versions": [(day, draw(registration)) for day in read],
        "habilitations": [(day, draw(rows)) for day in read],
        "links": [(day, draw(st.just(None) | links)) for day in read],
    }


def facts_of(history, withdrawn_on=None):
    body = Organisation(siret=a_siret(1), name="Organisme")
    return Facts(
        Certification(number="RNCP1", first_seen_on=history["versions"][0][0], withdrawn_on=withdrawn_on),
        [CertificationVersion(**row) for row in periods(history["versions"])],
        [CertifierLink(organisation=body, **row) for row in periods(history["links"])],
        [PublishedHabilitation(organisation=body, **row) for row in periods(history["habilitations"])],
    )


def verdict(history, role, on):
    return judge(facts_of(history), role=role, on=on, today=EXPORT + 10 * DAY).answer


def with_role(history, role):
    rows = [(day, row and row | {"role": role}) for day, row in history["habilitations"]]
    return history | {"habilitations": rows}


@given(histories(role=TRAIN), days)
def test_property_both_roles_give_each_of_them(history, on):
    both = with_role(history, BOTH)
    assert verdict(history, TRAIN, on) == verdict(both, TRAIN, on)
    assert verdict(with_role(history, ASSESS), ASSESS, on) == verdict(both, ASSESS, on)
    if verdict(both, TRAIN, on) == "yes":
        assert verdict(both, ASSESS, on) == "yes"


@given(histories(), st.sampled_from([TRAIN, ASSESS]), days)
def test_property_never_yes_outside_the_registration(history, role, on):
    facts = facts_of(history)
    version = next((row for row in reversed(facts.versions) if row.valid_from <= on), facts.versions[0])
    known = [version, *(row for row in facts.versions if row.valid_from > on)]
    started = version.start_date is None or version.start_date <= on
    ended = any(row.end_date and row.end_date < on for row in known)
    if not started or ended:
        assert verdict(history, role, on) != "yes"


@given(histories(), st.data(), st.sampled_from([TRAIN, ASSESS]), days)
def test_property_never_yes_after_the_date_of_a_withdrawal(history, data, role, on):
    """Whichever export tells it, that of the day or one after, unless an earlier one is replaced by a new state."""
    history["links"] = [(day, None) for day, _ in history["links"]]
    withdrawn = data.draw(published) | {"role": BOTH, "state": REMOVED, "state_changed_on": on - data.draw(gaps)}
    after = [rank for rank, (day, _) in enumerate(history["versions"]) if day > on]
    rank = data.draw(st.sampled_from([max(0, len(history["versions"]) - len(after) - 1), *after]))
    history["habilitations"][rank] = (history["habilitations"][rank][0], withdrawn)
    assert verdict(history, role, on) != "yes"


@given(histories(), st.data(), st.sampled_from([TRAIN, ASSESS]), days)
def test_property_a_later_export_that_tells_nothing_of_the_day_changes_nothing(history, data, role, on):
    """Before the first export an unknown may be resolved; a yes or a no stays."""
    export = max(on, history["versions"][-1][0]) + DAY
    after = st.none() | st.integers(1, 9).map(lambda n: on + n * DAY)
    told = {"state_changed_on": data.draw(after), "state": data.draw(st.sampled_from([ACTIVE, INACTIVE, REMOVED, ""]))}
    row = told | {"role": data.draw(st.sampled_from([TRAIN, ASSESS, BOTH])), "active_since": data.draw(after)}
    version = {"is_active": data.draw(st.booleans()), "end_date": data.draw(after), "decision_date": None}
    longer = {
        "versions": [*history["versions"], (export, version)],
        "habilitations": [*history["habilitations"], (export, data.draw(st.none() | st.just(row)))],
        "links": [*history["links"], (export, data.draw(st.none() | st.just(told)))],
    }
    before = verdict(history, role, on)
    if before != "unknown" or on >= history["versions"][0][0]:
        assert verdict(longer, role, on) == before
