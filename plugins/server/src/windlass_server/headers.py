"""The headers that every answer carries, so that a browser does nothing with it that nobody meant."""

from __future__ import annotations

from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
_ALWAYS = ((b"x-content-type-options", b"nosniff"),)
_PAGES = (
    *_ALWAYS,
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", _POLICY.encode()),
)
_JSON = (b"content-type", b"application/json")


class SafeHeaders:
    """Adds them to every answer; JSON, which a browser only shows, goes without those that are about pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on; what an answer says itself stays."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                message["headers"] = [*headers, *(_ALWAYS if _JSON in headers else _PAGES)]
            await send(message)

        await self._app(scope, receive, add if scope["type"] == "http" else send)
