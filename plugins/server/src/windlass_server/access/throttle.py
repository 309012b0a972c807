"""Throttle: makes guessing passwords slow, for each account and for each address."""

from __future__ import annotations

import time
from threading import Lock

from windlass.errors import TooManyRequests

_WINDOW = 300.0
_PER_ACCOUNT = 10
_PER_ADDRESS = 50
_MANY = 10_000


class Throttle:
    """Counts failed sign-ins of the last five minutes: ten for an account from one address, fifty from an address.

    An account is counted together with the address, so that nobody locks out somebody else by failing in their name.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures: dict[str, list[float]] = {}

    def check(self, username: str, address: str) -> None:
        """TooManyRequests if there is no further chance for now."""
        now = time.monotonic()
        with self._lock:
            for key, limit in _keys(username, address):
                recent = [one for one in self._failures.get(key, ()) if now - one < _WINDOW]
                if len(recent) >= limit:
                    wait = _WINDOW - (now - recent[-limit])
                    raise TooManyRequests(
                        "too many failed sign-ins", hint=f"try again in {wait:.0f} seconds", retry_after=wait
                    )

    def failed(self, username: str, address: str) -> None:
        """Count a failed sign-in."""
        now = time.monotonic()
        with self._lock:
            if len(self._failures) > _MANY:
                self._forget(now)
            for key, limit in _keys(username, address):
                self._failures[key] = [*self._failures.get(key, [])[-limit:], now]

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures of an account at an address: it was its owner."""
        with self._lock:
            self._failures.pop(_keys(username, address)[0][0], None)

    def _forget(self, now: float) -> None:
        for key in [one for one, times in self._failures.items() if now - times[-1] > _WINDOW]:
            del self._failures[key]


def _keys(username: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (f"account {address} {username}", _PER_ACCOUNT), (f"address {address}", _PER_ADDRESS)
