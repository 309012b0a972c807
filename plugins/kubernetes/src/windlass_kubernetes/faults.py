"""What an API server refuses, and what becomes of connections, as errors of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError

from windlass.errors import (
    AlreadyExists,
    Conflict,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    WindlassError,
)

_SHOWN = 500
_FAILURE = 500
_KINDS: Mapping[int, type[WindlassError]] = {
    401: Unauthenticated, 403: PermissionDenied, 404: NotFound, 409: Conflict, 429: TooManyRequests,
}  # fmt: skip
_HINTS = {
    401: "the token or the certificate of the kubeconfig is not valid, or not any more: sign in again",
    403: "docs/how-to/deploy-to-kubernetes.md has the role that is needed",
}


class Refused(WindlassError):
    """What an API server says about an object that it does not take."""


def refusal(server: str, status: int, body: bytes) -> WindlassError:
    """The error that an answer means, with what the server says."""
    said, reason = _said(body)
    kind = AlreadyExists if reason == "AlreadyExists" else _KINDS.get(status)
    kind = kind or (Unavailable if status >= _FAILURE else Refused)
    hint = _HINTS.get(status)
    if status == 404 and "namespaces" in said:  # noqa: PLR2004  the status of what is not there
        hint = "create the namespace, or name another one: kubernetes:/CONTEXT/NAMESPACE"
    return kind(f"the cluster at {server} answered {status}: {said}", hint=hint)


def unreachable(server: str, error: HTTPError, seconds: float) -> Unavailable:
    """The error for a server that does not answer."""
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, ReadTimeoutError):
        return Unavailable(f"the cluster at {server} did not answer within {seconds:g} seconds")
    reason = re.sub(r"^\S*?Connection\w*\(.*?\): |^<.*?>: ", "", str(cause)) or type(cause).__name__
    hint = "does `kubectl cluster-info` reach it with the same KUBECONFIG and context?"
    return Unavailable(f"the cluster at {server} cannot be reached: {reason[:_SHOWN]}", hint=hint)


def status_of(body: bytes) -> Mapping[str, Any] | None:
    """The Status object in an answer; None if it holds something else, such as the answer of a pod."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("kind") == "Status" and "apiVersion" in found else None


def _said(body: bytes) -> tuple[str, str]:
    found = status_of(body)
    if found is None:
        return " ".join(body.decode("utf-8", "replace").split())[:_SHOWN], ""
    causes = [one for one in (found.get("details") or {}).get("causes") or [] if one.get("field")]
    text = "; ".join(f"{one['field']}: {one.get('message', '')}" for one in causes) or str(found.get("message", ""))
    return " ".join(text.split())[:_SHOWN], str(found.get("reason") or "")
