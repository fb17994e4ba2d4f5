"""May this body do this on that day? Yes, no or unknown, with the reason and the rows that say so.

Two rules carry everything. A habilitation counts only if it is active *and* the fiche is (open-data dictionary of the
registers). The register is a state of the day, without history: the past is known by the exports kept here, and before
them by the dates that the rows carry, which most rows lack. Where nothing is published, the answer is "unknown".

A later export that dates an end before the day asked prevails over what was published that day (withdrawals are
published after the fact); one that says nothing of the day never changes the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby, takewhile
from typing import Any, Literal, TypeVar

from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from habilis.organisations.models import has_valid_key
from habilis.registers.enums import HabilitationRole, LinkState
from habilis.registers.models import BodyLink, Certification, CertificationVersion, CertifierLink, PublishedHabilitation
from habilis.registers.queries import fiches
from habilis.registers.queries.changes import Source, last_run

Link = TypeVar("Link", bound=BodyLink)
Verdict = Literal["yes", "no", "unknown"]
YES: Verdict = "yes"
NO: Verdict = "no"
UNKNOWN: Verdict = "unknown"

# Text keys: what each reason says, with the dates and names that it was decided on.
REASONS = {
    "number_unknown": gettext_lazy("La fiche %(number)s n’est pas connue ici."),
    "withdrawn": gettext_lazy("La fiche %(number)s a disparu du répertoire le %(day)s."),
    "not_yet_registered": gettext_lazy("L’enregistrement de %(number)s n’a commencé que le %(day)s."),
    "start_unknown": gettext_lazy("La date de début d’enregistrement de %(number)s n’est pas publiée."),
    "registration_unknown": gettext_lazy("La source ne dit pas si %(number)s est enregistrée ni jusqu’à quand."),
    "registration_ended": gettext_lazy("L’enregistrement de %(number)s a pris fin le %(day)s."),
    "issue_closed": gettext_lazy(
        "L’enregistrement de %(number)s a pris fin le %(day)s et la délivrance n’était possible que jusqu’au %(limit)s."
    ),
    "run_out": gettext_lazy(
        "L’enregistrement de %(number)s a pris fin le %(day)s. Jusqu’au %(limit)s, seuls les candidats entrés en parcours, "
        "ou déclarés recevables en VAE, avant cette fin en gardent le bénéfice (art. L6113-9 du code du travail, "
        "lecture à confirmer) : la réponse dépend du candidat."
    ),
    "fiche_inactive": gettext_lazy(
        "Ce jour-là, %(number)s était publiée comme inactive, sans date de fin qui l’explique."
    ),
    "fiche_inactive_undated": gettext_lazy(
        "%(number)s est publiée comme inactive sans que la date de fin soit connue : rien ne dit si elle l’était déjà."
    ),
    "registered": gettext_lazy("L’enregistrement de %(number)s court jusqu’au %(limit)s."),
    "registered_from": gettext_lazy("L’enregistrement de %(number)s court du %(day)s au %(limit)s."),
    "registered_open": gettext_lazy("%(number)s est publiée comme active, sans date de fin."),
    "future": gettext_lazy("Ce jour n’est pas encore venu : le répertoire ne dit rien de l’avenir."),
    "certifier": gettext_lazy(
        "%(body)s est certificateur de %(number)s : il peut former et évaluer sans habilitation."
    ),
    "certifier_state_unpublished": gettext_lazy(
        "%(body)s figure parmi les certificateurs de %(number)s, mais le fichier importé ne donne pas son état (export CSV)."
    ),
    "habilitated": gettext_lazy("%(body)s est publié avec le rôle « %(role)s », actif, depuis l’export du %(export)s."),
    "habilitated_since": gettext_lazy("%(body)s est publié avec le rôle « %(role)s », actif depuis le %(day)s."),
    "habilitated_until": gettext_lazy(
        "%(body)s est publié avec le rôle « %(role)s », actif depuis le %(day)s, et ne l’est plus depuis le %(limit)s."
    ),
    "not_yet_active": gettext_lazy("L’habilitation de %(body)s n’est active que depuis le %(day)s."),
    "removed": gettext_lazy("L’habilitation de %(body)s était supprimée dans l’export du %(export)s."),
    "removed_on": gettext_lazy("L’habilitation de %(body)s est supprimée depuis le %(day)s."),
    "inactive": gettext_lazy(
        "L’habilitation de %(body)s était inactive dans l’export du %(export)s, parce que la fiche l’était."
    ),
    "inactive_on": gettext_lazy("L’habilitation de %(body)s est inactive depuis le %(day)s, parce que la fiche l’est."),
    "state_unpublished": gettext_lazy(
        "%(body)s est listé avec le rôle « %(role)s », mais le fichier importé ne donne pas l’état des habilitations "
        "(export CSV)."
    ),
    "state_not_dated": gettext_lazy(
        "%(body)s est listé avec le rôle « %(role)s » depuis l’export du %(export)s ; son état avant ce jour n’a pas été "
        "publié (la plupart des lignes du répertoire n’ont pas de date)."
    ),
    "other_role": gettext_lazy("%(body)s est habilité sur %(number)s pour un autre rôle seulement : « %(role)s »."),
    "other_role_later": gettext_lazy(
        "%(body)s est listé pour un autre rôle, « %(role)s », depuis l’export du %(export)s ; son rôle avant ce jour n’a "
        "pas été publié."
    ),
    "not_listed": gettext_lazy("Ce SIRET ne figurait pas ce jour-là parmi les organismes habilités de %(number)s."),
    "not_listed_sibling": gettext_lazy(
        "Ce SIRET ne figurait pas ce jour-là parmi les organismes habilités de %(number)s ; un autre établissement de la "
        "même entreprise y figurait : %(siret)s. L’habilitation vaut par établissement."
    ),
    "no_longer_listed": gettext_lazy(
        "%(body)s ne figure plus parmi les organismes habilités de %(number)s depuis le %(day)s."
    ),
    "list_unknown": gettext_lazy(
        "Ce SIRET ne figure pas parmi les organismes habilités de %(number)s ; la liste n’est connue que depuis l’export du "
        "%(day)s, pas ce jour-là."
    ),
}


class InvalidSiret(ValueError):
    """What was given is not a SIRET; the message says what to type."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is a key of `REASONS`, stable for programs; `reason` is the sentence in the language of the reader.

    `rows` are the published rows that decided, dates as `date`; `notes` are sentences that do not decide.
    """

    answer: Verdict
    code: str
    reason: str
    siret: str
    number: str
    role: HabilitationRole
    on: date
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether the registration of a fiche runs on a day; `version` is the one that says so."""

    answer: Verdict
    code: str
    reason: str
    version: CertificationVersion | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule finds, before it is put into words."""

    answer: Verdict
    code: str
    rows: tuple[CertificationVersion | BodyLink, ...] = ()
    day: date | None = None
    limit: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything published about one fiche and one body. Rows are ordered by `valid_from`, empty periods left out."""

    certification: Certification
    versions: Sequence[CertificationVersion]
    certifier_links: Sequence[CertifierLink]
    habilitations: Sequence[PublishedHabilitation]

    def observed(self, on: date) -> bool:
        """The fiche was read in an export of that day or before."""
        return on >= self.certification.first_seen_on


