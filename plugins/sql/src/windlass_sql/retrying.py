"""Retrying: running a transaction again that the database broke off, as long as that is safe.

A transaction that failed before its commit was sent has left nothing behind, so it runs again whatever it does. One
whose commit got no answer may be there: it runs again only if doing it twice is the same as doing it once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from typing import ParamSpec, TypeVar

from windlass_sql.faults import Deadlocked, Repeatable, Unsure

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=type)

_DEADLOCKS = 12
_OTHERS = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.005, 0.5
_IDEMPOTENT = "windlass_idempotent"


def retried(store: S) -> S:
    """Make each public method of a store, which is one transaction, run again."""
    for name, method in list(vars(store).items()):
        if isfunction(method) and not name.startswith("_") and name != "close":
            setattr(store, name, again(method))
    return store


def idempotent(method: Callable[P, T]) -> Callable[P, T]:
    """Say of a method that doing it twice is the same as doing it once."""
    setattr(method, _IDEMPOTENT, True)
    return method


def again(method: Callable[P, T]) -> Callable[P, T]:
    """Make one transaction run again."""
    safe: tuple[type[Exception], ...] = (Repeatable, Unsure) if hasattr(method, _IDEMPOTENT) else (Repeatable,)

    @wraps(method)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        tried = 0
        while True:
            try:
                return method(*args, **kwargs)
            except safe as error:
                tried += 1
                if tried >= (_DEADLOCKS if isinstance(error, Deadlocked) else _OTHERS):
                    raise
            # Random, so that those who collided do not meet again.
            time.sleep(random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2**tried)))  # noqa: S311  no secret

    return run
