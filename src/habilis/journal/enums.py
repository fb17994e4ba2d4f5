"""Closed lists of the journal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryKind(models.TextChoices):
    """Acts that leave an entry. A kind is never renamed: it is in the bytes of the entries already published."""

    HABILITATION_GRANTED = "habilitation_granted", _("habilitation accordée")
    HABILITATION_SUSPENDED = "habilitation_suspended", _("habilitation suspendue")
    HABILITATION_WITHDRAWN = "habilitation_withdrawn", _("habilitation retirée")
    SESSION_OPENED = "session_opened", _("session ouverte")
    SESSION_CLOSED = "session_closed", _("session close")
    JURY_DECISION = "jury_decision", _("décision de jury")
    CERTIFICATE_ISSUED = "certificate_issued", _("certificat délivré")
    CERTIFICATE_REPLACED = "certificate_replaced", _("certificat remplacé")
    CERTIFICATE_REVOKED = "certificate_revoked", _("certificat révoqué")
    DEPOSIT_SENT = "deposit_sent", _("dépôt transmis")
    DEPOSIT_ACKNOWLEDGED = "deposit_acknowledged", _("dépôt acquitté")
    DOSSIER_DECISION = "dossier_decision", _("acte sur un dossier")
    VIGILANCE_DECISION = "vigilance_decision", _("décision de vigilance")
    DRAW_COMMITTED = "draw_committed", _("graine de tirage engagée")
    ACCESS_CHANGED = "access_changed", _("droit d’accès modifié")
    KEY_CHANGED = "key_changed", _("clé du journal changée")
