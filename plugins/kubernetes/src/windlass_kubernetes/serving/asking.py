"""Asking the pods of a deployment."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, Unavailable, WindlassError
from windlass_kubernetes.cluster import Cluster
from windlass_kubernetes.faults import refusal, status_of
from windlass_rest.rest import Rest, said_in
from windlass_rest.scoring import ask, encode_payload

_PATIENCE = 10.0
_PAUSE = 0.2
_BAD, _FAILURE = 300, 500
_HINT = "is the Service reached at this URL from here? -C http_url=… names another one"


def ask_url(url: str, payload: Mapping[str, Any], settings: Settings, *, name: str, timeout: float) -> Any:
    """The answer of what is at a URL."""
    rest = Rest.open(url, settings, name=f"the deployment {name!r}", timeout=timeout, hint=_HINT)
    with contextlib.closing(rest):
        return ask(rest, "/invocations", payload)


def ask_service(cluster: Cluster, name: str, payload: Mapping[str, Any], *, timeout: float) -> Any:
    """The answer of a Service, which the API server passes on.

    It may lead to a pod that has just ended; as a prediction changes nothing it is asked again.
    """
    body, deadline = encode_payload(payload), time.monotonic() + _PATIENCE
    path = f"{cluster.path('Service', f'{name}:http')}/proxy/invocations"
    while True:
        answer = cluster.connection.send("POST", path, content=body, timeout=timeout, refuse=False)
        status = status_of(answer.data)
        if status is None:
            return _judged(payload, answer.status, answer.data)
        error = refusal(cluster.connection.url, answer.status, answer.data)
        if not isinstance(error, Unavailable):
            raise _explained(error, name)
        if time.monotonic() > deadline:
            hint = "`windlass deployments get` shows its status, and `kubectl get pods` its pods"
            raise Unavailable(f"the deployment {name!r} does not answer: {error.message}", hint=hint)
        time.sleep(_PAUSE)


def _judged(payload: Mapping[str, Any], status: int, data: bytes) -> Any:
    if status >= _FAILURE:
        raise Unavailable(f"the model failed: {said_in(data)}", hint="`windlass deployments logs` may have the cause")
    if status >= _BAD:
        raise InvalidValue("payload", sorted(map(str, payload)), f"was refused: {said_in(data)}")
    try:
        return json.loads(data)
    except ValueError:
        raise Unavailable("what answers is no scoring server: it answers no JSON") from None


def _explained(error: WindlassError, name: str) -> WindlassError:
    if isinstance(error, NotFound):
        return Unavailable(f"the deployment {name!r} has lost its Service: {error.message}", hint="update it")
    return error