def may(siret: str, number: str, *, role: HabilitationRole, on: date, today: date) -> Answer:
    """Whether the body may train (`PREPARE`) or assess (`ASSESS`) for that certification on that day.

    Rules, in order; the first that decides wins.

    1. The fiche (`formats.md` §2.2): unknown number → unknown. Judged on the version read that day, or on the earliest
       one for a day before: withdrawn → no; before its start → no; after its end → no, except to assess until the last
       day of issue, which depends on the candidate (L6113-9, clause CT-L6113-9, to be confirmed) → unknown; published as
       inactive without an end that explains it → no.
    2. A day to come → unknown, unless the registration will have ended.
    3. An active certifier of the fiche → yes for both roles (delegation matrix of the note of 28 February 2020).
    4. The rows of that SIRET, role by role. Read that day: the state. Not yet read: the dates of the row. See
       `_of_the_day` and `_by_dates`.
    5. Not listed: no if the list of that day was read, else unknown.

    Six queries at most, whatever the number of partners. Raises `InvalidSiret`; a wrong key is noted, never refused
    (one published SIRET has one).
    """
    siret = clean_siret(siret)
    number = fiches.canonical(number) or number.strip().upper()
    certification = Certification.objects.filter(number=number).first()
    if certification is None:
        return _answer(Finding(UNKNOWN, "number_unknown"), siret, number, role, on)
    facts = _facts(certification, siret)
    finding = judge(facts, role=role, on=on, today=today)
    sibling = _sibling(certification, siret, on) if finding.code == "not_listed" else None
    if sibling:
        finding = Finding(NO, "not_listed_sibling", (*finding.rows, sibling))
    run = last_run(certification.register)
    source = Source.of(run) if run else None
    answer = _answer(finding, siret, number, role, on)
    late = source is not None and source.export_date < on <= today
    reason = f"{answer.reason} {_last_known(source)}" if source and late else answer.reason
    return replace(answer, reason=reason, notes=_notes(facts, siret), source=source)


