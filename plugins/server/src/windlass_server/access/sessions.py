"""Sessions: browsers that signed in."""

from __future__ import annotations

import hashlib
import secrets
import time
from contextlib import suppress

from itsdangerous import BadSignature, URLSafeSerializer

from windlass.errors import AlreadyExists, NotFound, Unauthenticated
from windlass.services.identity import now_ms
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import Caller
from windlass_server.access.credentials import caller_of
from windlass_server.access.user import User
from windlass_server.access.view import FRESH

COOKIE = "windlass_session"
_SESSIONS, _SECRETS, _KEY = "access.sessions", "access.secrets", "signing"
_HOUR = 60 * 60 * 1000
_MANY = 10_000


class Sessions:
    """Sessions in the record store, so that every process knows them and signing out ends them.

    The cookie is a signed id; of the id only the hash is kept. Changing a password ends the sessions begun with it.
    """

    def __init__(self, accounts: Accounts, *, hours: float = 12.0) -> None:
        self._accounts = accounts
        self._store = accounts.records.store
        self._hours = hours
        self._known: dict[str, tuple[float, dict[str, object]]] = {}
        self.signer = URLSafeSerializer(_signing_key(accounts), salt="session")

    @property
    def seconds(self) -> int:
        """How long a session lasts."""
        return round(self._hours * 3600)

    def begin(self, user: User) -> str:
        """A new session of an account; returns the value of its cookie."""
        session_id = secrets.token_urlsafe(32)
        value = {"user_id": user.id, "stamp": _stamp(user), "expires": now_ms() + round(self._hours * _HOUR)}
        self._store.put(_SESSIONS, _hash(session_id), value)
        return str(self.signer.dumps(session_id))

    def caller(self, cookie: str) -> Caller:
        """Whose session a cookie is; Unauthenticated if it is none, or none any longer."""
        try:
            key = _hash(str(self.signer.loads(cookie)))
        except BadSignature:
            raise _ended() from None
        value = self._value(key)
        user = self._accounts.view.user_of(int(str(value["user_id"])))
        if user is None or user.is_disabled or value["stamp"] != _stamp(user):
            raise _ended()
        return caller_of(user, "session")

    def end(self, cookie: str) -> None:
        """Sign out; a cookie that is none any longer ends nothing."""
        with suppress(BadSignature):
            key = _hash(str(self.signer.loads(cookie)))
            self._known.pop(key, None)
            self._store.delete(_SESSIONS, key)

    def sweep(self) -> None:
        """Remove the sessions that have expired."""
        for one in list(self._accounts.records.all(_SESSIONS)):
            if int(one.value["expires"]) < now_ms():
                self._store.delete(_SESSIONS, one.key)

    def _value(self, key: str) -> dict[str, object]:
        known, now = self._known.get(key), time.monotonic()
        if known is None or now - known[0] > FRESH:
            try:
                known = now, dict(self._store.get(_SESSIONS, key).value)
            except NotFound:
                self._known.pop(key, None)
                raise _ended() from None
            if len(self._known) >= _MANY:
                self._known.clear()
            self._known[key] = known
        if int(str(known[1]["expires"])) < now_ms():
            raise _ended()
        return known[1]


def _signing_key(accounts: Accounts) -> str:
    """The key that cookies are signed with, made once for all processes."""
    store = accounts.records.store
    try:
        return str(store.get(_SECRETS, _KEY).value["secret"])
    except NotFound:
        with suppress(AlreadyExists):
            store.put(_SECRETS, _KEY, {"secret": secrets.token_urlsafe(48)}, expected=0)
        return str(store.get(_SECRETS, _KEY).value["secret"])


def _stamp(user: User) -> str:
    return _hash(f"{user.password}\0{user.origin}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _ended() -> Unauthenticated:
    return Unauthenticated("the session has ended", hint="sign in again")
