"""Logged models over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.entities import ViewType
from windlass.interfaces import LoggedModelUpdate
from windlass.search import LOGGED_MODELS, OrderBy, parse_order_by
from windlass.services.artifacts import check_path
from windlass.services.workspace import Workspace
from windlass.wire import logged_model as wire
from windlass.wire import logged_model_request as requests
from windlass.wire.file_info import ArtifactsAnswer, encode_file_info
from windlass_server.endpoint import Endpoints, answer_page, tags

logged_models = Endpoints("logged models")


@logged_models.add
def create_logged_model(workspace: Workspace, request: requests.CreateLoggedModel) -> wire.LoggedModelAnswer:
    """Make a logged model."""
    made = workspace.logged_models.create(
        request.experiment_id,
        name=request.name or None,
        model_type=request.model_type or None,
        source_run_id=request.source_run_id or None,
        params=tags(request.params),
        tags=tags(request.tags),
    )
    return {"model": wire.encode_logged_model(made)}


@logged_models.add
def get_logged_model(workspace: Workspace, request: requests.GetLoggedModel) -> wire.LoggedModelAnswer:
    """The logged model of an id."""
    found = workspace.logged_models.get(request.model_id, allow_deleted=request.allow_deleted)
    return {"model": wire.encode_logged_model(found)}


@logged_models.add
def finalize_logged_model(workspace: Workspace, request: requests.FinalizeLoggedModel) -> wire.LoggedModelAnswer:
    """Note that the files have arrived, or will not."""
    status = wire.decode_status(request.status)
    changed = workspace.logged_models.finalize(request.model_id, status, request.status_message)
    return {"model": wire.encode_logged_model(changed)}


@logged_models.add
def delete_logged_model(workspace: Workspace, request: requests.DeleteLoggedModel) -> None:
    """Move a logged model to the bin."""
    workspace.logged_models.delete(request.model_id)


@logged_models.add
def search_logged_models(workspace: Workspace, request: requests.SearchLoggedModels) -> wire.LoggedModelsAnswer:
    """The logged models that match."""
    page = workspace.logged_models.search(
        request.experiment_ids,
        filter=request.filter or "",
        order_by=[_order(one) for one in request.order_by],
        datasets=[(one.dataset_name, one.dataset_digest or None) for one in request.datasets],
        max_results=request.max_results,
        page_token=request.page_token or None,
        view=request.view_type or ViewType.ACTIVE_ONLY,
    )
    return cast(wire.LoggedModelsAnswer, answer_page("models", page, wire.encode_logged_model))


@logged_models.add
def set_logged_model_tags(workspace: Workspace, request: requests.SetLoggedModelTags) -> wire.LoggedModelAnswer:
    """Set tags."""
    changed = workspace.logged_models.set_tags(request.model_id, tags(request.tags))
    return {"model": wire.encode_logged_model(changed)}


@logged_models.add
def delete_logged_model_tag(workspace: Workspace, request: requests.DeleteLoggedModelTag) -> None:
    """Remove a tag."""
    workspace.logged_models.delete_tag(request.model_id, request.tag_key)


@logged_models.add
def log_logged_model_params(workspace: Workspace, request: requests.LogLoggedModelParams) -> None:
    """Add params."""
    workspace.logged_models.log_params(request.model_id, tags(request.params))


@logged_models.add
def list_logged_model_artifacts(workspace: Workspace, request: requests.ListLoggedModelArtifacts) -> ArtifactsAnswer:
    """What is in a directory of the model's files."""
    root = workspace.logged_models.get(request.model_id).artifact_location
    files = workspace.artifacts.repository(root).list(check_path(request.artifact_directory_path or ""))
    return {"root_uri": root, "files": [encode_file_info(one) for one in files]} if files else {"root_uri": root}


@logged_models.add
def update_logged_model(workspace: Workspace, request: requests.UpdateLoggedModel) -> wire.LoggedModelAnswer:
    """Change the life-cycle stage."""
    update = LoggedModelUpdate(lifecycle_stage=request.lifecycle_stage)
    changed = workspace.tracking.logged_models.update(request.model_id, update)
    return {"model": wire.encode_logged_model(changed)}


@logged_models.add
def purge_logged_model(workspace: Workspace, request: requests.PurgeLoggedModel) -> None:
    """Remove a deleted logged model for good."""
    workspace.tracking.logged_models.purge(request.model_id)


def _order(one: requests.OrderByMessage) -> OrderBy:
    # MLflow writes metrics as `metrics.loss`; a key of other characters may come bare or in back ticks.
    prefix, dot, key = one.field_name.partition(".")
    quoted = f"{prefix}.`{key}`" if dot and "`" not in key and '"' not in key else one.field_name
    field = parse_order_by(quoted, LOGGED_MODELS).field
    return OrderBy(field, one.ascending, one.dataset_name or None, one.dataset_digest or None)
