"""Side: one of the two stores, and reading all that is in it page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from windlass.entities import (
    Experiment,
    LoggedModel,
    Metric,
    ModelVersion,
    Page,
    Record,
    RegisteredModel,
    Run,
    ViewType,
)
from windlass.interfaces import (
    ModelRegistry,
    NumbersVersions,
    ReadsHistories,
    RecordStore,
    TellsDeletedAlone,
    TrackingStore,
)
from windlass.search import (
    EVERYTHING,
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Comparison,
    Expression,
    Field,
    FieldKind,
    In,
    Operator,
    Query,
    Schema,
)
from windlass.services.paging import Search
from windlass.services.runs import DELETED_TAG

T = TypeVar("T")
PAGE = 200
POINTS = 10_000
"""As many points of metrics are held in memory at once."""
OWN_COLLECTION = "imports"
"""Where an import leaves its mark to find out whether both sides are one store."""
_LEFT_OUT = frozenset({OWN_COLLECTION, "leases"})


@dataclass(frozen=True, slots=True)
class Side:
    """A store's three parts; `records` is None where it has none. `name` is its URI as it may be shown."""

    name: str
    tracking: TrackingStore
    registry: ModelRegistry
    records: RecordStore | None

    def experiments(self) -> Iterator[Page[Experiment]]:
        """All experiments, deleted ones too."""
        return _pages(self.tracking.experiments.search, _query(EXPERIMENTS))

    def logged_models(self, experiment_ids: Sequence[str], ids: Sequence[str] = ()) -> Iterator[Page[LoggedModel]]:
        """The logged models of the experiments, deleted ones too; only those of the ids if there are any."""
        query = _query(LOGGED_MODELS, _among("model_id", ids), experiment_ids)
        return _pages(self.tracking.logged_models.search, query)

    def runs(self, experiment_ids: Sequence[str], ids: Sequence[str] = ()) -> Iterator[Page[Run]]:
        """The runs of the experiments, deleted ones too; only those of the ids if there are any."""
        return _pages(self.tracking.runs.search, _query(RUNS, _among("run_id", ids), experiment_ids))

    def found(self, wanted: Expression, experiment_ids: Sequence[str]) -> Iterator[Page[Run]]:
        """The runs of the experiments that the expression wants, deleted ones too."""
        return _pages(self.tracking.runs.search, _query(RUNS, wanted, experiment_ids))

    def points(self, runs: Sequence[Run]) -> Iterator[Page[tuple[str, Metric]]]:
        """All points of the metrics of runs, each with the id of its run; those of one metric in their order."""
        store = self.tracking.runs
        if not isinstance(store, ReadsHistories):
            for run in runs:
                yield from self._points_of(run)
            return
        ids = [run.info.run_id for run in runs]
        token = None
        while ids:
            page = store.histories(ids, max_results=POINTS, page_token=token)
            yield page
            if (token := page.token) is None:
                return

    def _points_of(self, run: Run) -> Iterator[Page[tuple[str, Metric]]]:
        run_id = run.info.run_id
        for metric in run.data.latest_metrics:
            token = None
            while True:
                page = self.tracking.runs.metric_history(run_id, metric.key, max_results=POINTS, page_token=token)
                yield Page([(run_id, point) for point in page])
                if (token := page.token) is None:
                    break

    def deleted_alone(self, runs: Sequence[Run]) -> frozenset[str]:
        """Which of the deleted runs stay deleted when their experiment is restored."""
        store = self.tracking.runs
        if isinstance(store, TellsDeletedAlone):
            return store.deleted_alone([run.info.run_id for run in runs])
        # What deletes a single run leaves this tag on it.
        return frozenset(run.info.run_id for run in runs if DELETED_TAG in run.data.tags)

    def models(self) -> Iterator[Page[RegisteredModel]]:
        """All registered models."""
        return _pages(self.registry.models.search, _query(REGISTERED_MODELS))

    def versions(self, name: str) -> Iterator[Page[ModelVersion]]:
        """All versions of a model, the oldest first."""
        this = Comparison(Field(FieldKind.ATTRIBUTE, "name"), Operator.EQ, name)
        return _pages(self.registry.versions.search, _query(MODEL_VERSIONS, this, order_by=("version ASC",)))

    def last_number(self, name: str) -> int:
        """The highest number that a version of the model ever had, as far as the store tells."""
        if isinstance(self.registry.versions, NumbersVersions):
            return self.registry.versions.last_number(name)
        return max((version.version for page in self.versions(name) for version in page), default=0)

    def collections(self) -> list[str]:
        """The collections of records that mean something elsewhere: none that processes only hold for a moment."""
        return [] if self.records is None else [one for one in self.records.collections() if one not in _LEFT_OUT]

    def collection(self, name: str) -> Iterator[list[Record]]:
        """All records of a collection by their keys."""
        after = ""
        while self.records is not None and (page := self.records.list(name, after=after, max_results=PAGE)):
            yield page
            after = page[-1].key


def _query(
    schema: Schema, wanted: Expression = EVERYTHING, experiment_ids: Sequence[str] = (), order_by: Sequence[str] = ()
) -> Query:
    search = Search(view=ViewType.ALL, max_results=PAGE, experiment_ids=experiment_ids, order_by=order_by)
    return replace(search.query(schema), filter=wanted)


def _among(attribute: str, ids: Sequence[str]) -> Expression:
    return In(Field(FieldKind.ATTRIBUTE, attribute), tuple(ids)) if ids else EVERYTHING


def _pages(search: Callable[[Query], Page[T]], query: Query) -> Iterator[Page[T]]:
    while True:
        page = search(query)
        if page:
            yield page
        if page.token is None:
            return
        query = replace(query, page_token=page.token)
