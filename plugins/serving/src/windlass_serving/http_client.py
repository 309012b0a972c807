"""Asking a scoring server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue, Unavailable
from windlass.services.model_image.contract import PROCESS_HEADER

# A proxy of the environment is for the world outside, not for this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def process_token(url: str, timeout: float) -> str | None:
    """The token of the process that answers at `url`; None if nobody does."""
    try:
        with _opener.open(f"{url}/health", timeout=timeout) as answer:
            token: str | None = answer.headers.get(PROCESS_HEADER)
            return token
    except OSError:
        return None


def ask(url: str, payload: Mapping[str, Any], *, timeout: float) -> Any:
    """The answer to a request; InvalidValue if the server refuses it, Unavailable if it fails or does not answer."""
    try:
        body = json.dumps(payload).encode()
    except (TypeError, ValueError) as error:
        raise InvalidValue("payload", payload, f"has no JSON form: {error}") from error
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/invocations", data=body, headers=headers)  # noqa: S310  our own http URL
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise _refusal(error, payload) from error
    except OSError as error:
        raise Unavailable(f"the deployment at {url} does not answer: {error}") from error


def _refusal(error: urllib.error.HTTPError, payload: Mapping[str, Any]) -> Exception:
    with error:
        text = error.read().decode("utf-8", "replace")
    try:
        content = json.loads(text)
        message, hint = str(content["message"]), content.get("hint")
    except (ValueError, KeyError, TypeError):
        message, hint = text[:200], None
    if error.code < 500:  # noqa: PLR2004  from here on it is the server's fault
        return InvalidValue("payload", sorted(payload), f"was refused: {message}", hint=hint)
    return Unavailable(f"the deployment failed: {message}", hint=hint)
