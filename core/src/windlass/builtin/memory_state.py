"""What the memory stores keep: plain dictionaries behind one lock."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from windlass.entities import (
    Experiment,
    LifecycleStage,
    LoggedModel,
    Metric,
    ModelVersion,
    Record,
    RegisteredModel,
    Run,
)
from windlass.errors import Conflict, NotFound
from windlass.uri import Uri

Origin = tuple[str, str, str]
Point = tuple[int, int, bool, float]
History = dict[Point, Metric]
T = TypeVar("T")


def origin(metric: Metric) -> Origin:
    """What was measured, in a form that can be ordered."""
    return (metric.model_id or "", metric.dataset_name or "", metric.dataset_digest or "")


@dataclass(slots=True)
class TrackingState:
    """The contents of one tracking store.

    Runs and logged models are kept without their metrics: `histories` has all points of a run by key, `model_metrics`
    the latest points of a logged model by key, origin and run. `deleted_with` holds the runs that are in the bin
    because their experiment is.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    page_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    experiments: dict[str, Experiment] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    deleted_with: set[str] = field(default_factory=set)
    histories: dict[str, dict[str, History]] = field(default_factory=dict)
    logged_models: dict[str, LoggedModel] = field(default_factory=dict)
    model_metrics: dict[str, dict[tuple[str, Origin, str], Metric]] = field(default_factory=dict)

    def check_experiment(self, experiment_id: str) -> None:
        """Raise NotFound or Conflict if something new cannot go into this experiment."""
        experiment = self.experiments.get(experiment_id)
        if experiment is None:
            raise NotFound(f"there is no experiment {experiment_id!r}")
        if experiment.lifecycle_stage != LifecycleStage.ACTIVE:
            raise Conflict(f"experiment {experiment_id} is deleted", hint="restore it, or use another")

    def forget_run(self, run_id: str) -> None:
        """Drop a run with all it logged, also what it measured of logged models."""
        del self.runs[run_id], self.histories[run_id]
        self.deleted_with.discard(run_id)
        for model_id, points in self.model_metrics.items():
            self.model_metrics[model_id] = {one: metric for one, metric in points.items() if one[2] != run_id}

    def forget_model(self, model_id: str) -> None:
        """Drop a logged model with its metrics."""
        del self.logged_models[model_id]
        self.model_metrics.pop(model_id, None)


@dataclass(slots=True)
class RegistryState:
    """The contents of one registry; `counters` has the highest version number that a model ever had."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    page_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    models: dict[str, RegisteredModel] = field(default_factory=dict)
    versions: dict[tuple[str, int], ModelVersion] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def model(self, name: str) -> RegisteredModel:
        """The model as kept; NotFound if there is none."""
        if name not in self.models:
            raise NotFound(f"there is no registered model named {name!r}")
        return self.models[name]

    def version(self, name: str, version: int) -> ModelVersion:
        """The version as kept; NotFound if there is none."""
        self.model(name)
        if (name, version) not in self.versions:
            raise NotFound(f"registered model {name!r} has no version {version}")
        return self.versions[name, version]

    def touch(self, model: RegisteredModel, time: int) -> None:
        """Note that something about the model changed at this time."""
        latest = max(model.last_updated_timestamp, time)
        self.models[model.name] = replace(model, last_updated_timestamp=latest)


@dataclass(slots=True)
class RecordState:
    """The contents of one record store, by collection and key."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)


_shared: dict[tuple[type, str], object] = {}
_shared_lock = threading.Lock()


def open_state(uri: Uri, make: Callable[[], T], kind: type[T]) -> T:
    """A fresh state for `memory:`; for `memory://name` the one that everyone in this process shares by that name."""
    name = uri.netloc
    if not name:
        return make()
    with _shared_lock:
        state = _shared.setdefault((kind, name), make())
    assert isinstance(state, kind)  # noqa: S101  the kind is part of the key
    return state
