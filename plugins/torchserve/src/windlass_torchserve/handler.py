"""Answers requests inside TorchServe with a model of any flavor.

A copy of this file is in each archive, so TorchServe needs windlass-models and nothing of this distribution.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

_JSON = "application/json"
_BAD, _MEDIA_TYPE, _FAILED = 400, 415, 500


class WindlassHandler:
    """TorchServe makes one for each process that answers."""

    def initialize(self, context: Any) -> None:
        """Load the model beside this file."""
        directory = Path(context.system_properties["model_dir"])
        try:
            record = json.loads((directory / "windlass.json").read_text(encoding="utf-8"))
            self._models = importlib.import_module("windlass.models")
            self._errors = importlib.import_module("windlass.errors")
            self._model = self._models.load_deployed(directory / "model", owned=bool(record["may_execute"]))
        except Exception as error:
            # Of all errors this is the one that TorchServe does not take for a process that died, to be started again.
            raise RuntimeError(f"the model could not be loaded: {error}") from error

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[str]:
        """The answers to several requests; each succeeds or fails for itself."""
        return [self._respond(request, context, number) for number, request in enumerate(data)]

    def _respond(self, request: dict[str, Any], context: Any, number: int) -> str:
        context.set_response_content_type(number, _JSON)
        try:
            body, media_type = _content(request, context.get_all_request_header(number))
            return str(self._models.answer_request(self._model, body, media_type))
        except self._errors.WindlassError as error:
            status, text = self._problem(error)
            context.set_response_status(status, "", number)
            return text

    def _problem(self, error: Any) -> tuple[int, str]:
        """The status and the text with which a scoring server would answer."""
        if isinstance(error, self._errors.Unsupported):
            status, code = _MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"
        else:
            status = _FAILED if type(error).code == self._errors.WindlassError.code else _BAD
            code = error.error_code
        told = {"error_code": code, "message": error.message, "hint": error.hint}
        return status, json.dumps({name: value for name, value in told.items() if value is not None})


def _content(request: dict[str, Any], headers: dict[str, Any]) -> tuple[bytes | str, str]:
    """The body as it was sent, and its media type."""
    name = next((one for one in ("body", "data") if one in request), None)
    body = request[name] if name else b""
    told = headers.get(name or "") or {}
    media_type = str(told.get("content-type") or _JSON)
    if isinstance(body, bytearray | bytes | str):
        return bytes(body) if isinstance(body, bytearray) else body, media_type
    # TorchServe has read it already.
    return json.dumps(body), _JSON
