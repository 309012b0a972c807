"""Interruption: what asks a program to end asks its project, too."""

from __future__ import annotations

import signal


def interrupt_when_asked_to_end() -> None:
    """Raise KeyboardInterrupt on SIGTERM and when the terminal is closed, which nohup has a program ignore."""
    for sig in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sig) is not signal.SIG_IGN:
            signal.signal(sig, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
