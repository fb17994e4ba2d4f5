"""Forms of the public pages. They are sent by GET: what was typed stays in an address that can be shared."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from habilis.registers.enums import ChangeKind, HabilitationRole, LinkState, Register, RegistrationKind
from habilis.registers.queries.facets import Filters
from habilis.registers.queries.fiches import canonical
from habilis.registers.queries.rights import InvalidSiret, clean_siret
from habilis.registers.queries.understanding import LONGEST_QUESTION

DATE = _("Cette date n’existe pas : choisissez un jour, ou écrivez-le sous la forme AAAA-MM-JJ.")


NUMBER = _(
    "Un numéro commence par RNCP ou RS, suivi de chiffres : par exemple RNCP37674. Pour le trouver, cherchez la certification par son nom."
)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day as browsers send it, or as a person types it in French."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d/%m/%Y"], widget=DayInput(), error_messages={"invalid": DATE}, **options
        )


class DayForm(forms.Form):
    on = DayField(label=_("À la date du"), required=False)


def choices(enum: Any, everything: Any) -> list[tuple[str, Any]]:
    return [("", everything), *enum.choices]


class PartnerForm(forms.Form):
    """Narrow the partners of a fiche. The departments are those of the fiche; without any, the field goes."""

    text = forms.CharField(label=_("Nom ou SIRET"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Rôle"), required=False, choices=choices(HabilitationRole, _("Tous les rôles")))
    state = forms.ChoiceField(label=_("État"), required=False, choices=choices(LinkState, _("Tous les états")))
    department = forms.ChoiceField(label=_("Département"), required=False)

    def __init__(self, *args: Any, departments: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        if departments:
            field.choices = [("", _("Tous les départements")), *((code, code) for code in departments)]  # type: ignore[attr-defined]
        else:
            del self.fields["department"]


class BodyForm(forms.Form):
    """Narrow what a body certifies and prepares for."""

    text = forms.CharField(label=_("Numéro ou intitulé"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Rôle"), required=False, choices=choices(HabilitationRole, _("Tous les rôles")))
    active = forms.BooleanField(label=_("En vigueur seulement"), required=False)
    past = forms.BooleanField(label=_("Liens passés aussi"), required=False)


class MayForm(forms.Form):
    """Who, on what, for what, when. The two identifiers are cleaned of the blanks and signs that people type."""

    siret = forms.CharField(
        label=_("SIRET de l’organisme"),
        help_text=_("Quatorze chiffres, avec ou sans espaces."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
    )
    number = forms.CharField(
        label=_("Numéro de la certification"),
        help_text=_("Par exemple RNCP37674 ou RS5875."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=_("Pour"),
        choices=[
            (HabilitationRole.PREPARE.value, _("Former (préparer à la certification)")),
            (HabilitationRole.ASSESS.value, _("Évaluer (organiser l’évaluation)")),
        ],
        widget=forms.RadioSelect,
    )
    on = DayField(label=_("Le"))

    def clean_siret(self) -> str:
        try:
            return clean_siret(self.cleaned_data["siret"])
        except InvalidSiret as error:
            raise forms.ValidationError(str(error)) from error

    def clean_number(self) -> str:
        return full_number(self.cleaned_data["number"])


class ChangesForm(forms.Form):
    """Narrow the change feed."""

    since = DayField(label=_("Depuis l’export du"), required=False)
    register = forms.ChoiceField(
        label=_("Répertoire"),
        required=False,
        choices=[("", _("Les deux")), *((value, value) for value in Register.values)],
    )
    kind = forms.ChoiceField(label=_("Objet"), required=False, choices=choices(ChangeKind, _("Tout")))
    fiche = forms.CharField(label=_("Fiche"), required=False, max_length=20)
    key = forms.BooleanField(label=_("Changements majeurs seulement"), required=False)

    def clean_fiche(self) -> str:
        typed = self.cleaned_data["fiche"].strip()
        return full_number(typed) if typed else ""


class CompareForm(forms.Form):
    """Two numbers to set side by side, each on a day when asked; the same fiche on two days is welcome."""

    a = forms.CharField(label=_("Première fiche"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    on_a = DayField(label=_("à la date du"), required=False)
    b = forms.CharField(label=_("Seconde fiche"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    on_b = DayField(label=_("à la date du"), required=False)

    def clean_a(self) -> str:
        return full_number(self.cleaned_data["a"])

    def clean_b(self) -> str:
        return full_number(self.cleaned_data["b"])

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("a") and (asked["a"], asked.get("on_a")) == (asked.get("b"), asked.get("on_b")):
            self.add_error("b", _("C’est la même fiche : choisissez-en une autre, ou deux dates différentes."))
        return asked

    def unknown(self, name: str, number: str, *, is_known: bool) -> None:
        """Say that a side cannot be read: the fiche, or its state on that day, is not known here."""
        text = (
            _("Aucun export connu ici ne dit ce que contenait %(number)s ce jour-là : choisissez un jour plus récent.")
            if is_known
            else _("La fiche %(number)s n’est pas connue ici : vérifiez le numéro, ou cherchez-la par son nom.")
        )
        self.add_error(f"on_{name}" if is_known else name, text % {"number": number})


class SearchForm(forms.Form):
    """What the search page accepts. A value that means nothing asks for nothing: a shared address never breaks."""

    q = forms.CharField(required=False)
    register = forms.ChoiceField(required=False, choices=Register.choices)
    active = forms.BooleanField(required=False)
    level = forms.IntegerField(required=False, min_value=1, max_value=8)
    kind = forms.ChoiceField(required=False, choices=RegistrationKind.choices)
    nsf = forms.CharField(required=False, max_length=20)
    rome = forms.CharField(required=False, max_length=20)
    certifier = forms.IntegerField(required=False, min_value=1, max_value=2**53)
    department = forms.CharField(required=False, max_length=3)

    def asked(self) -> tuple[str, Filters]:
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        return values.pop("q", "")[:LONGEST_QUESTION], Filters(**values)


def full_number(typed: str) -> str:
    number = canonical(typed)
    if number is None:
        raise forms.ValidationError(NUMBER)
    return number
