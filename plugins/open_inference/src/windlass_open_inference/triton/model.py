"""TritonPythonModel: serves a model of any flavor in Triton's Python backend; it is imported there, never here."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as triton

from windlass.errors import InvalidValue, Unsupported, WindlassError
from windlass_open_inference.server import ANSWER, REQUEST
from windlass_open_inference.triton.target import MAY_EXECUTE


class TritonPythonModel:
    """Takes the requests of a scoring server as one text each."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model that was sent along."""
        parameters = json.loads(args["model_config"])["parameters"]
        place = Path(args["model_repository"], args["model_version"], "model")
        self._models = importlib.import_module("windlass.models")
        self._model = self._models.load_deployed(place, owned=parameters[MAY_EXECUTE]["string_value"] == "true")

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """What the model answers to each."""
        return [self._respond(one) for one in requests]

    def _respond(self, request: Any) -> Any:
        (text,) = triton.get_input_tensor_by_name(request, REQUEST).as_numpy().ravel()
        try:
            answer = self._models.answer_request(self._model, text)
        except WindlassError as error:
            refused = isinstance(error, InvalidValue | Unsupported)
            code = triton.TritonError.INVALID_ARG if refused else triton.TritonError.INTERNAL
            return triton.InferenceResponse(error=triton.TritonError(str(error), code))
        tensor = triton.Tensor(ANSWER, np.array([answer.encode()], dtype=np.object_))
        return triton.InferenceResponse(output_tensors=[tensor])
