"""A value in the tags of something, which hold few characters each and fewer signs."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue


def to_tags(value: Any, prefix: str, *, length: int, most: int) -> dict[str, str]:
    """Tags that hold a JSON value, `prefix0` and so on; InvalidValue if `most` of `length` signs do not suffice."""
    text = base64.b64encode(zlib.compress(json.dumps(value).encode(), 9)).decode()
    parts = [text[at : at + length] for at in range(0, len(text), length)]
    if len(parts) > most:
        limit = f"{most * length} characters when packed"
        raise InvalidValue("config", len(text), "is too long to be kept in tags", limit=limit)
    return {f"{prefix}{number}": part for number, part in enumerate(parts)}


def of_tags(tags: Mapping[str, str], prefix: str) -> Any:
    """The value that `to_tags` has put there; None where there is none that we can read."""
    numbers = sorted(int(rest) for key in tags if key.startswith(prefix) and (rest := key[len(prefix) :]).isdigit())
    try:
        packed = base64.b64decode("".join(tags[f"{prefix}{number}"] for number in numbers), validate=True)
        return json.loads(zlib.decompress(packed))
    except (ValueError, KeyError, zlib.error):
        return None
