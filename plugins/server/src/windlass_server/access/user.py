"""User: an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LOCAL = "local"
"""The origin of an account that was made here; others come from an identity provider or a proxy."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or with neither password nor another origin something, that signs in.

    `groups` are the ids of the groups it was put into here, `claimed` the names of those that an identity provider
    said at the last sign-in.
    """

    id: int
    username: str
    password: str | None = None
    is_admin: bool = False
    is_disabled: bool = False
    origin: str = LOCAL
    groups: tuple[int, ...] = ()
    claimed: tuple[str, ...] = ()
    created: int = 0

    @property
    def is_service(self) -> bool:
        """Whether only tokens let it in."""
        return self.password is None and self.origin == LOCAL

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        return {**asdict(self), "groups": list(self.groups), "claimed": list(self.claimed)}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> User:
        """The account that was kept."""
        return cls(**{**value, "groups": tuple(value["groups"]), "claimed": tuple(value["claimed"])})