def validity(certification: Certification, *, on: date, today: date) -> Validity:
    """Rules 1 and 2 of `may` alone: one query."""
    facts = Facts(certification, _versions(certification), (), ())
    finding = _registration(facts, HabilitationRole.PREPARE, on)
    if finding.answer != NO and on > today:
        finding = replace(finding, answer=UNKNOWN, code="future")
    reason = str(REASONS[finding.code]) % _values(finding, certification.number, "")
    version = next((row for row in finding.rows if isinstance(row, CertificationVersion)), None)
    return Validity(finding.answer, finding.code, reason, version)


def clean_siret(text: str) -> str:
    """The fourteen digits, without the blanks people type."""
    siret = "".join(text.split())
    if len(siret) != 14 or not (siret.isascii() and siret.isdecimal()):
        raise InvalidSiret(gettext("Un SIRET compte quatorze chiffres : saisissez-les tous, avec ou sans espaces."))
    return siret


def judge(facts: Facts, *, role: HabilitationRole, on: date, today: date) -> Finding:
    """The rules of `may` on rows already read: pure, no query."""
    registration = _registration(facts, role, on)
    if registration.answer == NO:
        return registration
    if on > today:
        return Finding(UNKNOWN, "future", registration.rows)
    # After the end, what counts is what the body was on the last day: its rows turn inactive with the fiche.
    body = _body(facts, role, registration.day if registration.code == "run_out" and registration.day else on)
    if body.answer == NO or registration.answer == YES:
        return body
    return Finding(UNKNOWN, registration.code, registration.rows + body.rows, registration.day, registration.limit)


def _registration(facts: Facts, role: HabilitationRole, on: date) -> Finding:
    version = next((v for v in reversed(facts.versions) if v.valid_from <= on), None) or next(
        iter(facts.versions), None
    )
    withdrawn = facts.certification.withdrawn_on
    if withdrawn and withdrawn <= on:
        return Finding(NO, "withdrawn", (version,) if version else (), withdrawn)
    if version is None:
        return Finding(UNKNOWN, "registration_unknown")
    if version.start_date and on < version.start_date:
        return Finding(NO, "not_yet_registered", (version,), version.start_date)
    later = (v for v in facts.versions if v is version or v.valid_from > on)
    if ended := next((v for v in later if v.end_date and v.end_date < on), None):
        return _after_the_end(ended, role, on)
    return _while_registered(version, on)


def _after_the_end(version: CertificationVersion, role: HabilitationRole, on: date) -> Finding:
    end, limit = version.end_date, version.last_issue_date
    if role == HabilitationRole.PREPARE or limit is None:
        return Finding(NO, "registration_ended", (version,), end)
    if on > limit:
        return Finding(NO, "issue_closed", (version,), end, limit)
    return Finding(UNKNOWN, "run_out", (version,), end, limit)


def _while_registered(version: CertificationVersion, on: date) -> Finding:
    read_that_day = version.valid_from <= on
    ended_since = version.end_date is not None and version.end_date < version.valid_from
    if version.is_active is False and not ended_since:
        return (
            Finding(NO, "fiche_inactive", (version,))
            if read_that_day
            else Finding(UNKNOWN, "fiche_inactive_undated", (version,))
        )
    if version.is_active is None and version.end_date is None:
        return Finding(UNKNOWN, "registration_unknown", (version,))
    if version.start_date is None and not read_that_day:
        return Finding(UNKNOWN, "start_unknown", (version,))
    if version.end_date is None:
        return Finding(YES, "registered_open", (version,))
    code = "registered_from" if version.start_date else "registered"
    return Finding(YES, code, (version,), version.start_date, version.end_date)


