"""Asking an ASGI application without a network between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

App = Callable[[Mapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request, as one Ray process hands it to another; the path is that below the deployment's route."""

    method: str
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answers."""

    status: int
    headers: Headers
    body: bytes


async def ask(app: App, call: Call) -> Answer:
    """The application's whole answer."""
    status, headers, parts = 500, [], []
    unread = True

    async def receive() -> Any:
        nonlocal unread
        if not unread:
            return {"type": "http.disconnect"}
        unread = False
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], [(bytes(k), bytes(v)) for k, v in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(_scope(call), receive, send)
    return Answer(status, headers, b"".join(parts))


def _scope(call: Call) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": "http",
        "path": call.path,
        "raw_path": call.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": call.headers,
        "client": None,
        "server": None,
    }
