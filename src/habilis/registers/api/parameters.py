"""Types of the parameters: what is written in an address, checked before any query."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, cast

from django.utils.translation import gettext_lazy
from ninja import Path
from ninja.params import models as params
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

_ = cast("Callable[[str], str]", gettext_lazy)

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
LARGEST = 2**63 - 1  # of a key in both databases


def only(pattern: re.Pattern[str], error: str) -> Callable[[Any], Any]:
    """Refuse what the format does not say, though pydantic would take it ("1" for a day or true, " 7 " for a number)."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise PydanticCustomError(error, "refused")
        return value

    return check


Day = Annotated[date, BeforeValidator(only(ISO_DAY, "day"))]
whole = BeforeValidator(only(WHOLE, "int_parsing"))
Whole = Annotated[int, whole]
Level = Annotated[int, Field(ge=1, le=8), whole]
Flag = Annotated[bool, BeforeValidator(only(re.compile("true|false"), "bool_parsing"))]
# No NUL: PostgreSQL refuses it in a text.
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]
# Checked by the rights themselves: they take blanks, and their refusal says more than a pattern.
Siret = Annotated[Word, WithJsonSchema({"type": "string", "pattern": "^[0-9]{14}$"})]

RegisterName = Literal["RNCP", "RS"]
Task = Literal["train", "assess"]
Role = Literal["train", "assess", "both"]
State = Literal["active", "inactive", "removed"]


def asked(default: Any, text: str, **options: Any) -> Any:
    """A parameter of the query. Its default stands here and not in the signature: django-ninja writes the latter into
    the object, which several operations share."""
    return params.Query(default, description=text, **options)


Number = Annotated[Word, Path(description=_("Numéro de la fiche, par exemple RNCP37674 ou RS5875."))]
On = Annotated[Day | None, asked(None, _("Jour à lire, AAAA-MM-JJ ; sans lui, le dernier état connu."))]
Judged = Annotated[Day | None, asked(None, _("Jour à juger, AAAA-MM-JJ ; sans lui, aujourd’hui."))]
Limit = Annotated[Whole, asked(100, _("Nombre de lignes de la page."), ge=1, le=100)]
FewAtOnce = Annotated[Whole, asked(20, _("Nombre de lignes de la page."), ge=1, le=100)]
Offset = Annotated[Whole, asked(0, _("Nombre de lignes à sauter."), ge=0, le=1_000_000)]
InRegister = Annotated[RegisterName | None, asked(None, _("Répertoire."), alias="register")]
