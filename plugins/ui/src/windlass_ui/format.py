"""How numbers and times appear on the pages."""

from __future__ import annotations

import datetime as dt

_MINUTE, _HOUR = 60, 3600


def when(milliseconds: int | None) -> str:
    """A time in UTC; a dash without."""
    if milliseconds is None:
        return "-"
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(start: int, end: int | None) -> str:
    """How long something took; a dash while it goes on."""
    if end is None:
        return "-"
    seconds = max(0, end - start) / 1000
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"


def number(value: float | None) -> str:
    """A number with six digits; nothing without."""
    return "" if value is None else f"{value:.6g}"
