"""Cancellation: whether somebody has asked a supervised project to end."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Cancellation:
    """Whether somebody has asked to end; a signal handler sets it, loops look at it."""

    requested: bool = False

    def check(self) -> None:
        """Raise Cancelled if somebody has asked."""
        if self.requested:
            raise Cancelled

    def sleep(self, seconds: float = 0.1) -> None:
        """Sleep, unless somebody has asked to end."""
        self.check()
        time.sleep(seconds)


class Cancelled(Exception):
    """Somebody has asked to end."""
