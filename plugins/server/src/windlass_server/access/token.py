"""Token: lets a program in, without a password and for a while."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from windlass_server.access.resource import Pattern, Resource, parse_scope

PREFIX = "wl_"
"""What the secret of every token begins with, so that scanners for leaked secrets find it."""
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an account; `key` is the SHA-256 of its secret, which is not kept. Times are epoch milliseconds."""

    id: str
    key: str
    user_id: int
    name: str
    read_only: bool = False
    resources: tuple[str, ...] = ()
    created: int = 0
    expires: int | None = None
    last_used: int | None = None

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        return {**asdict(self), "resources": list(self.resources)}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Token:
        """The token that was kept."""
        return cls(**{**value, "resources": tuple(value["resources"])})

    @property
    def scope(self) -> tuple[Pattern, ...]:
        """What it may be used for; everything if it is empty."""
        return tuple(parse_scope(one) for one in self.resources)


def new_secret() -> str:
    """A secret that nobody guesses: 256 bits of chance."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def key_of(secret: str) -> str:
    """What is kept of a secret. It has too much chance in it to be found by trying, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def covers(scope: tuple[Pattern, ...], resource: Resource) -> bool:
    """Whether a token of this scope may be used for the resource."""
    return not scope or any(pattern.matches(resource) for pattern in scope)
