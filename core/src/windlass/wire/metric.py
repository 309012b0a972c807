"""Metrics on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import Metric
from windlass.wire.message import WINDLASS, Id, Message, also_named, message
from windlass.wire.scalars import WireFloat, decode_float, encode_float, present, text_or_none


class MetricJson(TypedDict, total=False):
    """A point of a metric; the last four only where they mean something."""

    key: str
    value: WireFloat
    timestamp: int
    step: int
    model_id: str
    dataset_name: str
    dataset_digest: str
    run_id: str


class MetricsAnswer(TypedDict, total=False):
    """A page of points."""

    metrics: list[MetricJson]
    next_page_token: str


def encode_metric(metric: Metric, run_id: str | None = None) -> MetricJson:
    """The JSON of a point, with its run where points of several runs are mixed."""
    json: MetricJson = {
        "key": metric.key,
        "value": encode_float(metric.value),
        "timestamp": metric.timestamp,
        "step": metric.step,
    }
    others = {
        "model_id": metric.model_id,
        "dataset_name": metric.dataset_name,
        "dataset_digest": metric.dataset_digest,
        "run_id": run_id,
    }
    return cast(MetricJson, {**json, **present(others)})


def decode_metric(json: Mapping[str, Any]) -> Metric:
    """The point behind its JSON."""
    return Metric(
        key=json["key"],
        value=decode_float(json.get("value", 0.0)),
        timestamp=int(json.get("timestamp", 0)),
        step=int(json.get("step", 0)),
        model_id=text_or_none(json.get("model_id")),
        dataset_name=text_or_none(json.get("dataset_name")),
        dataset_digest=text_or_none(json.get("dataset_digest")),
    )


@message("GET", "/metrics/get-history")
class GetMetricHistory(Message):
    """Asks for the points of a metric."""

    run_id: Id = also_named("run_uuid")
    metric_key: str
    max_results: int | None = None
    page_token: str | None = None


@message("GET", "/metrics/get-history-bulk")
class GetMetricHistoryBulk(Message):
    """Asks for the points of a metric in several runs."""

    run_id: tuple[Id, ...] = also_named("run_uuid")
    metric_key: str
    max_results: int = 25_000


@message("GET", "/metrics/sample", family=WINDLASS)
class SampleMetrics(Message):
    """Asks for what charts show of metrics in several runs: at most so many points of each, no spike left out."""

    run_ids: tuple[Id, ...]
    metric_keys: tuple[str, ...]
    points: int = 1000
    start_step: int | None = None
    end_step: int | None = None


@message("GET", "/metrics/get-history-bulk-interval")
class GetMetricHistoryInterval(Message):
    """Asks for evenly spread points of a metric in several runs, between two steps or in all of them."""

    run_ids: tuple[Id, ...]
    metric_key: str
    start_step: int | None = None
    end_step: int | None = None
    max_results: int = 1000
