"""Bodies of the certification system and what is publicly known of them: kinds, former names, sites, Qualiopi, mergers."""

from datetime import date
from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from habilis.common.periods import Period, PeriodQuerySet, one_current, ordered_period
from habilis.organisations.enums import OrganisationKind, TrainingAction
from habilis.organisations.models.actor import Actor
from habilis.organisations.models.keys import NDA_PATTERN, UAI_PATTERN

SINCE_EVER = date.min  # start of a name whose first day is not known


def number_shape(table: str, column: str, pattern: str) -> models.CheckConstraint:
    """CHECK that a number is empty or has its shape; keys are judged by services, since sources publish wrong ones."""
    shape = Q(**{column: ""}) | Q(**{f"{column}__regex": pattern})
    return models.CheckConstraint(condition=shape, name=f"{table}_{column}_shape")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def with_siret(self, siret: str) -> Self:
        return self.filter(siret=siret)

    def standing(self) -> Self:
        """Bodies that no merger has absorbed."""
        return self.filter(merged_into__isnull=True)


class Organisation(models.Model):
    """An establishment known by its SIRET, or, when the source gives none, by its name alone.

    `siret` is kept as published: a number whose key is wrong is flagged (`has_valid_siret`), never refused. Columns that
    registers do not load have a default in the database, so that mass imports need not name them.
    """

    siret = models.CharField("SIRET", max_length=14, null=True, blank=True, unique=True)
    siren = models.CharField("SIREN", max_length=9, blank=True, db_index=True)
    has_valid_siret = models.BooleanField("SIRET à clé exacte", default=False)
    name = models.CharField("dénomination", max_length=300)
    commercial_name = models.CharField("nom commercial", max_length=300, blank=True)
    website = models.CharField("site internet", max_length=500, blank=True)
    address = models.CharField("adresse", max_length=300, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=120, blank=True)
    department = models.CharField("département", max_length=3, blank=True, db_index=True)
    nda = models.CharField("numéro de déclaration d’activité", max_length=11, blank=True, default="", db_default="")
    uai = models.CharField("UAI", max_length=8, blank=True, default="", db_default="")
    # The body that absorbed this one, which acts no more; registers still publish rights under its own SIRET.
    merged_into = models.ForeignKey(
        "self", verbose_name="absorbé par", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed"
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisme"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(siret__isnull=True), name="organisation_one_per_name_without_siret"
            ),
            number_shape("organisation", "nda", NDA_PATTERN),
            number_shape("organisation", "uai", UAI_PATTERN),
        ]

    def __str__(self) -> str:
        return self.name

    def name_on(self, day: date) -> str:
        """Its name that day; one query."""
        former = self.former_names.valid_at(day).order_by().values_list("name", flat=True).first()
        return former if former is not None else self.name


class FormerName(Period):
    """A name that the body bore until `valid_to`; the name in use is on the organisation."""

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="former_names"
    )
    name = models.CharField("dénomination", max_length=300)

    follows_mergers = False  # said of that very body, as are its kinds and marks
    objects = PeriodQuerySet["FormerName"].as_manager()

    class Meta:
        verbose_name = "ancienne dénomination"
        verbose_name_plural = "anciennes dénominations"
        ordering = ["organisation", "-valid_from", "-id"]
        constraints = [
            ordered_period("former_name"),
            models.CheckConstraint(condition=Q(valid_to__isnull=False), name="former_name_has_ended"),
        ]

    def __str__(self) -> str:
        return self.name


class HeldKind(Period):
    """The body is a certifier, a partner or the regulator for a while; one body may be several at once."""

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="held_kinds"
    )
    kind = models.CharField("nature", max_length=10, choices=OrganisationKind.choices)

    follows_mergers = False
    objects = PeriodQuerySet["HeldKind"].as_manager()

    class Meta:
        verbose_name = "nature d’un organisme"
        verbose_name_plural = "natures des organismes"
        ordering = ["organisation", "kind", "valid_from", "id"]
        constraints = [
            ordered_period("held_kind"),
            one_current("held_kind", "organisation", "kind"),
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="held_kind_known"),
        ]

    def __str__(self) -> str:
        return str(OrganisationKind(self.kind).label)


class QualiopiMark(Period):
    """The public list says that the body is certified Qualiopi for an action; the period is that of our readings of it."""

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="qualiopi_marks"
    )
    action = models.CharField("action", max_length=15, choices=TrainingAction.choices)

    follows_mergers = False
    objects = PeriodQuerySet["QualiopiMark"].as_manager()

    class Meta:
        verbose_name = "certification Qualiopi"
        verbose_name_plural = "certifications Qualiopi"
        ordering = ["organisation", "action", "valid_from", "id"]
        constraints = [
            ordered_period("qualiopi_mark"),
            one_current("qualiopi_mark", "organisation", "action"),
            models.CheckConstraint(condition=Q(action__in=TrainingAction.values), name="qualiopi_mark_known_action"),
        ]

    def __str__(self) -> str:
        return str(TrainingAction(self.action).label)


class Site(Period):
    """A place where the body works, besides the establishment that names it; its SIRET when it has one."""

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="sites"
    )
    siret = models.CharField("SIRET", max_length=14, null=True, blank=True)
    uai = models.CharField("UAI", max_length=8, blank=True)
    name = models.CharField("nom du site", max_length=300)
    address = models.CharField("adresse", max_length=300, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=120, blank=True)
    department = models.CharField("département", max_length=3, blank=True, db_index=True)

    objects = PeriodQuerySet["Site"].as_manager()

    class Meta:
        verbose_name = "site"
        ordering = ["organisation", "name", "valid_from", "id"]
        constraints = [
            ordered_period("site"),
            one_current("site", "organisation", "siret"),
            number_shape("site", "uai", UAI_PATTERN),
        ]

    def __str__(self) -> str:
        return self.name


class MergeQuerySet(models.QuerySet["OrganisationMerge"]):
    def visible_to(self, actor: Actor) -> Self:
        """Operators merge; nobody else sees how."""
        return self.all() if actor.is_operator else self.none()

    def standing(self) -> Self:
        return self.filter(undone_on__isnull=True)


class OrganisationMerge(models.Model):
    """One body absorbed by another, with what is needed to undo it exactly; kept when undone.

    `before` and `after`: columns of both bodies by primary key, and under "memberships" the former ends of those ended.
    `moved`: primary keys of the rows that followed, by "app.Model.field"; `left`: those that the kept body had already,
    which stayed.
    """

    kept = models.ForeignKey(
        Organisation, verbose_name="organisme gardé", on_delete=models.PROTECT, related_name="merges_kept"
    )
    absorbed = models.ForeignKey(
        Organisation, verbose_name="organisme absorbé", on_delete=models.PROTECT, related_name="merges_absorbed"
    )
    merged_on = models.DateField("fusionné le")
    undone_on = models.DateField("annulé le", null=True, blank=True)
    before = models.JSONField("avant")
    after = models.JSONField("après")
    moved = models.JSONField("lignes déplacées", encoder=DjangoJSONEncoder)
    left = models.JSONField("lignes laissées", encoder=DjangoJSONEncoder)

    follows_mergers = False
    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = "fusion d’organismes"
        verbose_name_plural = "fusions d’organismes"
        ordering = ["-merged_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_on__isnull=True), name="organisation_merge_once_unless_undone"
            ),
            models.CheckConstraint(condition=~Q(kept=models.F("absorbed")), name="organisation_merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id}"
