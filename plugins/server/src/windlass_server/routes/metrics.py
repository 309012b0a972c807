"""Histories of metrics over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from windlass.entities import Metric
from windlass.errors import InvalidValue
from windlass.services.workspace import Workspace
from windlass.wire import metric as wire
from windlass_server.endpoint import Endpoints, answer_page

metrics = Endpoints("metrics")

_MAX_RUNS = 100
_MAX_BULK = 25_000
_MAX_INTERVAL = 2_500


@metrics.add
def get_metric_history(workspace: Workspace, request: wire.GetMetricHistory) -> wire.MetricsAnswer:
    """The points of a metric."""
    page = workspace.runs.metric_history(
        request.run_id, request.metric_key, max_results=request.max_results, page_token=request.page_token or None
    )
    return cast(wire.MetricsAnswer, answer_page("metrics", page, wire.encode_metric))


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
    count = _in_range("max_results", request.max_results, _MAX_INTERVAL)
    found: list[wire.MetricJson] = []
    for run_id in _few_runs(request.run_ids):
        history = workspace.runs.metric_history(run_id, request.metric_key)
        points = [one for one in history if start is None or end is None or start <= one.step <= end]
        found.extend(wire.encode_metric(point, run_id) for point in _spread(points, count))
    return {"metrics": found}


def _spread(points: list[Metric], count: int) -> Iterable[Metric]:
    """At most `count` steps, evenly chosen, with all points of each."""
    steps = sorted({point.step for point in points})
    if len(steps) > count:
        last = len(steps) - 1
        chosen = {steps[round(place * last / max(count - 1, 1))] for place in range(count)}
        return [point for point in points if point.step in chosen]
    return points


def _few_runs(run_ids: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(run_ids) <= _MAX_RUNS:
        raise InvalidValue("run_ids", list(run_ids), f"names {len(run_ids)} runs", limit=f"1 … {_MAX_RUNS}")
    return run_ids


def _in_range(field: str, value: int, limit: int) -> int:
    if not 1 <= value <= limit:
        raise InvalidValue(field, value, "is out of range", limit=f"1 … {limit}")
    return value
