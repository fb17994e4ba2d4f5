"""States and transitions as data, and the one guarded UPDATE that makes a transition happen."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext


class NotAvailable(Exception):
    """The transition does not start from the state of the row. The message says which ones do."""


class Stale(Exception):
    """Somebody else changed or removed the row since it was read. The message says what to do."""


class Stateful(models.Model):
    """A row with a state; subclasses give the choices. `version` counts its transitions and other guarded edits."""

    state = models.CharField("état", max_length=20)
    version = models.PositiveIntegerField("version", default=0, editable=False)

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True)
class Transition:
    name: str
    sources: tuple[str, ...]
    target: str
    label: str | Promise


class Workflow:
    """All that a kind of row may go through. The first state of the list is where it starts."""

    def __init__(self, states: type[models.TextChoices], *transitions: Transition) -> None:
        self.states = states
        self.transitions = {transition.name: transition for transition in transitions}
        if len(self.transitions) != len(transitions):
            raise ValueError("two transitions have the same name")
        for one in transitions:
            if unknown := {one.target, *one.sources} - set(states.values):
                raise ValueError(f"{one.name}: unknown states {sorted(unknown)}")

    def available(self, state: str) -> list[Transition]:
        return [one for one in self.transitions.values() if state in one.sources]

    def constraint(self, table: str) -> models.CheckConstraint:
        """CHECK that the state is one of ours."""
        return models.CheckConstraint(condition=Q(state__in=self.states.values), name=f"{table}_known_state")

    def move(self, row: Stateful, name: str, /, **fields: Any) -> None:
        """Carry out a transition on a row as it was seen, with other fields; one query, in the caller's transaction.

        Set `row.version` to the version that the user had on screen: a change made since then is a conflict too.
        """
        transition = self.transitions[name]
        if row.state not in transition.sources:
            raise NotAvailable(self._not_available(row.state, transition))
        rows = type(row)._base_manager.using(row._state.db)
        seen = rows.filter(pk=row.pk, state=row.state, version=row.version)
        fields["state"] = transition.target
        if not seen.update(version=F("version") + 1, **fields):
            raise Stale(self._stale(rows.filter(pk=row.pk).values_list("state", flat=True).first()))
        row.version += 1
        for field, value in fields.items():
            setattr(row, field, value)

    def _not_available(self, state: str, transition: Transition) -> str:
        names = ", ".join(str(one.label) for one in self.available(state)) or gettext("aucune")
        return gettext(
            "« %(action)s » n’est pas possible dans l’état « %(state)s ». Actions possibles : %(names)s."
        ) % {
            "action": transition.label,
            "state": self.states(state).label,
            "names": names,
        }

    def _stale(self, state: str | None) -> str:
        if state is None:
            return gettext("Rien n’a été enregistré : cet élément vient d’être supprimé. Revenez à la liste.")
        return gettext(
            "Rien n’a été enregistré : une autre personne vient de modifier cet élément, maintenant dans l’état"
            " « %(state)s ». Rechargez la page, relisez, puis recommencez si l’action a toujours un sens."
        ) % {"state": self.states(state).label}

    def mermaid(self) -> str:
        """The workflow as a state diagram, for docs/workflows/; states without a way out are ends."""
        states = [self.states(value) for value in self.states.values]
        lines = ["stateDiagram-v2", *(f"    {state.value} : {state.label}" for state in states)]
        lines.append(f"    [*] --> {states[0].value}")
        for one in self.transitions.values():
            lines += [f"    {source} --> {one.target} : {one.label}" for source in one.sources]
        lines += [f"    {state.value} --> [*]" for state in states if not self.available(state.value)]
        return "\n".join(lines) + "\n"
