"""Container: what a service runs a model in, here our own scoring of the files that it was given."""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue, Unsupported, WindlassError
from windlass_rest.testing.double import Answer

_REFUSED, _FAILED = 400, 500


class Container:
    """A model from a directory; `failure` says why it does not start, if it does not.

    `may_execute` says that it may run the code of the model.
    """

    def __init__(self, path: Path, *, may_execute: bool) -> None:
        self._models = importlib.import_module("windlass.models")
        self.failure = ""
        self.log: list[str] = []
        try:
            self._model = self._models.load_deployed(path, owned=may_execute)
            self.log.append("the model is loaded")
        except WindlassError as error:
            self.failure = f"the model server did not start: {error.message}"
            self.log.append(self.failure)

    def answer(self, body: bytes, content_type: str = "application/json") -> Answer:
        """What the scoring server answers."""
        try:
            text = self._models.answer_request(self._model, body, content_type.partition(";")[0])
        except (InvalidValue, Unsupported) as error:
            return Answer({"error_code": error.error_code, "message": error.message}, _REFUSED)
        except WindlassError as error:
            return Answer({"error_code": error.error_code, "message": error.message}, _FAILED)
        return Answer(json.loads(text))


def pick(traffic: Mapping[str, int]) -> str:
    """One of the names, by their parts."""
    return random.choices(list(traffic), list(traffic.values()))[0]  # noqa: S311  no secret depends on it


def predictions(answer: Answer) -> Any:
    """The bare predictions in an answer."""
    return answer.content["predictions"]
