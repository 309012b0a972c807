"""Caller: whoever sent the request that is being answered."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from windlass.errors import Unauthenticated
from windlass_server.access.resource import Pattern


@dataclass(frozen=True, slots=True)
class Caller:
    """An account as it signed in, and what the way it came narrows down.

    `via` is password, token, session, jwt, proxy or command; `token` the id of the token.
    """

    username: str
    user_id: int
    is_admin: bool = False
    via: str = "password"
    token: str | None = None
    read_only: bool = False
    scope: tuple[Pattern, ...] = ()

    @property
    def manages(self) -> bool:
        """Whether everything is allowed."""
        return self.is_admin and not self.read_only and not self.scope


_caller: ContextVar[Caller | None] = ContextVar("windlass_caller", default=None)


def current_caller() -> Caller:
    """The caller of the request in hand; Unauthenticated if nobody signed in."""
    caller = _caller.get()
    if caller is None:
        raise Unauthenticated("nobody is signed in", hint="send a user name and a password, or a token")
    return caller


def caller_or_none() -> Caller | None:
    """The caller of the request in hand, None if nobody signed in."""
    return _caller.get()


def set_caller(caller: Caller | None) -> None:
    """Say who is calling, for the rest of this request."""
    _caller.set(caller)
