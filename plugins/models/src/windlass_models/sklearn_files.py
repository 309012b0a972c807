"""The file of a scikit-learn model, in any of its formats."""

from __future__ import annotations

import importlib
import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windlass.errors import Corrupted, InvalidValue, MissingDependency, NotFound, UnsafeModel, WindlassError
from windlass_models import trust
from windlass_models.skops_memory import check_memory
from windlass_models.skops_types import refused
from windlass_models.unpickling import load_pickle

SKOPS, CLOUDPICKLE, PICKLE, JOBLIB = "skops", "cloudpickle", "pickle", "joblib"
FORMATS = (SKOPS, CLOUDPICKLE, PICKLE, JOBLIB)
_FILES = {SKOPS: "model.skops", JOBLIB: "model.joblib"}


@dataclass(frozen=True, slots=True)
class WrittenModel:
    """The file that was written, its format, and the types that a skops file needs trust for."""

    file: str
    format: str
    trusted: list[str]


def write_model(
    model: Any, directory: Path, *, format_: str | None = None, trusted: Sequence[str] | None = None
) -> WrittenModel:
    """Write the model's file; without a format skops where it can, else cloudpickle."""
    if format_ is not None and format_ not in FORMATS:
        raise InvalidValue("serialization_format", format_, "is not known", limit=", ".join(FORMATS))
    if format_ in {None, SKOPS}:
        try:
            return _write_skops(model, directory, trusted or ())
        except WindlassError:
            if format_ == SKOPS:
                raise
    return _write_pickle(model, directory, format_ or CLOUDPICKLE)


def read_model(file: Path, format_: str) -> Any:
    """The model in a file; UnsafeModel if it would execute code that nobody allowed."""
    if not file.is_file():
        raise NotFound(f"the model's file {file.name} is missing")
    if format_ == SKOPS:
        return _read_skops(file)
    trust.require(file, f"loading {file.name} unpickles it, which executes what it holds")
    if format_ == JOBLIB:
        return _package("joblib").load(file)
    return load_pickle(file)


def _write_skops(model: Any, directory: Path, trusted: Sequence[str]) -> WrittenModel:
    skops = _package("skops.io")
    try:
        content = skops.dumps(model)
        named = skops.get_untrusted_types(data=content)
    except Exception as error:  # skops raises whatever the part that it does not know raises
        raise InvalidValue("model", model, f"cannot be saved as skops: {error}") from error
    if strange := sorted(set(refused(named)) - set(trusted)):
        hint = "name them in skops_trusted_types, or use serialization_format='cloudpickle'"
        raise UnsafeModel(f"skops would have to trust {', '.join(strange)}", hint=hint)
    path = directory / _FILES[SKOPS]
    path.write_bytes(content)
    if trusted:
        trust.remember(path)
    return WrittenModel(path.name, SKOPS, list(named))


def _read_skops(file: Path) -> Any:
    skops = _package("skops.io")
    try:
        named = skops.get_untrusted_types(file=file)
    except Exception as error:  # a broken file breaks it in many ways
        raise Corrupted(f"{file.name} is no skops file that can be read: {error}") from error
    if strange := refused(named):
        trust.require(file, f"it holds {', '.join(strange)}, which may execute code")
    model = skops.load(file, trusted=named)
    check_memory(model)
    return model


def _write_pickle(model: Any, directory: Path, format_: str) -> WrittenModel:
    content = io.BytesIO()
    try:
        match format_:
            case "joblib":
                _package("joblib").dump(model, content)
            case "pickle":
                pickle.dump(model, content, protocol=pickle.DEFAULT_PROTOCOL)
            case _:
                _package("cloudpickle").dump(model, content)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidValue("model", model, f"cannot be saved as {format_}: {error}") from error
    path = directory / _FILES.get(format_, "model.pkl")
    path.write_bytes(content.getbuffer())
    trust.remember(path)
    return WrittenModel(path.name, format_, [])


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        hint = "pip install 'windlass-models[sklearn]'"
        raise MissingDependency(f"the package {error.name!r} is missing", hint=hint) from error