def _body(facts: Facts, role: HabilitationRole, on: date) -> Finding:
    """The best of what the links of the body say: yes, else unknown, else no."""
    chains = [list(rows) for _, rows in groupby(facts.habilitations, key=lambda row: row.rank)]
    findings = [_certifier(facts, on), *(_chain(chain, facts, role, on) for chain in chains)]
    known = [finding for finding in findings if finding]
    return min(known, key=lambda finding: (YES, UNKNOWN, NO).index(finding.answer), default=None) or _not_listed(
        facts, on
    )


def _certifier(facts: Facts, on: date) -> Finding | None:
    """Yes for a link active that day; before the first export, one that it holds without date is taken to have held."""
    own = [link for link in facts.certifier_links if link.organisation.siret]
    held = [link for link in own if link.holds_on(on)]
    if not held:
        held = [link for link in own if link.valid_from > on and _held_before(link, facts, on)][:1]
    if any(_ended_before(link, on) for link in own if link.valid_from > on):
        return None
    for link in held:
        if link.state == LinkState.ACTIVE:
            return Finding(YES, "certifier", (link,))
        if not link.state:
            return Finding(UNKNOWN, "certifier_state_unpublished", (link,))
    return None


def _held_before(link: CertifierLink, facts: Facts, on: date) -> bool:
    """Dated, or there from the first export that was read."""
    if link.state_changed_on:
        return link.state_changed_on <= on
    return link.valid_from == facts.certification.first_seen_on


def _ended_before(row: BodyLink, on: date) -> bool:
    """The row says that the state it shows, no longer active, had begun by that day."""
    ended = row.state in (LinkState.REMOVED, LinkState.INACTIVE)
    return ended and row.state_changed_on is not None and row.state_changed_on <= on


def _ended(row: PublishedHabilitation) -> Finding:
    return Finding(NO, "removed_on" if row.state == LinkState.REMOVED else "inactive_on", (row,), row.state_changed_on)


def _chain(chain: Sequence[PublishedHabilitation], facts: Facts, role: HabilitationRole, on: date) -> Finding | None:
    """One line of the fiche over time; None when it says nothing of that day."""
    held = next((row for row in chain if row.holds_on(on)), None)
    later = [row for row in chain if row.valid_from > on]
    if ended := next((row for row in later if _ended_before(row, on)), None):
        return _ended(ended)
    if held:
        return _of_the_day(held, on) if _covers(held, role) else Finding(NO, "other_role", (held,))
    told = (_by_dates(row, on) for row in takewhile(lambda row: _covers(row, role), later))
    if decided := next((finding for finding in told if finding), None):
        return decided
    if later and not facts.observed(on):
        return Finding(UNKNOWN, "state_not_dated" if _covers(later[0], role) else "other_role_later", (later[0],))
    if not later and chain:
        return Finding(NO, "no_longer_listed", (chain[-1],), chain[-1].valid_to)
    return None


def _covers(row: PublishedHabilitation, role: HabilitationRole) -> bool:
    return HabilitationRole(row.role).covers(role)


def _of_the_day(row: PublishedHabilitation, on: date) -> Finding:
    """A row read that day: its state decides, unless its own dates contradict it."""
    if not row.state:
        return Finding(UNKNOWN, "state_unpublished", (row,))
    if row.state == LinkState.ACTIVE:
        return _by_dates(row, on) or Finding(YES, "habilitated", (row,))
    if row.state_changed_on is None:
        return Finding(NO, "removed" if row.state == LinkState.REMOVED else "inactive", (row,))
    return _by_dates(row, on) or Finding(UNKNOWN, "state_not_dated", (row,))


def _by_dates(row: PublishedHabilitation, on: date) -> Finding | None:
    """What the dates of a row read later say of that day; None when they do not say."""
    since, changed = row.active_since, row.state_changed_on
    if _ended_before(row, on):
        return _ended(row)
    if since and on < since:
        return Finding(NO, "not_yet_active", (row,), since)
    if row.state == LinkState.ACTIVE and (begun := since or changed) and begun <= on:
        return Finding(YES, "habilitated_since", (row,), begun)
    if row.state in (LinkState.REMOVED, LinkState.INACTIVE) and since and changed:
        return Finding(YES, "habilitated_until", (row,), since, changed)
    return None


