"""The classes that pickles of MLflow's python models name, for when MLflow is not installed."""

from __future__ import annotations

from typing import Any

from windlass_models.pyfunc import python_model
from windlass_models.pyfunc.python_model import PythonModelContext

__all__ = ["PythonModel", "PythonModelContext"]


class PythonModel(python_model.PythonModel):
    """The base of a pickled class.

    cloudpickle makes an empty subclass and fills it afterwards; were `predict` abstract here, that class would stay
    abstract.
    """

    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Replaced by the pickled class."""
        raise NotImplementedError
