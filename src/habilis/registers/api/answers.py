"""From what the queries find to the shapes of the API."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from habilis.organisations.models import Organisation
from habilis.registers.api import schemas
from habilis.registers.api.parameters import Role, Task
from habilis.registers.enums import HabilitationRole, Register
from habilis.registers.models import Certification, CertificationVersion, PublishedHabilitation
from habilis.registers.queries import changes as feed
from habilis.registers.queries import compare, fiches, rights, search
from habilis.registers.queries.bodies import partner_counts
from habilis.registers.queries.lineage import Family

# The API speaks of tasks, as the command line does; the database keeps the roles of the registers.
ROLES: dict[str, HabilitationRole] = {
    "train": HabilitationRole.PREPARE,
    "assess": HabilitationRole.ASSESS,
    "both": HabilitationRole.BOTH,
}
NAMES: dict[str, Role] = {role.value: cast(Role, name) for name, role in ROLES.items()}


def stored_role(name: Role | None) -> str:
    return ROLES[name].value if name else ""


class Page:
    """A page of rows by offset: counted and cut in the database."""

    def __init__(self, request: HttpRequest, rows: QuerySet[Any], limit: int, offset: int) -> None:
        self.request, self.limit, self.offset = request, limit, offset
        self.total = rows.count()
        self.rows: list[Any] = list(rows[offset : offset + limit]) if offset < self.total else []

    @cached_property
    def next(self) -> str | None:
        return following(self.request, self.total, self.limit, self.offset)


def following(request: HttpRequest, total: int, limit: int, offset: int) -> str | None:
    return address(request, offset=offset + limit) if offset + limit < total else None


def address(request: HttpRequest, **values: int) -> str:
    """The same question with other values."""
    query: QueryDict = request.GET.copy()
    for name, value in values.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


def absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path


# --- sources ---------------------------------------------------------------------------------------------------------


def source(*registers: str) -> schemas.Source:
    """The last exports of these registers, of both by default; one query each."""
    return merged(feed.freshness(registers or Register.values))


def source_of(number: str) -> schemas.Source:
    """The last export of the register that a number names, be it known or not; of both when it names none."""
    return source(*(register for register in Register.values if number.startswith(register)))


def merged(lines: Iterable[feed.Freshness]) -> schemas.Source:
    """Several exports named as one source: the day is that of the oldest."""
    known = [(line.source, line.applied_at) for line in lines if line.source]
    official = all(found.is_official for found, _ in known)
    return schemas.Source(
        producer="France compétences" if official else "",
        name=" ; ".join(dict.fromkeys(found.name for found, _ in known)),
        licence=" ; ".join(dict.fromkeys(found.licence for found, _ in known)),
        export_date=min((found.export_date for found, _ in known), default=None),
        imported_at=min((applied for _, applied in known if applied), default=None),
    )


def freshness(line: feed.Freshness) -> schemas.Freshness:
    found = line.source
    return schemas.Freshness.model_validate(
        {
            "register": line.register,
            "name": found.name if found else None,
            "licence": found.licence if found else None,
            "export_date": found.export_date if found else None,
            "imported_at": line.applied_at,
            "counts": line.counts,
        }
    )


# --- search ----------------------------------------------------------------------------------------------------------


def body_key(siret: str) -> int | None:
    """The key of a body; -1, that no row has, for a SIRET that no import brought. One query if asked."""
    compact = "".join(siret.split())
    if not compact:
        return None
    return Organisation.objects.filter(siret=compact).values_list("pk", flat=True).first() or -1


def hits(request: HttpRequest, found: search.Results, limit: int, offset: int) -> schemas.Hits:
    return schemas.Hits(
        data=[hit(one) for one in found.hits],
        total=found.total,
        next=following(request, found.total, limit, offset),
        source=source(),
        understood=found.understood,
        ignored=list(found.ignored),
        partial=found.partial,
    )


def hit(one: search.Hit) -> schemas.Hit:
    return schemas.Hit.model_validate(
        {
            "number": one.number,
            "register": one.register,
            "title": one.title,
            "level": one.level,
            "abbreviation": one.abbreviation,
            "is_active": one.is_active,
            "end_date": one.end_date,
            "certifiers": list(one.certifiers),
            "certifier_count": one.certifier_count,
            "snippet": one.snippet,
            "url": absolute(Certification(number=one.number).get_absolute_url()),
        }
    )


# --- one fiche -------------------------------------------------------------------------------------------------------


def fiche(found: fiches.Fiche) -> schemas.Fiche:
    certification, version = found.certification, found.version
    counts = partner_counts(certification, found.on)
    return schemas.Fiche.model_validate(
        {
            "number": certification.number,
            "register": certification.register,
            "on": found.on,
            "status": fiches.status(certification, version, found.day).key,
            "first_seen_on": certification.first_seen_on,
            "withdrawn_on": certification.withdrawn_on,
            "page": absolute(certification.get_absolute_url()),
            "official_page": found.official_url,
            "version": schemas.Version.model_validate(version),
            "texts": schemas.Texts.model_validate(version.texts),
            "blocks": [schemas.Block.model_validate(one.block) for one in found.blocks],
            "routes": [schemas.Route.model_validate(route) for route in found.routes],
            "codes": [schemas.Code.model_validate(code) for codes in found.codes.values() for code in codes],
            "legal_texts": [schemas.LegalText.model_validate(text) for text in found.legal_texts],
            "statistics": [schemas.Statistics.model_validate(row) for row in found.statistics],
            "correspondences": [correspondence(one) for one in found.correspondences],
            "certifiers": [certifier(link) for link in found.certifiers],
            "partners": schemas.PartnerCounts(total=counts.total, active=counts.active),
        }
    )


def correspondence(one: fiches.Correspondences) -> schemas.Correspondence:
    targets = [schemas.Target(number=number, codes=codes, is_known=known) for number, codes, known in one.targets]
    return schemas.Correspondence(codes=one.codes, targets=targets)


def certifier(link: Any) -> schemas.Certifier:
    return schemas.Certifier(
        siret=link.organisation.siret,
        name=link.name,
        commercial_name=link.commercial_name,
        website=link.website,
        state=link.state,
        state_changed_on=link.state_changed_on,
    )


def validity(certification: Certification, found: rights.Validity, on: date) -> schemas.Validity:
    version = found.version or CertificationVersion()
    return schemas.Validity(
        number=certification.number,
        on=on,
        answer=found.answer,
        code=found.code,
        reason=found.reason,
        start_date=version.start_date,
        end_date=version.end_date,
        last_issue_date=version.last_issue_date,
        is_active=version.is_active,
        first_seen_on=certification.first_seen_on,
        withdrawn_on=certification.withdrawn_on,
    )


def lineage(certification: Certification, family: Family) -> schemas.Lineage:
    members = []
    for one in family.members:
        version = one.certification.current_version if one.certification else None
        members.append(
            schemas.Member(
                number=one.number,
                generation=one.generation,
                title=version.title if version else None,
                is_known=one.certification is not None,
                end_date=version.end_date if version else None,
            )
        )
    links = [schemas.Link(older=edge.older.number, newer=edge.newer.number) for edge in family.edges]
    return schemas.Lineage(number=certification.number, members=members, links=links, hidden=family.hidden)


def partner(row: PublishedHabilitation) -> schemas.Partner:
    return schemas.Partner.model_validate(
        {
            "siret": row.organisation.siret,
            "name": row.name,
            "role": NAMES[row.role],
            "state": row.state,
            "active_since": row.active_since,
            "state_changed_on": row.state_changed_on,
            "department": row.organisation.department,
            "listed_since": row.valid_from,
        }
    )


# --- two fiches ------------------------------------------------------------------------------------------------------


def comparison(found: compare.Comparison) -> schemas.Comparison:
    return schemas.Comparison(
        left=side(found.left),
        right=side(found.right),
        fields=[pair(one) for one in found.fields],
        texts=[schemas.TextPair(name=one.name, score=one.score or 0, same=one.same) for one in found.texts],
        routes=[pair(one) for one in found.routes],
        blocks=[block_pair(one) for one in found.blocks],
        codes=[shared(one) for one in found.codes],
        certifiers=shared(found.certifiers),
    )


def side(one: compare.Side) -> schemas.Side:
    return schemas.Side(number=one.certification.number, title=one.version.title, on=one.on)


def pair(one: compare.Pair) -> schemas.FieldPair:
    left, right = (value.isoformat() if isinstance(value, date) else value for value in (one.left, one.right))
    return schemas.FieldPair(name=one.name, left=left, right=right, same=one.same)


def block_pair(one: compare.BlockPair) -> schemas.BlockPair:
    left, right = (schemas.BlockName.model_validate(block) if block else None for block in (one.left, one.right))
    return schemas.BlockPair(left=left, right=right, score=one.score, skills=one.skills)


def shared(one: compare.Shared) -> schemas.Shared:
    def names(rows: Sequence[tuple[str, str]]) -> list[schemas.Named]:
        return [schemas.Named(key=key, label=label) for key, label in rows]

    return schemas.Shared(name=one.name, both=names(one.both), left=names(one.left), right=names(one.right))


# --- rights and changes ----------------------------------------------------------------------------------------------


def may(found: rights.Answer, task: Task) -> schemas.Right:
    rows = [row | {"role": NAMES[row["role"]]} if row.get("role") else row for row in found.rows]
    return schemas.Right(
        answer=found.answer,
        code=found.code,
        reason=found.reason,
        siret=found.siret,
        number=found.number,
        role=task,
        on=found.on,
        rows=[schemas.Evidence(**row) for row in rows],
        notes=found.notes,
    )


def changes(request: HttpRequest, page: feed.ChangePage, after: int) -> schemas.Changes:
    return schemas.Changes(
        data=[change(row) for row in page.changes],
        total=min(page.total, feed.COUNTED),
        total_is_exact=page.total <= feed.COUNTED,
        next=address(request, after=page.cursor) if page.cursor else None,
        cursor=page.changes[-1].pk if page.changes else after,
        source=source(),
    )


def change(row: Any) -> schemas.Change:
    version = row.certification.current_version
    return schemas.Change(
        id=row.pk,
        on=row.on,
        number=row.certification.number,
        title=version.title if version else "",
        kind=row.kind,
        verb=row.verb,
        key=row.key,
        field=row.field,
        before=row.before,
        after=row.after,
        is_key=row.is_key,
    )