def _not_listed(facts: Facts, on: date) -> Finding:
    return (
        Finding(NO, "not_listed")
        if facts.observed(on)
        else Finding(UNKNOWN, "list_unknown", day=facts.certification.first_seen_on)
    )


def _facts(certification: Certification, siret: str) -> Facts:
    """Three queries. Certifiers that the source publishes without SIRET are read too: the body may be one of them."""
    links = certification.certifier_links.filter(
        Q(organisation__siret=siret) | Q(organisation__siret__isnull=True, valid_to__isnull=True)
    )
    rows = certification.habilitations.filter(organisation__siret=siret)
    return Facts(
        certification,
        _versions(certification),
        list(_history(links)),
        list(_history(rows)),
    )


def _versions(certification: Certification) -> list[CertificationVersion]:
    rows = certification.versions.exclude(valid_to=F("valid_from")).select_related("run")
    return list(rows.order_by("valid_from", "id"))


def _history(rows: QuerySet[Link]) -> QuerySet[Link]:
    return (
        rows.exclude(valid_to=F("valid_from"))
        .select_related("organisation", "run")
        .order_by("rank", "valid_from", "id")
    )


def _sibling(certification: Certification, siret: str, on: date) -> PublishedHabilitation | None:
    """Another establishment of the same enterprise listed that day."""
    listed = PublishedHabilitation.objects.valid_at(on).filter(certification=certification)
    others = listed.filter(organisation__siren=siret[:9]).exclude(organisation__siret=siret)
    found: PublishedHabilitation | None = (
        others.select_related("organisation", "run").order_by("organisation__siret", "id").first()
    )
    return found


def _notes(facts: Facts, siret: str) -> list[str]:
    notes = [] if has_valid_key(siret) else [gettext("La clé de ce SIRET est fausse : vérifiez-le.")]
    nameless = sorted({link.name for link in facts.certifier_links if link.organisation.siret is None})
    if nameless:
        text = gettext("Certificateurs publiés sans SIRET, que cette question ne peut pas reconnaître : %(names)s.")
        notes.append(text % {"names": ", ".join(nameless[:5])})
    return notes


def _last_known(source: Source) -> str:
    return gettext("Dernier état connu : export du %(day)s.") % {"day": _day(source.export_date)}


def _answer(finding: Finding, siret: str, number: str, role: HabilitationRole, on: date) -> Answer:
    reason = str(REASONS[finding.code]) % _values(finding, number, siret)
    return Answer(
        finding.answer, finding.code, reason, siret, number, role, on, [_as_dict(row) for row in finding.rows]
    )


def _values(finding: Finding, number: str, siret: str) -> dict[str, str]:
    link = next((row for row in finding.rows if isinstance(row, BodyLink)), None)
    role = link.get_role_display() if isinstance(link, PublishedHabilitation) else ""
    return {
        "number": number,
        "body": link.name if link else "",
        "role": role,
        "siret": (link.organisation.siret or "") if link else siret,
        "day": _day(finding.day),
        "limit": _day(finding.limit),
        "export": _day(link.run.export_date if link else None),
    }


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _as_dict(row: CertificationVersion | BodyLink) -> dict[str, Any]:
    """A row as published, for display and JSON; `kind` tells the three shapes apart."""
    period = {"valid_from": row.valid_from, "valid_to": row.valid_to, "export_date": row.run.export_date}
    if isinstance(row, CertificationVersion):
        dates = ("start_date", "end_date", "last_issue_date", "is_active")
        return {"kind": "registration", **{name: getattr(row, name) for name in dates}, **period}
    columns = {"siret": row.organisation.siret or "", "name": row.name, "state": row.state}
    dated = {"state_changed_on": row.state_changed_on, **period}
    if isinstance(row, PublishedHabilitation):
        return {"kind": "habilitation", **columns, "role": row.role, "active_since": row.active_since, **dated}
    return {"kind": "certifier", **columns, **dated}
