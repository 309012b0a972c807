"""RateLimit: how many requests one address may make."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from litestar.types import ASGIApp, Receive, Send

from windlass.errors import TooManyRequests
from windlass_server.errors import refuse
from windlass_server.proxies import peer

_BURST_SECONDS = 10.0
_ADDRESSES = 10_000
_FREE = frozenset({"/health", "/ready"})


class RateLimit:
    """Answers 429 to an address that makes more than `rate` requests a second on average.

    Ten seconds' worth may come at once: pages and training loops do not come evenly. Each process counts for itself.
    `address` says whose a request is.
    """

    def __init__(self, app: ASGIApp, rate: float, address: Callable[[Any], str] = peer) -> None:
        self._app = app
        self._address = address
        self._rate = rate
        self._burst = max(1.0, rate * _BURST_SECONDS)
        # What an address has left, and when that was; the one that came last is at the end.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and scope["path"] not in _FREE:
            wait = self.take(self._address(scope), time.monotonic())
            if wait > 0:
                message = f"more than {self._rate:g} requests a second came from this address"
                await refuse(send, TooManyRequests(message, hint="slow down, or log in batches", retry_after=wait))
                return
        await self._app(scope, receive, send)

    def take(self, address: str, now: float) -> float:
        """Count a request of the address; the seconds until it may come, 0 if it may now."""
        left, since = self._left.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[address] = (left if wait else left - 1, now)
        if len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)
        return wait
