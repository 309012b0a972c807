"""Prefixes of paths: the one below which a proxy shows the server, and those below which clients look for endpoints.

What layers further out read from the scope of a request later, such as its route, stays where they read it.
"""

from __future__ import annotations

from typing import Any

from litestar.types import ASGIApp, Receive, Send

from windlass.wire.message import PREFIXES

_FIRST = {f"{other}/": f"{first}/" for first, *others in PREFIXES.values() for other in others}
_OTHERS = tuple(_FIRST)


class Prefixed:
    """Takes the prefix off the paths of requests; a proxy may have done so already."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            scope["path"] = path[len(self._prefix) :] or "/"
        await self._app(scope, receive, send)


class FirstPrefixes:
    """Finds every endpoint below the first prefix of its family, where it is declared, whichever one a client uses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        if path.startswith(_OTHERS):
            used = next(other for other in _OTHERS if path.startswith(other))
            scope["path"] = _FIRST[used] + path[len(used) :]
        await self._app(scope, receive, send)
