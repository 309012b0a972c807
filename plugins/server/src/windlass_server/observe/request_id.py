"""Request ids: one for every request, in the answer, the log and the audit log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar

HEADER = b"x-request-id"
_SOUND = re.compile(rb"[A-Za-z0-9._\-]{1,64}")

current_request: ContextVar[str] = ContextVar("current_request", default="")
"""The id of the request that is being answered; empty outside of one."""


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that a proxy gave the request, if it is a sound one, or a new one."""
    for name, value in headers:
        if name == HEADER and _SOUND.fullmatch(value):
            return value.decode()
    return secrets.token_hex(8)
