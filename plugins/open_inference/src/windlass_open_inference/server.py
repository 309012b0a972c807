"""InferenceServer: the Open Inference Protocol, version 2, over HTTP, with its extension for model repositories.

See https://github.com/kserve/open-inference-protocol.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, Unavailable, WindlassError
from windlass_rest.rest import Refused, Rest
from windlass_rest.scoring import encode_payload

REQUEST, ANSWER = "request", "answer"
"""The tensors that carry a request to a scoring server and its answer, one text each."""
KEY = "windlass"
"""Where the settings of a model hold the record of its deployment."""
_UNKNOWN = ("not found", "unknown model")


class InferenceServer:
    """One server; `load_timeout` is seconds for loading a model, `timeout` those for everything else."""

    def __init__(self, url: str, settings: Settings, *, name: str, timeout: float, load_timeout: float) -> None:
        self.url = url.rstrip("/")
        self._rest = Rest.open(url, settings, name=name, timeout=timeout)
        self._loading = Rest.open(url, settings, name=name, timeout=load_timeout)

    def load(self, name: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Load or reload a model, with parameters that override its repository; Unavailable if it does not load."""
        content = {"parameters": parameters} if parameters else {}
        try:
            self._loading.call("POST", f"/v2/repository/models/{quote(name, safe='')}/load", content)
        except WindlassError as error:
            hint = "its log has the whole cause; does `windlass models predict` work with the model?"
            raise Unavailable(f"the model of {name!r} could not be loaded: {error.message}", hint=hint) from error

    def unload(self, name: str) -> None:
        """Unload a model; nothing happens if it is unknown."""
        try:
            self._rest.call("POST", f"/v2/repository/models/{quote(name, safe='')}/unload", {})
        except (NotFound, Refused) as error:
            if not isinstance(error, NotFound) and not any(one in error.message.lower() for one in _UNKNOWN):
                raise

    def states(self) -> dict[str, str]:
        """The state of every model that the server knows, such as READY, UNAVAILABLE or empty."""
        found = self._rest.call("POST", "/v2/repository/index", {}) or []
        states: dict[str, str] = {}
        for one in found:
            # Of several versions of one model, the one that answers counts.
            if states.get(one["name"]) != "READY":
                states[one["name"]] = str(one.get("state", ""))
        return states

    def infer(self, name: str, payload: Mapping[str, Any], *, timeout: float) -> Any:
        """What a model answers to a request in the scoring server's JSON form."""
        tensor = {"name": REQUEST, "shape": [1], "datatype": "BYTES", "data": [encode_payload(payload).decode()]}
        rest = self._rest if timeout <= self._rest.timeout else self._loading
        try:
            answer = rest.call("POST", f"/v2/models/{quote(name, safe='')}/infer", {"inputs": [tensor]})
        except Refused as error:
            raise InvalidValue("payload", sorted(map(str, payload)), f"was refused: {error.message}") from error
        return _answer(answer, name)


def _answer(answer: Any, name: str) -> Any:
    try:
        (text,) = next(one["data"] for one in answer["outputs"] if one["name"] == ANSWER)
        return json.loads(text)
    except (KeyError, TypeError, ValueError, StopIteration):
        raise Unavailable(f"the model {name!r} gives no answer of a scoring server") from None
