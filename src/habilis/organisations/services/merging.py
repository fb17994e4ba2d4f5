"""Merging two organisations that are one, and undoing it exactly."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from habilis.common.bulk import batches
from habilis.organisations.enums import Role
from habilis.organisations.models import Actor, Membership, Organisation, OrganisationMerge
from habilis.organisations.perms import require_operator
from habilis.organisations.services.guards import Refused, locked, refusing, seen

BATCH = 1_000
ADMINISTRATORS = Q(role=Role.ADMINISTRATOR)


class Follower(NamedTuple):
    """A column whose rows follow their organisation into the body that absorbs it."""

    model: type[models.Model]
    column: str

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.column}"

    def rows(self, **where: Any) -> models.QuerySet[models.Model]:
        return self.model._base_manager.filter(**where).order_by("pk")


def followers() -> Iterator[Follower]:
    """Every foreign key to an organisation, in any app above: found in Django's registry, which needs no import.

    A model keeps its rows under the body that they name by saying `follows_mergers = False`: what a register publishes of
    a SIRET stays said of that SIRET.
    """
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not getattr(model, "follows_mergers", True):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Organisation:
                yield Follower(model, field.attname)


@transaction.atomic
def merge_organisations(kept: Organisation, absorbed: Organisation, *, by: Actor, on: date) -> OrganisationMerge:
    """Make one body of two: what belonged to `absorbed` follows to `kept`, and it acts no more. Merged so already, it stays.

    Rows that `kept` has already stay where they are (`left`); a membership held in both bodies ends in the absorbed one.
    Kinds do not follow: without those of the absorbed body, roles that need them wait for `set_kinds`.
    """
    require_operator(by)
    if kept.pk == absorbed.pk:
        raise Refused(_("Un organisme ne peut s’absorber lui-même : choisissez deux organismes."))
    if known := OrganisationMerge.objects.standing().filter(kept=kept.pk, absorbed=absorbed.pk).first():
        return known
    for pk in sorted((kept.pk, absorbed.pk)):  # always in this order: two mergers cannot wait for each other
        locked(pk)
    merge = OrganisationMerge(kept_id=kept.pk, absorbed_id=absorbed.pk, merged_on=on, moved={}, left={})
    merge.before = columns_of(merge)
    members, rest = Follower(Membership, "organisation_id"), [one for one in followers() if one.model is not Membership]
    for some in (~ADMINISTRATORS, ADMINISTRATORS):  # the last administrator leaves last
        end_duplicates(merge, some)
        move(merge, members, some)
    for follower in rest:
        move(merge, follower, Q())
    Organisation.objects.filter(pk=absorbed.pk).update(merged_into=kept.pk)
    merge.after = columns_of(merge)
    merge.save()
    return merge


def columns_of(merge: OrganisationMerge) -> dict[str, dict[str, Any]]:
    rows = Organisation.objects.filter(pk__in=(merge.kept_id, merge.absorbed_id)).order_by("pk").values()
    return {str(row["id"]): dict(row) for row in rows}


def end_duplicates(merge: OrganisationMerge, some: Q) -> None:
    """End memberships that the person holds in the kept body too; their former end is kept among the columns `before`."""
    twin = Membership.objects.filter(organisation=merge.kept_id, person=OuterRef("person"), role=OuterRef("role"))
    lasting = Membership.objects.filter(some, organisation=merge.absorbed_id).lasting_past(merge.merged_on)
    ended = merge.before.setdefault("memberships", {})
    for row in lasting.filter(Exists(twin.lasting_past(merge.merged_on))).order_by("pk"):
        ended[str(row.pk)] = row.valid_to and row.valid_to.isoformat()
        Membership.objects.filter(pk=row.pk).update(valid_to=max(merge.merged_on, row.valid_from))


def move(merge: OrganisationMerge, follower: Follower, some: Q) -> None:
    """Give the rows to the kept body in one statement; one by one when it has some of them already."""
    rows = follower.rows(**{follower.column: merge.absorbed_id}).filter(some)
    keys = list(rows.values_list("pk", flat=True))
    moved = (
        keys if change(follower, keys, merge.kept_id) else [pk for pk in keys if change(follower, [pk], merge.kept_id)]
    )
    for record, found in ((merge.moved, moved), (merge.left, [pk for pk in keys if pk not in set(moved)])):
        if found:
            record.setdefault(follower.label, []).extend(found)


def change(follower: Follower, keys: Sequence[Any], organisation_id: int) -> bool:
    """Point these rows to the organisation, all or none; False when the database refuses."""
    try:
        with transaction.atomic():
            for some in batches(keys, BATCH):
                follower.model._base_manager.filter(pk__in=some).update(**{follower.column: organisation_id})
    except IntegrityError:
        return False
    return True


@transaction.atomic
def undo_merge(merge: OrganisationMerge, *, by: Actor, on: date) -> OrganisationMerge:
    """Give back every row that followed, as it was. Undone already, it stays; refused whole when a row moved since."""
    require_operator(by)
    merge = seen(OrganisationMerge.objects.visible_to(by), merge.pk)
    if merge.undone_on is not None:
        return merge
    locked(merge.kept_id)
    changed = _(
        "Des éléments de cette fusion ont changé depuis : annulez d’abord les fusions plus récentes, puis réessayez."
    )
    if not Organisation.objects.filter(pk=merge.absorbed_id, merged_into=merge.kept_id).exists():
        raise Refused(changed)
    Organisation.objects.filter(pk=merge.absorbed_id).update(merged_into=None)
    with refusing(changed):
        for follower in followers():
            give_back(merge, follower, changed)
        for pk, end in merge.before.get("memberships", {}).items():
            Membership.objects.filter(pk=pk).update(valid_to=end)
    merge.undone_on = on
    merge.save(update_fields=["undone_on"])
    return merge


def give_back(merge: OrganisationMerge, follower: Follower, changed: str) -> None:
    """The rows were recorded administrators last, and leave in that order."""
    for keys in batches(merge.moved.get(follower.label, []), BATCH):
        rows = follower.rows(pk__in=keys, **{follower.column: merge.kept_id})
        if set(map(str, rows.values_list("pk", flat=True))) != set(map(str, keys)):
            raise Refused(changed)
        ordered = [~ADMINISTRATORS, ADMINISTRATORS] if follower.model is Membership else [Q()]
        for some in ordered:
            rows.filter(some).update(**{follower.column: merge.absorbed_id})
