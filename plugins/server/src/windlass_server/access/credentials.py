"""Credentials: finding out whose user name and password, or whose token, a request brings."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from windlass.errors import Unauthenticated
from windlass.services.identity import now_ms
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import Caller
from windlass_server.access.passwords import verify_password
from windlass_server.access.throttle import Throttle
from windlass_server.access.token import PREFIX, Token, key_of
from windlass_server.access.user import User

_KNOWN_FOR = 300.0
_MOMENT = 0.2
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A header that was found good: whose it is, as long as nothing about accounts has changed, and for a while."""

    caller: Caller
    generation: int
    until: float


@dataclass(frozen=True, slots=True)
class _Verified:
    """A password that was found right: the hash it was compared with, and until when that is believed."""

    hashed: str
    until: float


class Credentials:
    """Checks Authorization headers.

    An argon2 check takes thirty milliseconds on purpose. A password that was right is remembered for five minutes, by
    an HMAC under a key that lives as long as this process, together with the hash that it was compared with: another
    password makes it worthless at once.
    """

    def __init__(
        self, accounts: Accounts, throttle: Throttle, bearer: Callable[[str], tuple[Caller, float]] | None = None
    ) -> None:
        self._accounts = accounts
        self._throttle = throttle
        self._bearer = bearer
        self._key = secrets.token_bytes(32)
        self._headers: dict[bytes, _Known] = {}
        self._passwords: dict[bytes, _Verified] = {}

    def known(self, header: bytes) -> Caller | None:
        """The caller of a header that was checked a short time ago; None if it has to be checked."""
        found = self._headers.get(self._digest(header))
        if found is None or found.generation != self._accounts.view.generation or found.until < time.monotonic():
            return None
        return found.caller

    def check(self, header: bytes, address: str) -> Caller:
        """The caller of a header; Unauthenticated if it is not good, TooManyRequests after too many of those."""
        view = self._accounts.view
        generation = view.generation
        try:
            caller, seconds = self._caller(header, address)
        except Unauthenticated:
            # Another process may have been told of the account a moment ago.
            if not view.refresh(fresh=_MOMENT):
                raise
            generation = view.generation
            caller, seconds = self._caller(header, address)
        if len(self._headers) >= _MANY:
            self._headers.clear()
        self._headers[self._digest(header)] = _Known(caller, generation, time.monotonic() + seconds)
        return caller

    def _caller(self, header: bytes, address: str) -> tuple[Caller, float]:
        """Whose header it is, and for how many seconds that may be believed."""
        scheme, _, value = header.partition(b" ")
        if scheme.lower() == b"basic":
            return self._basic(value, address)
        if scheme.lower() == b"bearer":
            return self._bearing(value.strip().decode("latin-1"))
        raise Unauthenticated("the Authorization header is neither Basic nor Bearer")

    def password(self, username: str, password: str, address: str) -> Caller:
        """The caller of a user name and a password."""
        user = self._accounts.view.users.get(username)
        if user is None or not self._remembers(user, password):
            self._throttle.check(username, address)
            if not self._matches(user, password) or user is None:
                self._throttle.failed(username, address)
                raise Unauthenticated("the user name or the password is wrong")
            self._throttle.succeeded(username, address)
        if user.is_disabled:
            raise Unauthenticated(f"the account {username!r} is disabled", hint="ask an administrator")
        return caller_of(user, "password")

    def _basic(self, value: bytes, address: str) -> tuple[Caller, float]:
        try:
            username, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Unauthenticated("the Basic header cannot be read") from None
        if not colon:
            raise Unauthenticated("the Basic header has no password")
        if password.startswith(PREFIX):
            caller, seconds = self._bearing(password)
            if not hmac.compare_digest(caller.username.encode(), username.encode()):
                raise Unauthenticated("the token belongs to another account")
            return caller, seconds
        return self.password(username, password, address), _KNOWN_FOR

    def _remembers(self, user: User, password: str) -> bool:
        known = self._passwords.get(self._digest(f"{user.username}\0{password}".encode()))
        return known is not None and known.hashed == user.password and known.until > time.monotonic()

    def _matches(self, user: User | None, password: str) -> bool:
        """Whether the password is right; for nobody's account it takes as long to say no."""
        right = verify_password(user.password if user else None, password)
        if not right or user is None:
            return False
        if len(self._passwords) >= _MANY:
            self._passwords.clear()
        digest = self._digest(f"{user.username}\0{password}".encode())
        self._passwords[digest] = _Verified(user.password or "", time.monotonic() + _KNOWN_FOR)
        return True

    def _bearing(self, secret: str) -> tuple[Caller, float]:
        if secret.startswith(PREFIX):
            return self._token(secret)
        if self._bearer is None:
            raise Unauthenticated("the bearer token is none of this server")
        return self._bearer(secret)

    def _token(self, secret: str) -> tuple[Caller, float]:
        # Found by its hash: how long that takes says nothing about the secret.
        token = self._accounts.view.tokens.get(key_of(secret))
        user = None if token is None else self._accounts.view.user_of(token.user_id)
        if token is None or user is None:
            raise Unauthenticated("the token is unknown", hint="it may have been deleted")
        seconds = _KNOWN_FOR
        if token.expires is not None:
            seconds = min(seconds, (token.expires - now_ms()) / 1000)
            if seconds <= 0:
                raise Unauthenticated(f"the token {token.name!r} has expired", hint="make another one")
        if user.is_disabled:
            raise Unauthenticated(f"the account {user.username!r} is disabled", hint="ask an administrator")
        self._accounts.tokens.note_use(token)
        return caller_of(user, "token", token), seconds

    def _digest(self, value: bytes) -> bytes:
        return hmac.digest(self._key, value, "sha256")


def caller_of(user: User, via: str, token: Token | None = None) -> Caller:
    """The caller that an account is when it comes this way."""
    return Caller(
        user.username,
        user.id,
        is_admin=user.is_admin,
        via=via,
        token=token.id if token else None,
        read_only=token.read_only if token else False,
        scope=token.scope if token else (),
    )
