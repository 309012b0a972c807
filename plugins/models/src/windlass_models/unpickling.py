"""Reading pickles, also those that name classes of MLflow where MLflow is not installed."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
from pathlib import Path
from typing import Any

from windlass.errors import Corrupted, NotFound

_MLFLOW = "mlflow"
_OUR_HOME = {
    ("mlflow.pyfunc.model", "PythonModel"): "windlass_models.pyfunc.foreign",
    ("mlflow.pyfunc.model", "PythonModelContext"): "windlass_models.pyfunc.foreign",
    ("mlflow.pyfunc", "PythonModel"): "windlass_models.pyfunc.foreign",
    ("mlflow.pyfunc", "PythonModelContext"): "windlass_models.pyfunc.foreign",
}


def load_pickle(file: Path) -> Any:
    """What a pickle holds; executes code, so ask `trust` first."""
    with file.open("rb") as stream:
        try:
            return _Unpickler(stream).load()
        except ModuleNotFoundError as error:
            hint = f"pip install {error.name}, or save the model with code_paths"
            raise NotFound(f"{file.name} needs the module {error.name!r}, which is missing", hint=hint) from error
        except (pickle.UnpicklingError, EOFError) as error:
            raise Corrupted(f"{file.name} is no pickle that can be read: {error}") from error


class _Unpickler(pickle.Unpickler):
    """Finds our classes under MLflow's names, unless MLflow itself is there."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == _MLFLOW and importlib.util.find_spec(_MLFLOW) is None:
            return _counterpart(module, name)
        if name == "subimport" and module.startswith("cloudpickle"):
            return _subimport
        return super().find_class(module, name)


class _Absent:
    """Stands for a part of MLflow that has no counterpart: it can be unpickled, and is of no use."""

    def __init__(self, *_values: object, **_named: object) -> None:
        pass


def _counterpart(module: str, name: str) -> Any:
    """What stands for a class or function of MLflow."""
    home = _OUR_HOME.get((module, name), module.replace(_MLFLOW, "windlass", 1))
    try:
        return getattr(importlib.import_module(home), name)
    except (ImportError, AttributeError):
        return type(name, (_Absent,), {"__module__": module})


def _subimport(name: str) -> Any:
    """What cloudpickle uses to restore a function's reference to a module."""
    if name.partition(".")[0] == _MLFLOW and importlib.util.find_spec(_MLFLOW) is None:
        name = name.replace(_MLFLOW, "windlass", 1)
    return importlib.import_module(name)
