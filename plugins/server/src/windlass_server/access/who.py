"""WhoIs: the caller of a request, by whichever way it signs in."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from litestar.types import HTTPScope

from windlass.errors import Unauthenticated
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import Caller
from windlass_server.access.credentials import Credentials, caller_of
from windlass_server.access.sessions import COOKIE, Sessions
from windlass_server.access.vouched import Vouched
from windlass_server.proxies import Proxies
from windlass_server.threads import in_thread

PROXY = "proxy"
"""The origin of accounts that a proxy vouches for."""


class WhoIs:
    """Asks, in this order: a trusted proxy, the Authorization header, the cookie of a session."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        credentials: Credentials,
        sessions: Sessions,
        proxies: Proxies,
        vouched: Vouched,
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
        self._sessions = sessions
        self._proxies = proxies
        self._vouched = vouched

    def address(self, scope: HTTPScope) -> str:
        """The address of the client."""
        return self._proxies.client(scope)

    async def caller(self, scope: HTTPScope, address: str) -> Caller | None:
        """The caller, None if the request brings nothing; Unauthenticated if what it brings is not good."""
        view = self._accounts.view
        if view.is_stale:
            await in_thread(view.refresh)
        if (username := self._proxies.user(scope)) is not None:
            return await in_thread(self._proxied, username)
        authorization = cookie = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value
            elif name == b"cookie":
                cookie = value
        if authorization:
            known = self._credentials.known(authorization)
            return known or await in_thread(self._credentials.check, authorization, address)
        return await in_thread(self._session, cookie) if cookie else None

    def _proxied(self, username: str) -> Caller:
        # The proxy is the one who asks for passwords, also for accounts that were made here.
        return caller_of(self._vouched.user(username, PROXY, adopt=True), "proxy")

    def _session(self, cookies: bytes) -> Caller | None:
        value = cookie_value(cookies, COOKIE)
        if value is None:
            return None
        try:
            return self._sessions.caller(value)
        except Unauthenticated:
            # As if there were none: a page sends people to where they sign in again.
            return None


def cookie_value(header: bytes, name: str) -> str | None:
    """The value of a cookie in a Cookie header."""
    try:
        found = SimpleCookie(header.decode("latin-1")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value
