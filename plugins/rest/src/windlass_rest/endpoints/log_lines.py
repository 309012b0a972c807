"""The lines of a log that a service shows as one text, of which it may forget the beginning."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

_PAUSE = 2.0


def log_lines(read: Callable[[], str], *, follow: bool) -> Iterator[str]:
    """The lines that are there; with `follow` also those that come, until nobody asks for more."""
    seen = read().splitlines()
    yield from seen
    while follow:
        time.sleep(_PAUSE)
        found = read().splitlines()
        yield from found[_known(seen, found) :]
        seen = found


def _known(seen: list[str], found: list[str]) -> int:
    """How many lines at the beginning of `found` are the last ones of `seen`."""
    most = min(len(seen), len(found))
    return next((length for length in range(most, 0, -1) if seen[-length:] == found[:length]), 0)
