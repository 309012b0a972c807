"""The names of what a deployment is made of."""

from __future__ import annotations

import re
import secrets
import time

from windlass.errors import InvalidValue

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_TOKEN = r"[0-9a-f]{16}"  # noqa: S105  a part of a name, no secret
_KEPT = 46
"""SageMaker's names have at most 63 characters; 17 are for the token and its dash."""


def checked(name: str) -> str:
    """A name that SageMaker gives to endpoints; InvalidValue for any other."""
    if not _NAME.fullmatch(name):
        limit = "1 to 63 letters, digits and '-', with a letter or digit at both ends"
        raise InvalidValue("name", name, "is no name for an endpoint of SageMaker", limit=limit)
    return name


def new_token() -> str:
    """What tells the parts of one change from those of others; tokens sort by time."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(2)}"


def part_name(name: str, token: str) -> str:
    """The name of a model or a configuration that was made for a deployment."""
    return f"{name[:_KEPT]}-{token}"


def token_of(part: str, name: str) -> str | None:
    """The token in a name that `part_name` may have made for this deployment; None if it has not."""
    found = re.fullmatch(re.escape(name[:_KEPT]) + f"-({_TOKEN})", part)
    return found[1] if found else None


def folder(account: str, region: str, name: str) -> str:
    """Where in a bucket the files of a deployment are, which no other deployment shares."""
    return f"windlass/{account}/{region}/{name}/"
