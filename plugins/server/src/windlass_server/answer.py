"""JsonAnswer: a JSON body on its way, without what the framework's own response does for cookies and templates."""

from __future__ import annotations

from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

_JSON = (b"content-type", b"application/json")


class JsonAnswer:
    """A 200 answer with this JSON text."""

    __slots__ = ("_body",)

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope, receive
        headers = [_JSON, (b"content-length", str(len(self._body)).encode())]
        start: HTTPResponseStartEvent = {"type": "http.response.start", "status": 200, "headers": headers}
        body: HTTPResponseBodyEvent = {"type": "http.response.body", "body": self._body, "more_body": False}
        await send(start)
        await send(body)
