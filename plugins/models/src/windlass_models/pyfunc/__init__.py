"""The generic python function: `windlass.pyfunc`."""

from __future__ import annotations

from windlass_models.pyfunc.flavor import PyFuncFlavor
from windlass_models.pyfunc.functions import get_model_dependencies, load_model, log_model, save_model
from windlass_models.pyfunc.loaded import PyFuncModel
from windlass_models.pyfunc.python_model import PythonModel, PythonModelContext

__all__ = [
    "PyFuncFlavor",
    "PyFuncModel",
    "PythonModel",
    "PythonModelContext",
    "get_model_dependencies",
    "load_model",
    "log_model",
    "save_model",
]
