"""WindlassRuntime: serves a model of any flavor inside MLServer; it is imported there, never here."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

from mlserver import MLModel
from mlserver.errors import InferenceError
from mlserver.types import (
    InferenceRequest,
    InferenceResponse,
    RequestInput,
    ResponseOutput,
)
from mlserver.utils import get_model_uri

from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import DeploymentRecord
from windlass_open_inference.server import ANSWER, KEY, REQUEST
from windlass_open_inference.tensors import read_tensors, write_tensor


class WindlassRuntime(MLModel):  # type: ignore[misc]  # its base is unknown here
    """Takes the requests of a scoring server as one text, or the inputs of a model as tensors."""

    async def load(self) -> bool:
        """Load the model from the place that the settings name."""
        record = DeploymentRecord.decode(self.settings.parameters.extra[KEY])
        path = await get_model_uri(self.settings)
        self._models = importlib.import_module("windlass.models")
        load = self._models.load_deployed
        self._model = await asyncio.to_thread(load, path, owned=record is not None and record.may_execute)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """What the model answers."""
        try:
            output = await asyncio.to_thread(self._answer, payload.inputs)
        except (InvalidValue, Unsupported) as error:
            raise InferenceError(str(error)) from error
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=[output])

    def _answer(self, inputs: list[RequestInput]) -> ResponseOutput:
        if len(inputs) == 1 and inputs[0].name == REQUEST and str(inputs[0].datatype).endswith("BYTES"):
            (text,) = _list(inputs[0].data)
            answer = self._models.answer_request(self._model, text)
            return ResponseOutput(name=ANSWER, shape=[1], datatype="BYTES", data=[answer])
        tensors = [(one.name, _datatype(one), list(one.shape), _list(one.data)) for one in inputs]
        predictions = self._models.ask_model(self._model, self._models.ScoringInput(read_tensors(tensors)))
        return ResponseOutput(**write_tensor("predictions", predictions))


def _datatype(tensor: RequestInput) -> str:
    return str(getattr(tensor.datatype, "value", tensor.datatype))


def _list(data: Any) -> list[Any]:
    found = getattr(data, "root", getattr(data, "__root__", data))
    return found if isinstance(found, list) else [found]
