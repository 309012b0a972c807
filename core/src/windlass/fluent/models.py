"""Registered and logged models, for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from windlass.entities import LoggedModel, ModelVersion, RegisteredModel
from windlass.errors import AlreadyExists, InvalidValue, NotFound
from windlass.fluent.experiments import current_experiment_id
from windlass.fluent.state import current_workspace, thread
from windlass.model_uri import RunModelUri, is_model_uri, parse_model_uri
from windlass.services.paging import take
from windlass.services.workspace import Workspace
from windlass.uri import Uri

_last_logged: list[str] = []


def register_model(
    model_uri: str,
    name: str,
    await_registration_for: int = 300,
    *,
    tags: Mapping[str, Any] | None = None,
    env_pack: Any = None,
) -> ModelVersion:
    """Register a model as the next version of `name`, which is created if missing."""
    del await_registration_for, env_pack
    workspace = current_workspace()
    source, run_id, model_id = _source(workspace, model_uri)
    ensure_registered_model(workspace, name)
    texts = {key: str(value) for key, value in (tags or {}).items()}
    return workspace.model_versions.create(name, source, run_id=run_id, model_id=model_id, tags=texts)


def ensure_registered_model(workspace: Workspace, name: str) -> None:
    """Create the registered model unless it is there."""
    try:
        workspace.registered_models.create(name)
    except AlreadyExists:
        return


def search_registered_models(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[RegisteredModel]:
    """All registered models that match, or the first `max_results`."""
    search = partial(current_workspace().registered_models.search, filter=filter_string, order_by=order_by)
    return take(search, max_results)


def search_model_versions(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[ModelVersion]:
    """All model versions that match, or the first `max_results`."""
    search = partial(current_workspace().model_versions.search, filter=filter_string, order_by=order_by)
    return take(search, max_results)


def set_model_version_tag(name: str, version: str | int, key: str, value: Any) -> None:
    """Set a tag on a model version."""
    current_workspace().model_versions.set_tag(name, version, key, str(value))


def initialize_logged_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """A new logged model, pending until its files are there; it belongs to the active run if there is one."""
    model = current_workspace().logged_models.create(
        experiment_id or current_experiment_id(),
        name=name,
        source_run_id=source_run_id or thread().run_id,
        tags={key: str(value) for key, value in (tags or {}).items()},
        params={key: str(value) for key, value in (params or {}).items()},
        model_type=model_type,
    )
    remember(model.model_id)
    return model


def create_external_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """A logged model whose files are elsewhere, ready at once."""
    model = initialize_logged_model(name, source_run_id, tags, params, model_type, experiment_id)
    return finalize_logged_model(model.model_id, "READY")


def finalize_logged_model(model_id: str, status: str) -> LoggedModel:
    """Say that the model's files have arrived (READY) or will not (FAILED)."""
    return current_workspace().logged_models.finalize(model_id, str(status).rpartition(".")[2])


def get_logged_model(model_id: str) -> LoggedModel:
    """The logged model; NotFound if there is none."""
    return current_workspace().logged_models.get(model_id)


def last_logged_model() -> LoggedModel | None:
    """The model that this process logged last, None if there was none."""
    return get_logged_model(_last_logged[-1]) if _last_logged else None


def remember(model_id: str) -> None:
    """Make this the last logged model."""
    _last_logged[:] = [model_id]


def search_logged_models(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str | None = None,
    datasets: Sequence[Mapping[str, str]] | None = None,
    max_results: int | None = None,
    order_by: Sequence[Mapping[str, Any]] | None = None,
    output_format: str = "pandas",
) -> Any:
    """Logged models that match, as a pandas DataFrame or, with `output_format="list"`, as a list."""
    from windlass.fluent.client.logged_models import to_search  # noqa: PLC0415  the client builds on this module

    if output_format not in {"pandas", "list"}:
        raise InvalidValue("output_format", output_format, "is not known", limit="pandas, list")
    ids = [str(one) for one in experiment_ids] if experiment_ids else [current_experiment_id()]
    search = to_search(filter_string, datasets, order_by)
    models = take(partial(current_workspace().logged_models.search, ids, **search), max_results)
    if output_format == "list":
        return models
    from windlass.fluent.frames import logged_models_frame  # noqa: PLC0415  pandas is heavy, and a list needs none

    return logged_models_frame(models)


def set_logged_model_tags(model_id: str, tags: Mapping[str, Any]) -> None:
    """Set tags on a logged model."""
    current_workspace().logged_models.set_tags(model_id, {key: str(value) for key, value in tags.items()})


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Remove a tag of a logged model."""
    current_workspace().logged_models.delete_tag(model_id, key)


def log_model_params(params: Mapping[str, Any], model_id: str | None = None) -> None:
    """Add params to a logged model, the last one if none is named."""
    chosen = model_id or (_last_logged[-1] if _last_logged else None)
    if chosen is None:
        raise InvalidValue("model_id", model_id, "is missing, and no model has been logged yet")
    current_workspace().logged_models.log_params(chosen, {key: str(value) for key, value in params.items()})


def _source(workspace: Workspace, model_uri: str) -> tuple[str, str | None, str | None]:
    """What to register: the source, and the run and logged model it comes from. NotFound if no model is there."""
    location = workspace.artifacts.location(model_uri)
    try:
        workspace.artifacts.repository(location).stat("MLmodel")
    except NotFound:
        raise NotFound(f"there is no model at {model_uri!r}", hint="log one first, with log_model()") from None
    if not is_model_uri(model_uri):
        uri = Uri.parse(model_uri)
        return (uri.local_path().absolute().as_uri() if uri.scheme == "file" else model_uri), None, None
    parsed = parse_model_uri(model_uri)
    if not isinstance(parsed, RunModelUri):
        return workspace.model_versions.resolve(model_uri), None, None
    model = workspace.artifacts.logged_model(parsed.run_id, parsed.path)
    if model is not None and "/" not in parsed.path:
        return model.model_uri, parsed.run_id, model.model_id
    return location, parsed.run_id, None
