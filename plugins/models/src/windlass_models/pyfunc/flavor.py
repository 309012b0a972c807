"""PyFuncFlavor: models made of a user's code, or loaded by it."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from windlass.errors import InvalidValue
from windlass.interfaces import ModelFlavor, PythonFunction
from windlass.uri import Uri
from windlass_models import trust
from windlass_models.code import import_loader
from windlass_models.environment import pinned
from windlass_models.pyfunc import python_model as python_model_module
from windlass_models.pyfunc.python_function import LoadedFunction, PythonModelFunction
from windlass_models.pyfunc.python_model import FunctionModel, PythonModel, PythonModelContext
from windlass_models.saving import PYTHON_FUNCTION
from windlass_models.unpickling import load_pickle

_HOMES = ("mlflow.", "windlass_models.")
_LOADER = "mlflow.pyfunc.model"
_FILE = "python_model.pkl"
_ARTIFACTS, _DATA = "artifacts", "data"


class PyFuncFlavor(ModelFlavor):
    """Models made of a PythonModel or a function, or of any data with a module that loads it."""

    name = "pyfunc"

    def handles(self, model: object) -> bool:
        """Whether the model is a PythonModel, of ours or of MLflow, or a plain function."""
        return inspect.isfunction(model) or any(
            kind.__name__ == "PythonModel" and kind.__module__.startswith(_HOMES) for kind in type(model).__mro__
        )

    def save(self, model: Any, directory: Path, options: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """Write a PythonModel with its `artifacts` and `model_config`, or the `data_path` of a `loader_module`."""
        if model is None:
            entry = _save_data(directory, options)
        else:
            entry = _save_python_model(model, directory)
            if artifacts := options.get("artifacts"):
                entry["artifacts"] = _save_artifacts(artifacts, directory)
        if config := options.get("model_config"):
            entry["config"] = dict(config)
        entry["streamable"] = bool(options.get("streamable"))
        return {PYTHON_FUNCTION: entry}

    def load(self, directory: Path, entry: Mapping[str, Any]) -> Any:
        """The PythonModel, with its context loaded; or the python function of another loader."""
        function = self.load_python_function(directory, entry)
        return function.python_model if isinstance(function, PythonModelFunction) else function

    def load_python_function(self, directory: Path, entry: Mapping[str, Any]) -> PythonFunction:
        """The model as a python function; UnsafeModel if its code may not run."""
        if "python_model" in entry:
            return _load_python_model(directory, entry)
        loader = import_loader(str(entry["loader_module"]), directory)
        data = entry.get("data") or entry.get("model_path")
        path = str(directory / str(data)) if data else str(directory)
        config = entry.get("config")
        return LoadedFunction(loader._load_pyfunc(path, config) if config else loader._load_pyfunc(path))  # noqa: SLF001  the name is MLflow's contract

    def requirements(self) -> list[str]:
        """What reading the pickle and the inputs needs; the model's own packages are for its user to name."""
        return pinned("cloudpickle", "numpy", "pandas")


def _save_python_model(model: Any, directory: Path) -> dict[str, Any]:
    wrapped = model if hasattr(model, "predict") else FunctionModel(model)
    if not callable(getattr(model, "predict", model)):
        raise InvalidValue("python_model", model, "must be a PythonModel or a function")
    cloudpickle.register_pickle_by_value(python_model_module)
    try:
        content = cloudpickle.dumps(wrapped)
    except Exception as error:  # what cannot be pickled says so in many ways
        raise InvalidValue("python_model", model, f"cannot be pickled: {error}") from error
    finally:
        cloudpickle.unregister_pickle_by_value(python_model_module)
    path = directory / _FILE
    path.write_bytes(content)
    trust.remember(path)
    version = str(cloudpickle.__version__)
    return {"loader_module": _LOADER, "python_model": _FILE, "cloudpickle_version": version, "code": None}


def _save_artifacts(artifacts: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    saved = {}
    for name, uri in artifacts.items():
        place = Path(_ARTIFACTS) / name
        if not (directory / place).resolve().is_relative_to((directory / _ARTIFACTS).resolve()) or "/" in name:
            raise InvalidValue("artifacts", name, "must be a plain name")
        (directory / place).mkdir(parents=True)
        saved[name] = {"path": _fetch(str(uri), directory, place).as_posix(), "uri": str(uri)}
    return saved


def _fetch(uri: str, directory: Path, place: Path) -> Path:
    """Bring a file or directory to its place below the model's directory; returns its path there."""
    parsed = Uri.parse(uri)
    if parsed.scheme == "file":
        source = parsed.local_path()
        if not source.exists():
            raise InvalidValue("artifacts", uri, "is missing")
        return _copy(source, directory, place / source.resolve().name)
    from windlass.fluent.state import current_workspace  # noqa: PLC0415  local artifacts need no store

    with current_workspace().artifacts.fetched(uri) as fetched:
        # What a whole directory is fetched into has a name of chance; the URI has the one that was meant.
        return _copy(fetched, directory, place / Path(parsed.path).name)


def _copy(source: Path, directory: Path, target: Path) -> Path:
    if source.is_dir():
        shutil.copytree(source, directory / target)
    else:
        shutil.copy2(source, directory / target)
    return target


def _save_data(directory: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    loader = options.get("loader_module")
    if not loader:
        raise InvalidValue("python_model", None, "is missing", hint="give a python_model, or a loader_module")
    entry: dict[str, Any] = {"loader_module": str(loader)}
    if data_path := options.get("data_path"):
        source = Path(data_path)
        if not source.exists():
            raise InvalidValue("data_path", str(data_path), "is missing")
        (directory / _DATA).mkdir()
        entry["data"] = _fetch(str(source), directory, Path(_DATA)).as_posix()
    return entry


def _load_python_model(directory: Path, entry: Mapping[str, Any]) -> PythonModelFunction:
    file = directory / str(entry["python_model"])
    trust.require(file, f"loading {file.name} unpickles it, which executes what it holds")
    model: PythonModel = load_pickle(file)
    artifacts = {name: str(directory / one["path"]) for name, one in (entry.get("artifacts") or {}).items()}
    context = PythonModelContext(artifacts, entry.get("config"))
    if hasattr(model, "load_context"):
        model.load_context(context)
    return PythonModelFunction(model, context)
