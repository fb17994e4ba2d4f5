"""Verbs of the journal: record an act, number what is pending, sign, rotate keys, erase a person."""

from habilis.journal.services.commitments import commit, erase, opens
from habilis.journal.services.guard import PersonalData
from habilis.journal.services.keys import NoKey, rotate_key
from habilis.journal.services.publishing import Forked, checkpoint
from habilis.journal.services.recording import OutsideTransaction, record, reference, transition
from habilis.journal.services.sequencing import sequence

__all__ = [
    "Forked",
    "NoKey",
    "OutsideTransaction",
    "PersonalData",
    "checkpoint",
    "commit",
    "erase",
    "opens",
    "record",
    "reference",
    "rotate_key",
    "sequence",
    "transition",
]
