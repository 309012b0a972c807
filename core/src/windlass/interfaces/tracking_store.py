"""Where experiments, runs and logged models are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, Self, runtime_checkable

from windlass.config import Settings
from windlass.entities import (
    DatasetInput,
    Experiment,
    LoggedModel,
    Metric,
    ModelInput,
    ModelOutput,
    Page,
    Run,
)
from windlass.interfaces.resource import Resource
from windlass.search import Query
from windlass.uri import Uri


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentUpdate:
    """What changes on an experiment; None and empty mean unchanged."""

    name: str | None = None
    lifecycle_stage: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted_tags: tuple[str, ...] = ()
    last_update_time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUpdate:
    """What changes on a run; None and empty mean unchanged."""

    status: str | None = None
    end_time: int | None = None
    run_name: str | None = None
    lifecycle_stage: str | None = None
    deleted_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBatch:
    """What is logged to a run in one atomic step."""

    metrics: Sequence[Metric] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[DatasetInput] = ()
    model_inputs: Sequence[ModelInput] = ()
    model_outputs: Sequence[ModelOutput] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModelUpdate:
    """What changes on a logged model; None and empty mean unchanged. Params are written once, like a run's."""

    status: str | None = None
    status_message: str | None = None
    lifecycle_stage: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted_tags: tuple[str, ...] = ()
    last_updated_timestamp: int = 0


class ExperimentStore(ABC):
    """Experiments by id and by unique name, deleted ones included: a deleted experiment keeps its name."""

    @abstractmethod
    def create(self, experiment: Experiment) -> Experiment:
        """Keep a new experiment and return it as kept; AlreadyExists if its id or name is taken.

        A remote store replaces id, times and an empty location by its own.
        """

    @abstractmethod
    def get(self, experiment_id: str) -> Experiment:
        """The experiment, deleted or not; NotFound if there is none."""

    @abstractmethod
    def get_by_name(self, name: str) -> Experiment:
        """The experiment of this name, deleted or not; NotFound if there is none."""

    @abstractmethod
    def update(self, experiment_id: str, update: ExperimentUpdate) -> Experiment:
        """Change what `update` names in one step; NotFound, or AlreadyExists if the new name is taken.

        Deleting an experiment deletes its active runs with it; restoring revives exactly those.
        """

    @abstractmethod
    def search(self, query: Query) -> Page[Experiment]:
        """One page of the experiments that match."""

    @abstractmethod
    def purge(self, experiment_id: str) -> None:
        """Remove a deleted experiment with its runs and logged models for good.

        NotFound if there is none, Conflict if it is active.
        """


class RunStore(ABC):
    """Runs and what they log."""

    @abstractmethod
    def create(self, run: Run) -> Run:
        """Keep a new run with all it holds and return it as kept.

        NotFound or Conflict if its experiment is missing or deleted. A remote store replaces id and artifact URI by its
        own.
        """

    @abstractmethod
    def get(self, run_id: str) -> Run:
        """The run, deleted or not, with the latest point of each metric; NotFound if there is none."""

    @abstractmethod
    def update(self, run_id: str, update: RunUpdate) -> Run:
        """Change what `update` names in one step; NotFound if there is no such run.

        Anything but `lifecycle_stage` needs an active run: Conflict otherwise. A new name is written to the tag
        `mlflow.runName` as well.
        """

    @abstractmethod
    def log(self, run_id: str, batch: RunBatch) -> None:
        """Keep the whole batch or nothing of it, and return when it is durable.

        NotFound if there is no such run; Conflict if it is deleted or if a param has another value already. Of metric
        points of equal step, timestamp and value the first stays. A metric with a `model_id` also becomes a metric of
        that logged model. The tag `mlflow.runName` renames the run.
        """

    @abstractmethod
    def search(self, query: Query) -> Page[Run]:
        """One page of the runs that match, among `query.experiment_ids`: none without ids."""

    @abstractmethod
    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric in the order of step, timestamp and value; all of them without `max_results`.

        NotFound if there is no such run; a metric that was never logged has no points.
        """

    @abstractmethod
    def purge(self, run_id: str) -> None:
        """Remove a deleted run and all it logged for good; NotFound, or Conflict if it is active."""


class LoggedModelStore(ABC):
    """Models that runs produced."""

    @abstractmethod
    def create(self, model: LoggedModel) -> LoggedModel:
        """Keep a new logged model with its params and tags; AlreadyExists if its id is taken.

        NotFound or Conflict if its experiment is missing or deleted.
        """

    @abstractmethod
    def get(self, model_id: str) -> LoggedModel:
        """The logged model, deleted or not; NotFound if there is none.

        Its metrics are the latest point of each key and data set that each run measured.
        """

    @abstractmethod
    def update(self, model_id: str, update: LoggedModelUpdate) -> LoggedModel:
        """Change what `update` names in one step; NotFound, or Conflict for a param with another value."""

    @abstractmethod
    def search(self, query: Query) -> Page[LoggedModel]:
        """One page of the logged models that match, among `query.experiment_ids`: none without ids."""

    @abstractmethod
    def purge(self, model_id: str) -> None:
        """Remove a deleted logged model for good; NotFound, or Conflict if it is active."""


class TrackingStore(Resource):
    """Where experiments, runs and logged models are kept.

    Safe for use by several threads at once. Every write is atomic, and durable when the call returns. Values arrive
    validated and leave as they came: nothing is cut, clamped or dropped. An empty store creates itself; one made by
    another release raises SchemaOutdated. Raises Unavailable when it cannot be reached.
    """

    is_remote: ClassVar[bool] = False
    """Whether another process owns the data: then that one chooses ids and places, and fires the events."""

    @classmethod
    @abstractmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the store that `uri` names."""

    @property
    @abstractmethod
    def experiments(self) -> ExperimentStore:
        """The experiments; one with the id 0 and the name Default exists from the beginning."""

    @property
    @abstractmethod
    def runs(self) -> RunStore:
        """The runs."""

    @property
    @abstractmethod
    def logged_models(self) -> LoggedModelStore:
        """The logged models."""

    @abstractmethod
    def close(self) -> None:
        """Give back connections; calling it again does nothing."""


@runtime_checkable
class SupportsUpgrade(Protocol):
    """A store whose schema changes between releases; implemented by the class, not by an open store."""

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the database to this release's schema; returns the revision before (empty if new) and after."""
        ...
