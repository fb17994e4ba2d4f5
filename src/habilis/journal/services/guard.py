"""What may not enter the journal, which nobody can ever correct: names, addresses, numbers of persons, free text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import normalize

from django.utils.translation import gettext

from habilis.journal.tree.canonical import canonical

LARGEST_PAYLOAD = 16_384  # bytes; an entry must fit in 65,535
DEEPEST, LARGEST_NUMBER = 4, 2**53 - 1
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9_.:/+=-]{0,300}", re.ASCII)
REFERENCE = re.compile(r"[a-z][a-z0-9_.]*(:[A-Za-z0-9-]{1,40})?", re.ASCII)
DIGEST = re.compile("[0-9a-f]{64}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
# 13 digits, or 15 with the key, together or in the groups that people write; 2A and 2B are departments.
NIR = re.compile(
    r"(?<![0-9A-Za-z])\d[ .-]?\d\d[ .-]?\d\d[ .-]?(?:\d\d|2[ABab])[ .-]?\d{3}[ .-]?\d{3}(?:[ .-]?\d\d)?(?![0-9A-Za-z])"
)
# Words of a key that announce a person.
PERSONAL = re.compile(
    r"(?:^|_)(?:name|names|nom|noms|prenom|prenoms|firstname|lastname|surname|surnames|fullname|forename|forenames"
    r"|patronym|patronyme|email|mail|courriel|nir|insee|ssn|phone|telephone|tel|mobile|birth|birthday"
    r"|birthdate|birthplace|naissance|born|address|adresse|street|rue|signature|civilite|gender|sex|sexe)(?:$|_)"
)


class PersonalData(ValueError):
    """What would have entered the journal may not. The message names the key, never the value."""


def check_payload(payload: Mapping[str, Any]) -> None:
    """Refuse whatever is no code, number, date or reference. Raises `PersonalData`."""
    for key, value in _walk(payload, "", 0):
        _check_key(key)
        if isinstance(value, str):
            _check_text(key, value)
        elif isinstance(value, float) or not isinstance(value, bool | int | type(None)):
            raise _refused(gettext("« %(key)s » : seuls des codes, nombres entiers, vrai ou faux sont acceptés."), key)
        elif not -LARGEST_NUMBER <= value <= LARGEST_NUMBER if value is not None else False:
            raise _refused(gettext("« %(key)s » : ce nombre est trop grand."), key)
        elif NIR.search(str(value)):
            raise _looks_like_nir(key)
    if len(canonical(payload)) > LARGEST_PAYLOAD:
        raise _refused(gettext("Le contenu est trop long : gardez-en une empreinte."), "")


def _walk(value: Any, key: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Each key with each plain value under it."""
    if depth > DEEPEST:
        raise _refused(gettext("« %(key)s » : trop de niveaux."), key)
    if isinstance(value, Mapping):
        for inner, below in value.items():
            _check_key(inner)
            yield from _walk(below, inner, depth + 1)
    elif isinstance(value, list | tuple):
        for below in value:
            yield from _walk(below, key, depth + 1)
    else:
        yield key, value


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise _refused(gettext("Une clé s’écrit en minuscules sans accent, par exemple « reason »."), "")
    if PERSONAL.search(key):
        raise _refused(gettext("« %(key)s » annonce une donnée personnelle : inscrivez-en un engagement."), key)


def _check_text(key: str, value: str) -> None:
    value = normalize("NFKC", value)  # full-width digits and signs are digits and signs
    if EMAIL.search(value):
        raise _refused(gettext("« %(key)s » contient une adresse électronique : inscrivez-en un engagement."), key)
    if NIR.search(value):
        raise _looks_like_nir(key)
    if not CODE.fullmatch(value):
        raise _refused(gettext("« %(key)s » est du texte libre : le journal n’accepte que des codes."), key)


def check_reference(key: str, value: str) -> None:
    """An opaque reference: `app.model:identifier`."""
    if not REFERENCE.fullmatch(value):
        raise _refused(gettext("« %(key)s » n’est pas une référence opaque, comme « registers.block:12 »."), key)
    if NIR.search(value):
        raise _looks_like_nir(key)


def check_digest(key: str, value: str) -> None:
    if not DIGEST.fullmatch(value):
        raise _refused(gettext("« %(key)s » n’est pas une empreinte : 64 chiffres hexadécimaux sont attendus."), key)


def _looks_like_nir(key: str) -> PersonalData:
    return _refused(gettext("« %(key)s » a la forme d’un numéro de sécurité sociale : il n’entre pas au journal."), key)


def _refused(sentence: str, key: str) -> PersonalData:
    return PersonalData(sentence % {"key": key})
