"""Logging a model of any flavor: saved, stored, recorded in the run and perhaps registered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from windlass.entities import LoggedModel, LoggedModelStatus, ModelOutput
from windlass.errors import InvalidValue
from windlass_models.mlmodel import Model
from windlass_models.model_info import ModelInfo
from windlass_models.saving import SaveOptions, check_options

DEFAULT_NAME = "model"


class LogOptions(SaveOptions, total=False):
    """What every flavor's `log_model` takes beside the model."""

    registered_model_name: str | None
    await_registration_for: int | None
    params: Mapping[str, Any] | None
    tags: Mapping[str, Any] | None
    model_type: str | None
    step: int
    model_id: str | None


_LOG_ONLY = frozenset(LogOptions.__annotations__) - frozenset(SaveOptions.__annotations__)


def chosen_name(artifact_path: str | None, name: str | None) -> str:
    """The one name that the caller gave, under its old or its new keyword."""
    if artifact_path is not None and name is not None and artifact_path != name:
        raise InvalidValue("artifact_path", artifact_path, f"contradicts name={name!r}", hint="leave it out")
    return name or artifact_path or DEFAULT_NAME


def log(name: str, options: LogOptions, save: Callable[[Path, SaveOptions], object]) -> ModelInfo:
    """Store what `save` writes as a logged model of the active run, or of the current experiment without one.

    The logged model is READY when all is stored; if anything fails, it is FAILED and the error goes on.
    """
    from windlass.fluent.state import current_workspace  # noqa: PLC0415  saving into a directory needs no store

    check_options(options, LogOptions)
    workspace = current_workspace()
    logged = _logged_model(name, options)
    try:
        with tempfile.TemporaryDirectory(prefix="windlass-log-") as scratch:
            described = Model(
                artifact_path=logged.artifact_location,
                run_id=logged.source_run_id,
                model_id=logged.model_id,
                model_uuid=logged.model_id,
            )
            save(Path(scratch) / "model", _save_options(options, described))
            workspace.artifacts.upload(logged.artifact_location, Path(scratch) / "model")
    except BaseException as error:
        workspace.logged_models.finalize(logged.model_id, LoggedModelStatus.FAILED, repr(error)[:500])
        raise
    workspace.logged_models.finalize(logged.model_id, LoggedModelStatus.READY)
    step = int(options.get("step") or 0)
    if logged.source_run_id:
        workspace.runs.log(logged.source_run_id, model_outputs=[ModelOutput(logged.model_id, step)])
    return _register(_info(described, logged, step), options)


def _logged_model(name: str, options: LogOptions) -> LoggedModel:
    from windlass.fluent.models import get_logged_model, initialize_logged_model  # noqa: PLC0415  as above

    if model_id := options.get("model_id"):
        return get_logged_model(model_id)
    return initialize_logged_model(
        name, params=options.get("params"), tags=options.get("tags"), model_type=options.get("model_type")
    )


def _save_options(options: LogOptions, described: Model) -> SaveOptions:
    kept: Mapping[str, Any] = {name: value for name, value in options.items() if name not in _LOG_ONLY}
    return cast("SaveOptions", {**kept, "mlflow_model": described})


def _info(described: Model, logged: LoggedModel, step: int) -> ModelInfo:
    return replace(
        described.get_model_info(logged.model_uri), name=logged.name, params=logged.params, tags=logged.tags, step=step
    )


def _register(info: ModelInfo, options: LogOptions) -> ModelInfo:
    from windlass.fluent.models import register_model  # noqa: PLC0415  as above

    name = options.get("registered_model_name")
    return info.with_version(register_model(info.model_uri, name).version) if name else info
