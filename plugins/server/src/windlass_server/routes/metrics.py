"""Histories of metrics over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.errors import InvalidValue
from windlass.interfaces.metric_sampling import MIN_POINTS
from windlass.services.workspace import Workspace
from windlass.wire import metric as wire
from windlass_server.endpoint import Endpoints, answer_encoded_page

metrics = Endpoints("metrics")

_MAX_RUNS = 100
_MAX_BULK = 25_000
_MAX_INTERVAL = 2_500
_MAX_KEYS = 100
_MAX_SAMPLED = 200_000


@metrics.add
def get_metric_history(workspace: Workspace, request: wire.GetMetricHistory) -> wire.MetricsAnswer:
    """The points of a metric."""
    page = workspace.runs.metric_history_encoded(
        request.run_id, request.metric_key, max_results=request.max_results, page_token=request.page_token or None
    )
    return cast(wire.MetricsAnswer, answer_encoded_page("metrics", page))


@metrics.add
def get_metric_history_bulk(workspace: Workspace, request: wire.GetMetricHistoryBulk) -> wire.MetricsAnswer:
    """The points of a metric in several runs, `max_results` of them altogether at most."""
    wanted = min(_in_range("max_results", request.max_results, _MAX_BULK * 10), _MAX_BULK)
    found: list[wire.MetricJson] = []
    for run_id in _few_runs(request.run_id):
        if len(found) < wanted:
            page = workspace.runs.metric_history(run_id, request.metric_key, max_results=wanted - len(found))
            found.extend(wire.encode_metric(point, run_id) for point in page)
    return {"metrics": found}


@metrics.add
def get_metric_history_interval(workspace: Workspace, request: wire.GetMetricHistoryInterval) -> wire.MetricsAnswer:
    """Evenly spread points of a metric in several runs; the first and the last step are always among them."""
    start, end = request.start_step, request.end_step
    if (start is None) != (end is None):
        raise InvalidValue("start_step", start, "needs end_step, and the other way round")
    if start is not None and end is not None and start > end:
        raise InvalidValue("end_step", end, f"lies before start_step {start}")
    count = max(_in_range("max_results", request.max_results, _MAX_INTERVAL), MIN_POINTS)
    found: list[wire.MetricJson] = []
    for run_id in _few_runs(request.run_ids):
        sampled = workspace.runs.sample_history(
            run_id, request.metric_key, points=count, start_step=start, end_step=end
        )
        found.extend(wire.encode_metric(point, run_id) for point in sampled[-request.max_results :])
    return {"metrics": found}


@metrics.add
def sample_metrics(workspace: Workspace, request: wire.SampleMetrics) -> wire.MetricsAnswer:
    """The points of each metric of each run that show what all of them do; the first and the last are among them."""
    run_ids, keys = dict.fromkeys(_few_runs(request.run_ids)), dict.fromkeys(request.metric_keys)
    series = _in_range("metric_keys", len(keys), _MAX_KEYS) * len(run_ids)
    if series * request.points > _MAX_SAMPLED:
        raise InvalidValue(
            "points", request.points, f"is too much for {series} metrics", limit=f"{_MAX_SAMPLED} altogether"
        )
    found: list[wire.MetricJson] = []
    for run_id in run_ids:
        for key in keys:
            sampled = workspace.runs.sample_history(
                run_id, key, points=request.points, start_step=request.start_step, end_step=request.end_step
            )
            found.extend(wire.encode_metric(point, run_id) for point in sampled)
    return {"metrics": found}


def _few_runs(run_ids: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(run_ids) <= _MAX_RUNS:
        raise InvalidValue("run_ids", list(run_ids), f"names {len(run_ids)} runs", limit=f"1 … {_MAX_RUNS}")
    return run_ids


def _in_range(field: str, value: int, limit: int) -> int:
    if not 1 <= value <= limit:
        raise InvalidValue(field, value, "is out of range", limit=f"1 … {limit}")
    return value
