"""Closed lists of the two national registers; the value is what the database keeps, the label what people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Register(models.TextChoices):
    RNCP = "RNCP", _("Répertoire national des certifications professionnelles")
    RS = "RS", _("Répertoire spécifique")


class RegistrationKind(models.TextChoices):
    AS_OF_RIGHT = "as_of_right", _("Enregistrement de droit")
    ON_REQUEST = "on_request", _("Enregistrement sur demande")


class HabilitationRole(models.TextChoices):
    PREPARE = "prepare", _("Former")
    ASSESS = "assess", _("Organiser l’évaluation")
    BOTH = "both", _("Former et organiser l’évaluation")

    def covers(self, role: "HabilitationRole") -> bool:
        return self in (role, HabilitationRole.BOTH)


class LinkState(models.TextChoices):
    """State of a partner's habilitation or of a certifier's link, as published; empty when the source gives none."""

    ACTIVE = "active", _("Actif")
    INACTIVE = "inactive", _("Inactif")
    REMOVED = "removed", _("Supprimé")


class AccessRoute(models.TextChoices):
    INITIAL = "FI", _("Après un parcours de formation sous statut d’élève ou d’étudiant")
    APPRENTICESHIP = "CA", _("En contrat d’apprentissage")
    CONTINUING = "FC", _("Après un parcours de formation continue")
    PROFESSIONALISATION = "CQ", _("En contrat de professionnalisation")
    INDIVIDUAL = "CL", _("Par candidature individuelle")
    VAE = "VAE", _("Par expérience")


class CodeSystem(models.TextChoices):
    NSF = "NSF", _("Spécialité de formation (NSF)")
    ROME = "ROME", _("Métier (ROME)")
    FORMACODE = "FORMACODE", _("Formacode")
    IDCC = "IDCC", _("Convention collective (IDCC)")
    CCN = "CCN", _("Convention collective (brochure JO)")


class LegalTextKind(models.TextChoices):
    GENERAL = "general", _("Texte général")
    CREATION = "creation", _("Texte de création")
    OTHER = "other", _("Autre texte")


class LineageDirection(models.TextChoices):
    REPLACES = "replaces", _("Remplace")
    REPLACED_BY = "replaced_by", _("Remplacée par")


class RunState(models.TextChoices):
    RUNNING = "running", _("En cours")
    APPLIED = "applied", _("Appliqué")
    INTERRUPTED = "interrupted", _("Interrompu")
    FAILED = "failed", _("Échoué")


class ChangeKind(models.TextChoices):
    FICHE = "fiche", _("Fiche")
    BLOCK = "block", _("Bloc")
    HABILITATION = "habilitation", _("Habilitation")
    CERTIFIER = "certifier", _("Certificateur")


class ChangeVerb(models.TextChoices):
    ADDED = "added", _("Ajout")
    UPDATED = "updated", _("Modification")
    REMOVED = "removed", _("Retrait")
