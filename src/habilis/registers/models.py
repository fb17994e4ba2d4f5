"""The two national registers as published: certifications, their dated versions, their bodies, and the imports that fed them."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from habilis.common.periods import Period, PeriodQuerySet, one_current, ordered_period
from habilis.organisations.models import Organisation
from habilis.registers.enums import (
    AccessRoute,
    ChangeKind,
    ChangeVerb,
    CodeSystem,
    HabilitationRole,
    LegalTextKind,
    LineageDirection,
    LinkState,
    Register,
    RegistrationKind,
    RunState,
)

OPEN_LICENCE = "Licence Ouverte 2.0"  # of the exports that France compétences publishes


class ImportRun(models.Model):
    """One applied import: what was read, by whom, and what it changed. Committed batch by batch, so a kill resumes here."""

    digest = models.CharField("empreinte SHA-256 des fichiers", max_length=64, db_index=True)
    source = models.CharField("source", max_length=200)
    licence = models.CharField("licence", max_length=100, default=OPEN_LICENCE)
    format = models.CharField("format", max_length=10)
    registers = models.CharField("répertoires couverts", max_length=10, blank=True)  # "RNCP RS"
    export_date = models.DateField("date de l’export")
    is_complete = models.BooleanField("export complet", default=False)
    state = models.CharField("état", max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField("commencé le", auto_now_add=True)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    heartbeat_at = models.DateTimeField("dernier signe", auto_now=True)
    host = models.CharField("machine", max_length=100, blank=True)
    pid = models.PositiveIntegerField("processus", default=0)
    actor = models.CharField("demandé par", max_length=100, blank=True)
    position = models.PositiveIntegerField("fiches traitées", default=0)
    total = models.PositiveIntegerField("fiches du fichier", default=0)
    # {"fiches": {"added": n, "updated": n, "removed": n, "unchanged": n}, "blocks": …, "habilitations": …, "certifiers": …}
    counts = models.JSONField("décompte", default=dict)
    rejected = models.JSONField("fiches refusées", default=list)

    class Meta:
        verbose_name = "import de répertoire"
        ordering = ["-export_date", "-id"]

    def __str__(self) -> str:
        return f"{self.source} ({self.export_date:%d/%m/%Y})"


class CertificationQuerySet(models.QuerySet["Certification"]):
    def listed(self) -> Self:
        """Certifications that the last complete export still held."""
        return self.filter(withdrawn_on__isnull=True)

    def active_on(self, day: date) -> Self:
        """Published as active, and not past their end of registration on that day (uses the current version)."""
        version = Q(current_version__end_date__isnull=True) | Q(current_version__end_date__gte=day)
        return self.listed().filter(version, current_version__is_active=True)


class Certification(models.Model):
    """One number of a register. What it says lives in its dated versions; who serves it, in the links."""

    number = models.CharField("numéro", max_length=16, unique=True)
    register = models.CharField("répertoire", max_length=4, choices=Register.choices, db_index=True)
    rank = models.PositiveIntegerField("partie numérique du numéro")
    current_version = models.OneToOneField(
        "CertificationVersion", verbose_name="version courante", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Digest of the source element last applied: an identical one is skipped without being parsed.
    digest = models.CharField("empreinte de la fiche", max_length=70, blank=True)
    first_seen_on = models.DateField("première apparition")
    withdrawn_on = models.DateField("disparue le", null=True, blank=True)

    objects = CertificationQuerySet.as_manager()

    class Meta:
        verbose_name = "certification professionnelle"
        ordering = ["register", "rank", "number"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("registers:fiche", args=[self.number])


class CertificationVersion(Period):
    """The content of a fiche from `valid_from` on. Long texts sit in `VersionText`, so that lists read narrow rows.

    `is_active` is null when the source does not say (a partial CSV package).
    """

    certification = models.ForeignKey(Certification, on_delete=models.PROTECT, related_name="versions")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, db_index=False, related_name="+")
    fiche_id = models.PositiveIntegerField("identifiant technique", null=True, blank=True)
    title = models.CharField("intitulé", max_length=1000, blank=True)
    abbreviation = models.CharField("abrégé", max_length=60, blank=True)
    abbreviation_label = models.CharField("libellé de l’abrégé", max_length=300, blank=True)
    editorial_state = models.CharField("état de la fiche", max_length=60, blank=True)
    level = models.PositiveSmallIntegerField("niveau", null=True, blank=True)
    level_code = models.CharField("code du niveau", max_length=10, blank=True)
    level_label = models.CharField("libellé du niveau", max_length=60, blank=True)
    is_active = models.BooleanField("active", null=True)
    kind = models.CharField("type d’enregistrement", max_length=12, choices=RegistrationKind.choices, blank=True)
    has_partners = models.BooleanField("existence de partenaires", null=True)
    in_new_caledonia = models.BooleanField("accessible en Nouvelle-Calédonie", null=True)
    in_french_polynesia = models.BooleanField("accessible en Polynésie française", null=True)
    last_official_journal_date = models.DateField("date du dernier Journal officiel", null=True, blank=True)
    decision_date = models.DateField("date de décision", null=True, blank=True)
    duration_years = models.PositiveSmallIntegerField("durée d’enregistrement (années)", null=True, blank=True)
    end_date = models.DateField("date de fin d’enregistrement", null=True, blank=True)
    effect_date = models.DateField("date d’effet", null=True, blank=True)
    publication_date = models.DateField("date de publication", null=True, blank=True)
    last_issue_date = models.DateField("date limite de délivrance", null=True, blank=True)
    partial_validation = models.BooleanField("validation partielle", null=True)
    promotion_years = models.CharField("années des promotions au niveau", max_length=200, blank=True)
    url = models.CharField("lien vers la description", max_length=1000, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "version de fiche"
        ordering = ["certification", "valid_from", "id"]
        constraints = [ordered_period("version"), one_current("version", "certification")]

    def __str__(self) -> str:
        return self.title

    @property
    def start_date(self) -> date | None:
        """First day of the registration: effect of a registration as of right, else decision, else publication."""
        return self.effect_date or self.decision_date or self.publication_date

    def is_active_on(self, day: date) -> bool | None:
        """Active on that day according to this version; None when the source does not say."""
        if self.end_date and day > self.end_date:
            return False
        return self.is_active


class VersionText(models.Model):
    """The long texts of a version, apart: they are read one fiche at a time."""

    version = models.OneToOneField(
        CertificationVersion, primary_key=True, on_delete=models.CASCADE, related_name="texts"
    )
    activities = models.TextField("activités visées", blank=True)
    capacities = models.TextField("compétences attestées", blank=True)
    sectors = models.TextField("secteurs d’activité", blank=True)
    jobs = models.TextField("types d’emplois accessibles", blank=True)
    regulations = models.TextField("réglementation des activités", blank=True)
    objectives = models.TextField("objectifs et contexte", blank=True)
    mastery_levels = models.TextField("niveaux de maîtrise des compétences", blank=True)
    validity = models.TextField("durée de validité", blank=True)
    renewal = models.TextField("modalités de renouvellement", blank=True)
    partial_validation_scope = models.TextField("périmètre de la validation partielle", blank=True)
    entry_prerequisites = models.TextField("prérequis à l’entrée en formation", blank=True)
    validation_prerequisites = models.TextField("prérequis à la validation", blank=True)

    class Meta:
        verbose_name = "textes de fiche"

    def __str__(self) -> str:
        return f"textes {self.version_id}"


class Block(models.Model):
    """A separately assessed part of a version. Codes are neither stable nor globally unique: the key is (version, position)."""

    version = models.ForeignKey(CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="blocks")
    position = models.PositiveSmallIntegerField("rang")
    code = models.CharField("code", max_length=40, blank=True)
    title = models.CharField("intitulé", max_length=1000, blank=True)
    skills = models.TextField("compétences", blank=True)
    assessment = models.TextField("modalités d’évaluation", blank=True)
    entry_prerequisites = models.TextField("prérequis à l’entrée en formation", blank=True)
    validation_prerequisites = models.TextField("prérequis à la validation", blank=True)

    class Meta:
        verbose_name = "bloc de compétences"
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="block_one_per_position")]

    def __str__(self) -> str:
        return self.code


class Route(models.Model):
    """One of the six ways to a certification, open or closed, with the composition of its jury."""

    version = models.ForeignKey(CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="routes")
    route = models.CharField("voie d’accès", max_length=4, choices=AccessRoute.choices)
    is_open = models.BooleanField("ouverte", null=True)
    jury = models.TextField("composition du jury", blank=True)
    changed_on = models.DateField("dernière modification", null=True, blank=True)

    class Meta:
        verbose_name = "voie d’accès"
        ordering = ["version", "route"]
        constraints = [models.UniqueConstraint(fields=["version", "route"], name="route_one_per_version")]

    def __str__(self) -> str:
        return self.get_route_display()


class Code(models.Model):
    """A code in use in one of the nomenclatures. The label is part of the key: exports do not always agree on it."""

    system = models.CharField("nomenclature", max_length=10, choices=CodeSystem.choices)
    code = models.CharField("code", max_length=20)
    label = models.CharField("libellé", max_length=300, blank=True)

    class Meta:
        verbose_name = "code de nomenclature"
        ordering = ["system", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code", "label"], name="code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.label}".strip()


class VersionCode(models.Model):
    """The place of a code in a version; `position` orders the codes of one nomenclature (and is the slot of a CCN, 1 to 3)."""

    version = models.ForeignKey(
        CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="code_links"
    )
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="version_links")
    position = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "code d’une fiche"
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code", "position"], name="version_code_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}:{self.code_id}"


class LegalText(models.Model):
    version = models.ForeignKey(
        CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="legal_texts"
    )
    kind = models.CharField("nature", max_length=8, choices=LegalTextKind.choices)
    position = models.PositiveSmallIntegerField("rang")
    title = models.TextField("titre")
    published_on = models.DateField("publication au Journal officiel", null=True, blank=True)

    class Meta:
        verbose_name = "texte réglementaire"
        ordering = ["version", "kind", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "kind", "position"], name="legal_text_unique")]

    def __str__(self) -> str:
        return self.title


class PromotionStatistics(models.Model):
    """Outcome of one cohort as declared by the certifier; rates are percents."""

    version = models.ForeignKey(
        CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="statistics"
    )
    position = models.PositiveSmallIntegerField("rang")
    year = models.PositiveSmallIntegerField("année")
    certified = models.PositiveIntegerField("certifiés", null=True, blank=True)
    certified_by_vae = models.PositiveIntegerField("dont par la VAE", null=True, blank=True)
    global_rate = models.DecimalField(
        "insertion globale à 6 mois (%)", max_digits=6, decimal_places=2, null=True, blank=True
    )
    target_job_rate = models.DecimalField(
        "insertion dans le métier visé à 2 ans (%)", max_digits=6, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = "statistiques de promotion"
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="promotion_one_per_position")]

    def __str__(self) -> str:
        return str(self.year)


class Correspondence(models.Model):
    """An equivalence declared between blocks of this fiche (none: the whole fiche) and another fiche or its blocks."""

    version = models.ForeignKey(
        CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="correspondences"
    )
    position = models.PositiveSmallIntegerField("rang")
    source_codes = models.CharField("blocs de départ", max_length=400, blank=True)  # separated by one space
    target_number = models.CharField("fiche d’arrivée", max_length=16)
    target_codes = models.CharField("blocs d’arrivée", max_length=400, blank=True)

    class Meta:
        verbose_name = "correspondance"
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="correspondence_one_per_position")]

    def __str__(self) -> str:
        return self.target_number


class LineageLink(models.Model):
    """What a version says of its ancestors and successors, by number: the other fiche may be unknown here.

    The lineage of a fiche is the union of what both ends declare.
    """

    version = models.ForeignKey(CertificationVersion, on_delete=models.CASCADE, db_index=False, related_name="lineage")
    direction = models.CharField("sens", max_length=11, choices=LineageDirection.choices)
    position = models.PositiveSmallIntegerField("rang")
    number = models.CharField("autre fiche", max_length=16, db_index=True)

    class Meta:
        verbose_name = "filiation"
        ordering = ["version", "direction", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "direction", "position"], name="lineage_unique")]

    def __str__(self) -> str:
        return self.number


class BodyLink(Period):
    """A body on a fiche as published. `rank` tells apart several rows of one body on one fiche."""

    certification = models.ForeignKey(Certification, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, db_index=False, related_name="+")
    rank = models.PositiveSmallIntegerField("rang", default=0)
    position = models.PositiveIntegerField("place dans la fiche", default=0)
    name = models.CharField("nom publié", max_length=300)
    state = models.CharField("état", max_length=8, choices=LinkState.choices, blank=True)
    state_changed_on = models.DateField("dernière modification de l’état", null=True, blank=True)

    follows_mergers = False  # the register says it of that SIRET or name, whoever absorbed the body since (ADR 7)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class CertifierLink(BodyLink):
    """A certifier (or co-certifier) of a certification over a period."""

    certification = models.ForeignKey(
        Certification, on_delete=models.PROTECT, db_index=False, related_name="certifier_links"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="certifier_links")
    commercial_name = models.CharField("nom commercial", max_length=300, blank=True)
    website = models.CharField("site internet", max_length=500, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "certificateur d’une fiche"
        ordering = ["certification", "position", "id"]
        indexes = [models.Index(fields=["certification", "organisation", "rank"], name="certifier_link_history")]
        constraints = [
            ordered_period("certifier_link"),
            one_current("certifier_link", "certification", "organisation", "rank"),
        ]


class PublishedHabilitation(BodyLink):
    """A partner's habilitation as the register publishes it. The signed act lives in the network app.

    `active_since` is DATE_ACTIF: the day it became active, missing on most rows of the national export.
    """

    certification = models.ForeignKey(
        Certification, on_delete=models.PROTECT, db_index=False, related_name="habilitations"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="habilitations")
    role = models.CharField("rôle", max_length=8, choices=HabilitationRole.choices)
    active_since = models.DateField("active depuis le", null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "habilitation publiée"
        ordering = ["certification", "position", "id"]
        indexes = [models.Index(fields=["certification", "organisation", "rank"], name="habilitation_history")]
        constraints = [
            ordered_period("habilitation"),
            one_current("habilitation", "certification", "organisation", "rank"),
        ]


class Change(models.Model):
    """One difference that an import applied. A new or withdrawn fiche is one row: its parts are not listed again."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="changes")
    certification = models.ForeignKey(Certification, on_delete=models.PROTECT, related_name="changes")
    on = models.DateField("date de l’export")
    kind = models.CharField("objet", max_length=12, choices=ChangeKind.choices)
    verb = models.CharField("nature", max_length=7, choices=ChangeVerb.choices)
    key = models.CharField("repère", max_length=300, blank=True)  # block code, SIRET or name of the body
    field = models.CharField("champ", max_length=40, blank=True)
    before = models.TextField("avant", blank=True)
    after = models.TextField("après", blank=True)
    is_key = models.BooleanField("changement majeur", default=False)

    class Meta:
        verbose_name = "changement"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["on", "id"], name="change_feed")]

    def __str__(self) -> str:
        return f"{self.certification_id} {self.kind} {self.verb} {self.field}".strip()


class SearchEntry(models.Model):
    """Stemmed words of a certification, written in the transaction that changes it (see `queries.search`)."""

    certification = models.OneToOneField(
        Certification, primary_key=True, on_delete=models.CASCADE, related_name="search_entry"
    )
    title = models.TextField()
    keywords = models.TextField()
    body = models.TextField()

    class Meta:
        verbose_name = "entrée de recherche"

    def __str__(self) -> str:
        return str(self.certification_id)
