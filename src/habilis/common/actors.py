"""Who acts, as the apps below the accounts see it."""

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """Identifiers only, never a name; null for what the system does by itself."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def organisation_id(self) -> int | None: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True)
class System:
    """The platform itself: a scheduled job, a command of the operator."""

    role: str = "system"
    user_id: int | None = None
    organisation_id: int | None = None


SYSTEM = System()
