"""Asking a scoring server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue, Unavailable
from windlass_rest.rest import Refused, Rest


def ask(rest: Rest, path: str, payload: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Any:
    """The answer to a request; InvalidValue if the model refuses it, Unavailable if it fails or does not answer."""
    try:
        answer = rest.send("POST", path, body=encode_payload(payload), headers=headers)
    except Refused as error:
        raise InvalidValue("payload", sorted(map(str, payload)), f"was refused: {error.message}") from error
    try:
        return json.loads(answer.data)
    except ValueError:
        raise Unavailable(f"what answers at {rest.url}{path} is no scoring server: it answers no JSON") from None


def encode_payload(payload: Mapping[str, Any]) -> bytes:
    """A request as JSON; InvalidValue if it has none."""
    try:
        return json.dumps(payload).encode()
    except (TypeError, ValueError) as error:
        raise InvalidValue("payload", payload, f"has no JSON form: {error}") from error
