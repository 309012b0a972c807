"""The names of variants."""

from __future__ import annotations

import re
import secrets
import time

_NAME = re.compile(r"v[0-9a-f]{15}")


def new_variant() -> str:
    """A name for a new variant; names sort by time."""
    return f"v{time.time_ns() // 1_000_000:011x}{secrets.token_hex(2)}"


def is_variant(name: str) -> bool:
    """Whether `new_variant` may have made this name."""
    return _NAME.fullmatch(name) is not None
