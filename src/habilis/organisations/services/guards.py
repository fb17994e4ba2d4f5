"""What every act on organisations checks in the same way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from habilis.organisations.models import Organisation
from habilis.organisations.perms import Missing

Row = TypeVar("Row", bound=models.Model)


class Refused(Exception):
    """The act would break a rule: nothing was written. The message says which one, and what to do."""


def seen(rows: models.QuerySet[Row], pk: int | None) -> Row:
    """The row as it stands, among those that exist for the actor. Raises `Missing`."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Missing
    return row


def locked(organisation_id: int) -> Organisation:
    """The organisation, held until the end of the transaction: acts on the members of one body come one after another."""
    body = Organisation.objects.select_for_update(of=("self",)).filter(pk=organisation_id).first()
    if body is None:
        raise Missing
    if body.merged_into_id is not None:
        raise Refused(_("Cet organisme a été absorbé par un autre : agissez sur celui-ci."))
    return body


@contextmanager
def refusing(sentence: str) -> Iterator[None]:
    """Turn a refusal of the database into one that people read; only what is inside is undone."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as problem:
        raise Refused(sentence) from problem


def required_text(text: str, limit: int) -> str:
    """The text on one line. Raises `Refused` when it is empty or longer than its column."""
    line = " ".join(text.split())
    if not line:
        raise Refused(_("Un nom est nécessaire : saisissez-le, puis recommencez."))
    if len(line) > limit:
        raise Refused(_("Ce nom dépasse %(limit)d caractères : abrégez-le.") % {"limit": limit})
    return line
