"""Passwords: argon2id hashes, and what a password must have."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from windlass.errors import InvalidValue

SHORTEST = 12
"""As many characters a password must have."""
_LONGEST = 1024


@cache
def _hasher() -> PasswordHasher:
    # OWASP's second recommendation: 19 MiB, so that many sign-ins at once do not exhaust the server.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str, *, field: str = "password") -> str:
    """What is kept of a password; InvalidValue if it is too short."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise InvalidValue(
            field, "…", f"has {len(password)} characters", limit=f"{SHORTEST} … {_LONGEST}", hint="choose another"
        )
    return _hasher().hash(password)


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; without a hash it takes as long, and is wrong."""
    try:
        _hasher().verify(hashed or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return hashed is not None


@cache
def _nobody() -> str:
    """The hash for accounts that do not exist: an answer must not come sooner for them."""
    return _hasher().hash("nobody has this password")
