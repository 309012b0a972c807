"""Runs over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable
from threading import Lock
from typing import Any, cast

from windlass.errors import InvalidValue
from windlass.services.workspace import Workspace
from windlass.wire import run as wire
from windlass.wire import run_request as requests
from windlass_server.endpoint import Endpoints, answer_encoded_page, tags
from windlass_server.event_stream import EventStream

runs = Endpoints("runs")

_MODELS_TAG = "mlflow.log-model.history"
_models_lock = Lock()


@runs.add
def create_run(workspace: Workspace, request: requests.CreateRun) -> wire.RunAnswer:
    """Begin a run."""
    made = workspace.runs.create(
        request.experiment_id,
        run_name=request.run_name or None,
        user_id=request.user_id or None,
        start_time=request.start_time,
        tags=tags(request.tags),
    )
    return {"run": wire.encode_run(made)}


@runs.add
def get_run(workspace: Workspace, request: requests.GetRun) -> wire.RunAnswer:
    """The run of an id."""
    return {"run": wire.encode_run(workspace.runs.get(request.run_id))}


@runs.add
def update_run(workspace: Workspace, request: requests.UpdateRun) -> wire.RunInfoAnswer:
    """Change status, end or name."""
    changed = workspace.runs.update(
        request.run_id, status=request.status, end_time=request.end_time, run_name=request.run_name
    )
    return {"run_info": wire.encode_run_info(changed.info)}


@runs.add
def delete_run(workspace: Workspace, request: requests.DeleteRun) -> None:
    """Move a run to the bin."""
    workspace.runs.delete(request.run_id)


@runs.add
def restore_run(workspace: Workspace, request: requests.RestoreRun) -> None:
    """Take a run out of the bin."""
    workspace.runs.restore(request.run_id)


@runs.add
def search_runs(workspace: Workspace, request: requests.SearchRuns) -> wire.RunsAnswer:
    """The runs that match."""
    return _found(workspace, request, None)


@runs.add
def select_runs(workspace: Workspace, request: requests.SelectRuns) -> wire.RunsAnswer:
    """The selected parts of the runs that match."""
    return _found(workspace, request, request.select)


def _found(
    workspace: Workspace, request: requests.SearchRuns | requests.SelectRuns, select: Iterable[str] | None
) -> wire.RunsAnswer:
    page = workspace.runs.search_encoded(
        request.experiment_ids,
        filter=request.filter or "",
        order_by=request.order_by,
        max_results=request.max_results,
        page_token=request.page_token or None,
        view=request.run_view_type,
        select=select,
    )
    return cast(wire.RunsAnswer, answer_encoded_page("runs", page))


@runs.add
def watch_run(workspace: Workspace, request: requests.WatchRun) -> EventStream:
    """What happens to a run, as server-sent events, until it ends."""
    return EventStream(workspace.runs.watch(request.run_id, request.last_event_id))


@runs.add
def log_metric(workspace: Workspace, request: requests.LogMetric) -> None:
    """Log one point of a metric."""
    workspace.runs.log(request.run_id, metrics=(request.metric,))


@runs.add
def log_param(workspace: Workspace, request: requests.LogParam) -> None:
    """Log one param."""
    workspace.runs.log(request.run_id, params={request.key: request.value})


@runs.add
def set_run_tag(workspace: Workspace, request: requests.SetRunTag) -> None:
    """Set a tag."""
    workspace.runs.log(request.run_id, tags={request.key: request.value})


@runs.add
def delete_run_tag(workspace: Workspace, request: requests.DeleteRunTag) -> None:
    """Remove a tag."""
    workspace.runs.delete_tag(request.run_id, request.key)


@runs.add
def log_batch(workspace: Workspace, request: requests.LogBatch) -> None:
    """Log metrics, params and tags in one step."""
    workspace.runs.log(request.run_id, metrics=request.metrics, params=_params(request.params), tags=tags(request.tags))


@runs.add
def log_inputs(workspace: Workspace, request: requests.LogInputs) -> None:
    """Log what a run read."""
    datasets = [one.entity for one in request.datasets]
    workspace.runs.log(request.run_id, datasets=datasets, model_inputs=request.models)


@runs.add
def log_outputs(workspace: Workspace, request: requests.LogOutputs) -> None:
    """Log the models that a run wrote."""
    workspace.runs.log(request.run_id, model_outputs=request.models)


@runs.add
def log_run(workspace: Workspace, request: requests.LogRun) -> None:
    """Log anything in one step."""
    workspace.runs.log(
        request.run_id,
        metrics=request.metrics,
        params=_params(request.params),
        tags=tags(request.tags),
        datasets=[one.entity for one in request.datasets],
        model_inputs=request.model_inputs,
        model_outputs=request.model_outputs,
    )


@runs.add
def record_model(workspace: Workspace, request: requests.RecordModel) -> None:
    """Add a model to the list of those that were logged, which is a tag."""
    try:
        model = json.loads(request.model_json)
    except (ValueError, RecursionError):
        model = None
    if not isinstance(model, dict) or not {"artifact_path", "flavors"} <= set(model):
        raise InvalidValue("model_json", request.model_json, "must be an MLmodel as a JSON object")
    # Two models of one run may arrive at the same time.
    with _models_lock:
        known = json.loads(workspace.runs.get(request.run_id).data.tags.get(_MODELS_TAG) or "[]")
        workspace.runs.log(request.run_id, tags={_MODELS_TAG: json.dumps([*known, model], ensure_ascii=False)})


@runs.add
def purge_run(workspace: Workspace, request: requests.PurgeRun) -> None:
    """Remove a deleted run for good."""
    workspace.tracking.runs.purge(request.run_id)


def _params(params: Any) -> dict[str, str]:
    """Params by key; the same key twice in one batch is refused, as it is not known which one counts."""
    found: dict[str, str] = {}
    for one in params:
        if one.key in found:
            raise InvalidValue("params", one.key, "is given more than once in one batch")
        found[one.key] = one.value
    return found
