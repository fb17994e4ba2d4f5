"""Forms of the public pages. They are sent by GET: what was typed stays in an address that can be shared."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from habilis.registers.enums import ChangeKind, HabilitationRole, LinkState, Register
from habilis.registers.queries.fiches import canonical
from habilis.registers.queries.rights import InvalidSiret, clean_siret

DATE = _("Cette date n’existe pas : choisissez un jour, ou écrivez-le sous la forme AAAA-MM-JJ.")


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
        number = canonical(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError(
                _(
                    "Un numéro commence par RNCP ou RS, suivi de chiffres : par exemple RNCP37674. Cherchez la certification par son nom pour le trouver."
                )
            )
        return number


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
        number = canonical(typed)
        if typed and number is None:
            raise forms.ValidationError(
                _("Un numéro commence par RNCP ou RS, suivi de chiffres : par exemple RNCP37674.")
            )
        return number or ""


class CompareForm(forms.Form):
    """Two numbers to set side by side."""

    a = forms.CharField(label=_("Première fiche"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    b = forms.CharField(label=_("Seconde fiche"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        for name in ("a", "b"):
            if not (typed := asked.get(name)):
                continue
            asked[name] = canonical(typed)
            if asked[name] is None:
                self.add_error(name, _("Un numéro commence par RNCP ou RS, suivi de chiffres : par exemple RNCP37674."))
        return asked
