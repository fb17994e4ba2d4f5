"""Closed lists of organisations and of access; the value is what the database keeps, the label what people read."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    CERTIFIER = "certifier", _("Certificateur")
    PARTNER = "partner", _("Partenaire")
    REGULATOR = "regulator", _("Régulateur")


class TrainingAction(models.TextChoices):
    """The four actions that a Qualiopi certificate may cover (CT L6313-1)."""

    TRAINING = "training", _("Actions de formation")
    SKILLS_REVIEW = "skills_review", _("Bilans de compétences")
    VAE = "vae", _("Validation des acquis de l’expérience")
    APPRENTICESHIP = "apprenticeship", _("Formation par apprentissage")


class Role(models.TextChoices):
    """What a person does in an organisation. `ADMINISTRATOR` opens the door to the others, in any kind of body."""

    ADMINISTRATOR = "administrator", _("Gestionnaire des accès")
    OPERATOR = "operator", _("Exploitant de la plateforme")
    PARTNER_MANAGER = "partner_manager", _("Responsable de l’organisme partenaire")
    SESSION_ORGANISER = "session_organiser", _("Organisateur de sessions")
    TRAINER = "trainer", _("Formateur")
    DIRECTOR = "director", _("Directeur, représentant légal")
    NETWORK_MANAGER = "network_manager", _("Responsable du réseau")
    EXAM_OFFICE = "exam_office", _("Service des examens")
    CONTROLLER = "controller", _("Contrôleur du certificateur")
    DECLARATIONS_OFFICER = "declarations_officer", _("Chargé des déclarations")
    NIR_OFFICER = "nir_officer", _("Responsable du NIR")
    JUROR = "juror", _("Membre de jury")
    DOCTRINE_EDITOR = "doctrine_editor", _("Rédacteur de la doctrine")
    INSTRUCTOR = "instructor", _("Instructeur")
    RAPPORTEUR = "rapporteur", _("Rapporteur")
    COMMISSION_SECRETARY = "commission_secretary", _("Secrétaire de la commission")
    COMMISSION_MEMBER = "commission_member", _("Membre de la commission")
    DIRECTOR_GENERAL = "director_general", _("Directeur général")
    REGULATOR_CONTROLLER = "regulator_controller", _("Contrôleur du régulateur")

    def fits(self, kinds: Collection[str]) -> bool:
        """True when a body of these kinds may have the role; the same body may be certifier and partner."""
        return self in COMMON_ROLES or any(self in ROLES_OF[OrganisationKind(kind)] for kind in kinds)


COMMON_ROLES = frozenset({Role.ADMINISTRATOR, Role.OPERATOR})
ROLES_OF = {
    OrganisationKind.PARTNER: frozenset({Role.PARTNER_MANAGER, Role.SESSION_ORGANISER, Role.TRAINER}),
    OrganisationKind.CERTIFIER: frozenset(
        {
            *(Role.DIRECTOR, Role.NETWORK_MANAGER, Role.EXAM_OFFICE, Role.CONTROLLER),
            *(Role.DECLARATIONS_OFFICER, Role.NIR_OFFICER, Role.JUROR),
        }
    ),
    OrganisationKind.REGULATOR: frozenset(
        {
            *(Role.DOCTRINE_EDITOR, Role.INSTRUCTOR, Role.RAPPORTEUR, Role.COMMISSION_SECRETARY),
            *(Role.COMMISSION_MEMBER, Role.DIRECTOR_GENERAL, Role.REGULATOR_CONTROLLER),
        }
    ),
}


class InvitationState(models.TextChoices):
    PENDING = "pending", _("En attente")
    ACCEPTED = "accepted", _("Acceptée")
    REVOKED = "revoked", _("Retirée")


class DelegationScope(models.TextChoices):
    """What an organisation lets somebody do in its name."""

    REQUESTS = "requests", _("Déposer les demandes d’enregistrement")
    NETWORK = "network", _("Gérer le réseau de partenaires")
    ASSESSMENT = "assessment", _("Organiser les sessions d’évaluation")
    DECLARATIONS = "declarations", _("Transmettre les déclarations")


class DelegationState(models.TextChoices):
    GIVEN = "given", _("Donnée")
    REVOKED = "revoked", _("Révoquée")


class SensitiveFact(models.TextChoices):
    """Facts that few may read, whatever organisation they belong to."""

    NIR = "nir", _("Numéro d’inscription au répertoire")
    RISK_SIGNAL = "risk_signal", _("Signal de vigilance")


class Degree(models.TextChoices):
    """What one may do with a sensitive fact. No degree implies another: a partner writes a NIR that it cannot read."""

    FLAG = "flag", _("Savoir que l’information existe")
    READ = "read", _("Lire l’information")
    WRITE = "write", _("Écrire l’information")
