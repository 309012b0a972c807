"""Saving, logging and loading generic python functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast

from windlass.errors import InvalidValue
from windlass_models.environment import CONDA_FILE, REQUIREMENTS_FILE
from windlass_models.loading import Opened, function_flavor, load_with
from windlass_models.locating import locate
from windlass_models.logged import LogOptions, chosen_name, log
from windlass_models.mlmodel import Model
from windlass_models.model_info import ModelInfo
from windlass_models.pyfunc.flavor import PyFuncFlavor
from windlass_models.pyfunc.loaded import PyFuncModel
from windlass_models.saving import PYTHON_FUNCTION, SaveOptions, save


class FunctionOptions(TypedDict, total=False):
    """What makes a generic python function: a model with its artifacts, or data with the module that loads it."""

    python_model: Any
    artifacts: Mapping[str, str] | None
    model_config: Mapping[str, Any] | None
    loader_module: str | None
    data_path: str | Path | None
    streamable: bool


class FunctionSaveOptions(FunctionOptions, SaveOptions, total=False):
    """All that `save_model` takes."""


class FunctionLogOptions(FunctionOptions, LogOptions, total=False):
    """All that `log_model` takes."""


def save_model(path: str | Path, **options: Unpack[FunctionSaveOptions]) -> Model:
    """Write a `python_model` (a PythonModel or a function), or a `loader_module` with its `data_path`.

    `artifacts` are fetched by their URIs and kept in the model's directory; the model finds them and the `model_config`
    in its context.
    """
    settings, rest = _split(dict(options))
    model = settings.pop("python_model", None)
    if model is not None and settings.get("loader_module"):
        raise InvalidValue("loader_module", settings["loader_module"], "cannot go with a python_model")
    return save(PyFuncFlavor(), model, path, settings=settings, options=cast("SaveOptions", rest))


def log_model(
    artifact_path: str | None = None, *, name: str | None = None, **options: Unpack[FunctionLogOptions]
) -> ModelInfo:
    """Store a generic python function as a logged model of the active run; the arguments are as in `save_model`."""
    settings, rest = _split(dict(options))

    def write(path: Path, kept: SaveOptions) -> None:
        save_model(path, **{**settings, **kept})

    return log(chosen_name(artifact_path, name), cast("LogOptions", rest), write)


def load_model(
    model_uri: str | Path,
    suppress_warnings: bool = False,  # noqa: FBT001, FBT002  the order is MLflow's
    dst_path: str | Path | None = None,
    model_config: Mapping[str, Any] | None = None,
) -> PyFuncModel:
    """The model at any URI or path, of whatever flavor, ready to predict."""
    del suppress_warnings

    def load(opened: Opened, entry: Mapping[str, Any]) -> PyFuncModel:
        flavor, merged = function_flavor(opened.model) or (PyFuncFlavor(), entry)
        if model_config:
            merged = {**merged, "config": {**(merged.get("config") or {}), **model_config}}
        return PyFuncModel(opened.model, flavor.load_python_function(opened.directory, merged))

    loaded: PyFuncModel = load_with(model_uri, load, flavor=PYTHON_FUNCTION, destination=dst_path)
    return loaded


def get_model_dependencies(model_uri: str | Path, format: str = "pip") -> str:  # noqa: A002  the name is MLflow's
    """The local path of the file that says what a model needs: `requirements.txt`, or `conda.yaml`."""
    files = {"pip": REQUIREMENTS_FILE, "conda": CONDA_FILE}
    if format not in files:
        raise InvalidValue("format", format, "is not known", limit=", ".join(files))
    return str(locate(model_uri).directory / files[format])


def _split(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the function itself, and those that every flavor takes."""
    own = FunctionOptions.__annotations__
    return {k: v for k, v in options.items() if k in own}, {k: v for k, v in options.items() if k not in own}
