"""Waiting for a target to do what it was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from windlass.errors import Unavailable

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE, _SLOWER = 0.05, 10.0, 1.5


def wait_until(
    look: Callable[[], T],
    done: Callable[[T], bool],
    *,
    within: float,
    late: Callable[[T], str],
    hint: str | None = None,
) -> T:
    """What `look` finds when it is `done`; Unavailable if that takes more seconds than `within`.

    `late` says of what was found last what the matter is, as `the endpoint 'x' is still Creating`.
    """
    deadline, pause = time.monotonic() + within, _FIRST_PAUSE
    while not done(found := look()):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Unavailable(f"{late(found)} after {within:g} seconds", hint=hint)
        time.sleep(min(pause, left))
        pause = min(_SLOWER * pause, _LONGEST_PAUSE)
    return found
