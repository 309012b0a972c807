"""The guard at the door: it turns away what a hostile web page makes a browser send."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from windlass.errors import PermissionDenied
from windlass_server.errors import refuse

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset({"/health", "/ready", "/version"})


class Guard:
    """Lets through requests for a host that this server answers for, and changes that come from its own pages.

    A page of another site can point a name of its own to this machine (so the Host header is checked) and can make a
    browser post to it (so the Origin header of changes is checked). `hosts` may hold `*` as a wild card.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = tuple(host.lower() for host in hosts)
        # A handful of names, and working one out costs more than the rest of the guard.
        self.knows_host = lru_cache(maxsize=1024)(self._knows_host)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == ScopeType.HTTP and scope["path"] not in _OPEN and (refused := self._judge(scope)):
            await refuse(send, refused)
            return
        await self._app(scope, receive, send)

    def _judge(self, scope: HTTPScope) -> PermissionDenied | None:
        """Why the request is turned away, None if it is fine."""
        host = origin = ""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
            elif name == b"origin":
                origin = value.decode("latin-1").lower()
        if not self.knows_host(host):
            return PermissionDenied(
                f"this server does not answer for the host {host!r}", hint="start it with --allowed-hosts"
            )
        if origin and scope["method"] not in _SAFE and not self._knows_origin(origin, host):
            return PermissionDenied(
                f"pages of {origin!r} may not change anything here", hint="start it with --cors-allowed-origins"
            )
        return None

    def _knows_host(self, host: str) -> bool:
        """Whether a Host header names this server: localhost, a private address, or one that was configured."""
        name = _host_name(host)
        if name in {"localhost", ""} or any(fnmatchcase(one, known) for one in (name, host) for known in self._hosts):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_private or address.is_loopback

    def _knows_origin(self, origin: str, host: str) -> bool:
        return urlsplit(origin).netloc == host or origin in self._origins or "*" in self._origins


def _host_name(host: str) -> str:
    """The name of a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host and host.rpartition(":")[2].isdigit() else host
