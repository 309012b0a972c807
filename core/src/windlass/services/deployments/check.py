"""HealthCheck: whether a deployment does what it is there for."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windlass.entities import DeploymentStatus
from windlass.errors import InvalidValue, Unavailable, WindlassError
from windlass.interfaces import DeploymentTarget

_EXAMPLE = "serving_input_example.json"
_EVERY = 1.0
_MAX_SECONDS = 86_400
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """What is asked of a deployment after each change of it.

    It must be READY, and answer `payload`, a request in the scoring server's JSON form; without one, the example that
    was saved with the model, if there is one. An example that is refused as such, since it was saved in a form that no
    server takes, is no sign of illness. With `seconds` it is asked again and again for so long.
    """

    payload: Mapping[str, Any] | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= _MAX_SECONDS:
            raise InvalidValue("check seconds", self.seconds, "is out of range", limit=f"0 … {_MAX_SECONDS}")

    def run(self, target: DeploymentTarget, name: str, model_path: Path | None) -> None:
        """Raise Unavailable with the reason if the deployment is not well."""
        payload = self.payload if self.payload is not None else _example(model_path)
        deadline = time.monotonic() + self.seconds
        while True:
            self._once(target, name, payload)
            if time.monotonic() >= deadline:
                return
            time.sleep(min(_EVERY, max(0.0, deadline - time.monotonic())))

    def _once(self, target: DeploymentTarget, name: str, payload: Mapping[str, Any] | None) -> None:
        try:
            status = target.get(name).status
            if status != DeploymentStatus.READY:
                raise Unavailable(f"its status is {status}")
            if payload is not None:
                self._ask(target, name, payload)
        except WindlassError as error:
            hint = "correct the model, or the request that it is checked with"
            raise Unavailable(f"the deployment {name!r} failed its health check: {error.message}", hint=hint) from error

    def _ask(self, target: DeploymentTarget, name: str, payload: Mapping[str, Any]) -> None:
        try:
            target.predict(name, payload)
        except InvalidValue as error:
            if self.payload is not None:
                raise
            _log.warning("the deployment %r refuses the example of its model: %s", name, error.message)


DEFAULT_CHECK = HealthCheck()
"""One request, with the example that was saved with the model."""


def _example(model_path: Path | None) -> Mapping[str, Any] | None:
    """The request that was saved with the model, None where there is none that a scoring server takes."""
    if model_path is None or not (model_path / _EXAMPLE).is_file():
        return None
    try:
        found = json.loads((model_path / _EXAMPLE).read_text(encoding="utf-8"))
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None
