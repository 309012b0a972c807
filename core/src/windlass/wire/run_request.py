"""The requests about runs."""

from __future__ import annotations

from windlass.entities import Metric, ModelInput, ModelOutput, Param, RunStatus, Tag, ViewType
from windlass.wire.dataset import DatasetInputMessage
from windlass.wire.message import WINDLASS, Id, Message, also_named, from_header, message


@message("POST", "/runs/create", idempotent=False)
class CreateRun(Message):
    """Begins a run."""

    experiment_id: Id
    user_id: str | None = None
    run_name: str | None = None
    start_time: int | None = None
    tags: tuple[Tag, ...] = ()


@message("GET", "/runs/get")
class GetRun(Message):
    """Asks for a run."""

    run_id: Id = also_named("run_uuid")


@message("POST", "/runs/update")
class UpdateRun(Message):
    """Changes status, end or name of a run."""

    run_id: Id = also_named("run_uuid")
    status: RunStatus | None = None
    end_time: int | None = None
    run_name: str | None = None


@message("POST", "/runs/delete")
class DeleteRun(Message):
    """Moves a run to the bin."""

    run_id: Id = also_named("run_uuid")


@message("POST", "/runs/restore")
class RestoreRun(Message):
    """Takes a run out of the bin."""

    run_id: Id = also_named("run_uuid")


@message("POST GET", "/runs/search")
class SearchRuns(Message):
    """Asks for the runs that match."""

    experiment_ids: tuple[Id, ...] = ()
    filter: str | None = None
    run_view_type: ViewType = ViewType.ACTIVE_ONLY
    max_results: int = 1000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


@message("POST", "/runs/search", family=WINDLASS)
class SelectRuns(Message):
    """Asks for the runs that match, and of each only for what `select` names; without it for everything."""

    experiment_ids: tuple[Id, ...] = ()
    filter: str | None = None
    run_view_type: ViewType = ViewType.ACTIVE_ONLY
    max_results: int = 1000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None
    select: tuple[str, ...] | None = None


@message("GET", "/runs/{run_id}/events", family=WINDLASS)
class WatchRun(Message):
    """Asks for what happens to a run, as server-sent events, behind the one with `last_event_id` if that is given."""

    run_id: Id
    last_event_id: str | None = from_header("last-event-id")


@message("POST", "/runs/log-metric")
class LogMetric(Message):
    """Logs one point of a metric."""

    run_id: Id = also_named("run_uuid")
    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None

    @property
    def metric(self) -> Metric:
        """The point."""
        return Metric(
            self.key,
            self.value,
            self.timestamp,
            self.step,
            self.model_id or None,
            self.dataset_name or None,
            self.dataset_digest or None,
        )


@message("POST", "/runs/log-parameter")
class LogParam(Message):
    """Logs one param."""

    run_id: Id = also_named("run_uuid")
    key: str
    value: str


@message("POST", "/runs/set-tag")
class SetRunTag(Message):
    """Sets a tag of a run."""

    run_id: Id = also_named("run_uuid")
    key: str
    value: str


@message("POST", "/runs/delete-tag")
class DeleteRunTag(Message):
    """Removes a tag of a run."""

    run_id: Id = also_named("run_uuid")
    key: str


@message("POST", "/runs/log-batch")
class LogBatch(Message):
    """Logs metrics, params and tags in one step."""

    run_id: Id = also_named("run_uuid")
    metrics: tuple[Metric, ...] = ()
    params: tuple[Param, ...] = ()
    tags: tuple[Tag, ...] = ()


@message("POST", "/runs/log-model")
class RecordModel(Message):
    """Notes, as clients before 3.0 do, that a model was logged to a run; `model_json` is its MLmodel as JSON."""

    run_id: Id = also_named("run_uuid")
    model_json: str


@message("POST", "/runs/log-inputs")
class LogInputs(Message):
    """Logs what a run read."""

    run_id: Id = also_named("run_uuid")
    datasets: tuple[DatasetInputMessage, ...] = ()
    models: tuple[ModelInput, ...] = ()


@message("POST", "/runs/outputs")
class LogOutputs(Message):
    """Logs the models that a run wrote."""

    run_id: Id = also_named("run_uuid")
    models: tuple[ModelOutput, ...] = ()


@message("POST", "/runs/log", family=WINDLASS)
class LogRun(Message):
    """Logs anything that can be logged to a run in one step."""

    run_id: Id
    metrics: tuple[Metric, ...] = ()
    params: tuple[Param, ...] = ()
    tags: tuple[Tag, ...] = ()
    datasets: tuple[DatasetInputMessage, ...] = ()
    model_inputs: tuple[ModelInput, ...] = ()
    model_outputs: tuple[ModelOutput, ...] = ()


@message("POST", "/runs/purge", family=WINDLASS)
class PurgeRun(Message):
    """Removes a deleted run for good."""

    run_id: Id
