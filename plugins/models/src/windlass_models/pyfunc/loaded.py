"""PyFuncModel: a loaded model, whatever it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.errors import Unsupported
from windlass.interfaces import PythonFunction
from windlass_models.enforcement import enforce_params, enforce_schema
from windlass_models.mlmodel import Model
from windlass_models.pyfunc.python_function import PythonModelFunction
from windlass_models.saving import PYTHON_FUNCTION
from windlass_models.types import Schema


class PyFuncModel:
    """A loaded model: `predict` holds inputs and parameters to the signature and asks the model."""

    def __init__(self, model_meta: Model, function: PythonFunction) -> None:
        self._model_meta = model_meta
        self._function = function

    @property
    def metadata(self) -> Model:
        """What the MLmodel file says."""
        return self._model_meta

    model_meta = metadata

    @property
    def model_id(self) -> str | None:
        """The id of the logged model, if it is one."""
        return self._model_meta.model_id

    @property
    def loader_module(self) -> str:
        """The module that loaded it."""
        return str(self._model_meta.flavors[PYTHON_FUNCTION].get("loader_module", ""))

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration that the model was saved with."""
        return dict(self._model_meta.flavors[PYTHON_FUNCTION].get("config") or {})

    @property
    def input_schema(self) -> Schema | None:
        """What goes in, if it is known."""
        return self._model_meta.get_input_schema()

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """The model's answer; InvalidValue if the input or the parameters do not fit its signature."""
        schema = self.input_schema
        fitting = data if schema is None else enforce_schema(data, schema)
        return self._function.predict(fitting, enforce_params(params, self._model_meta.get_params_schema()) or None)

    def unwrap_python_model(self) -> Any:
        """The user's PythonModel; Unsupported if the model is made of something else."""
        if isinstance(self._function, PythonModelFunction):
            return self._function.python_model
        raise Unsupported(f"the model is no PythonModel, its loader is {self.loader_module}")

    def get_raw_model(self) -> Any:
        """The model in its framework's own form; Unsupported if it has none."""
        if isinstance(self._function, PythonModelFunction):
            return self._function.python_model
        if (inner := getattr(self._function, "get_raw_model", None)) is not None:
            return inner()
        if (model := getattr(self._function, "model", None)) is not None:
            return model
        raise Unsupported(f"the model has no other form, its loader is {self.loader_module}")

    def __repr__(self) -> str:
        return f"PyFuncModel(loader_module={self.loader_module!r}, model_id={self.model_id!r})"
