"""Observer: sees every request come and every answer go."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

from windlass_server.observe.request_id import HEADER, current_request, request_id
from windlass_server.proxies import peer

_UNKNOWN = "unknown"
_GAVE_UP = 499


@dataclass(slots=True)
class Observation:
    """One request and its answer: `route` is the path with its parameters as names, `seconds` the time it took.

    The status is 499 when the client left before the answer began.
    """

    request_id: str
    method: str
    path: str
    client: str
    route: str = _UNKNOWN
    status: int = _GAVE_UP
    seconds: float = 0.0
    sent: int = 0


Watcher = Callable[[Observation], None]


class Observer:
    """Gives each request an id and tells the watchers about it when it is answered; outermost of all layers.

    `address` says which client sent a request.
    """

    def __init__(self, app: ASGIApp, watchers: Sequence[Watcher], address: Callable[[Any], str] = peer) -> None:
        self._app = app
        self._address = address
        self._watchers = tuple(watchers)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on and watch the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = request_id(scope["headers"])
        observation = Observation(identity, scope["method"], scope["path"], self._address(scope))
        token = current_request.set(identity)
        header = (HEADER, identity.encode())

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                observation.status = message["status"]
                message["headers"] = [*message["headers"], header]
            elif message["type"] == "http.response.body":
                observation.sent += len(message["body"])
            await send(message)

        begun = time.perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            observation.seconds = time.perf_counter() - begun
            observation.route = _route(scope)
            for watcher in self._watchers:
                watcher(observation)
            current_request.reset(token)


def _route(scope: Any) -> str:
    """The path as it was declared, so that a path with an id in it counts as one with all others."""
    return str(scope.get("path_template") or _UNKNOWN)
