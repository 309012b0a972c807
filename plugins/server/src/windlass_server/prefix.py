"""Prefixed: an application that a proxy shows below a path."""

from __future__ import annotations

from typing import Any, cast

from litestar.types import ASGIApp, Receive, Scope, Send


class Prefixed:
    """Takes the prefix off the paths of requests; a proxy may have done so already."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what layers further out read from its scope later, such as its route, stays there."""
        path = cast(dict[str, Any], scope).get("path", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            cast(dict[str, Any], scope)["path"] = path[len(self._prefix) :] or "/"
        await self._app(scope, receive, send)
