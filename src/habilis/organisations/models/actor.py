"""Who acts, for whom and with what rights: plain data that permissions and lists read without a query."""

from dataclasses import dataclass

from habilis.organisations.enums import DelegationScope, Role


@dataclass(frozen=True, slots=True)
class Delegation:
    """A right received by letter: to act in that scope in the name of that organisation."""

    organisation_id: int
    scope: DelegationScope


@dataclass(frozen=True, slots=True)
class Actor:
    """One person acting for one organisation on one day, or nobody known; `queries.actor_for` builds it.

    Without an organisation there is neither role nor delegation: closed by default. The commands that the operator runs
    on the machine itself act as `SYSTEM`, who is no person.
    """

    person_id: int | None = None
    organisation_id: int | None = None
    roles: frozenset[Role] = frozenset()
    delegations: frozenset[Delegation] = frozenset()

    def __post_init__(self) -> None:
        has_place = self.person_id is not None and self.organisation_id is not None
        is_system = self.person_id is None and self.organisation_id is None and self.roles == frozenset({Role.OPERATOR})
        if not has_place and (self.delegations or (self.roles and not is_system)):
            raise ValueError("roles and delegations are those of a person in an organisation")

    @property
    def is_operator(self) -> bool:
        return Role.OPERATOR in self.roles

    def holds(self, organisation_id: int | None, *roles: Role) -> bool:
        """Whether the actor acts for that very organisation, with one of the roles (any role when none is named)."""
        if organisation_id is None or organisation_id != self.organisation_id:
            return False
        return bool(self.roles.intersection(roles) if roles else self.roles)

    def acts_for(self, scope: DelegationScope) -> frozenset[int]:
        """Organisations that let the actor act in their name in that scope, her own apart."""
        return frozenset(one.organisation_id for one in self.delegations if one.scope == scope)


ANONYMOUS = Actor()
SYSTEM = Actor(roles=frozenset({Role.OPERATOR}))
