"""Runs on Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from windlass.entities import LifecycleStage, Metric, Page, Run
from windlass.errors import AlreadyExists, Conflict
from windlass.interfaces import RunBatch, RunStore, RunUpdate
from windlass.interfaces.metric_sampling import as_metrics
from windlass.search import Field, FieldKind, IsNull, Query, decode_cursor, encode_cursor
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import (
    Document,
    Source,
    again,
    create,
    new_token,
    read,
    read_many,
    remove,
    replace,
    written,
)
from windlass_elasticsearch.experiments import check_active
from windlass_elasticsearch.histories import read_histories
from windlass_elasticsearch.indices import EXPERIMENTS, POINTS, RUNS
from windlass_elasticsearch.journal import Step, write_down
from windlass_elasticsearch.measuring import expect
from windlass_elasticsearch.pages import fetch_page
from windlass_elasticsearch.points import Series, as_metric, place_in, place_of, series_of
from windlass_elasticsearch.run_documents import RUN_ENTITY, as_run, ends_of, new_source, put_info
from windlass_elasticsearch.run_log import RUN_NAME_TAG, log, measured_models, set_tags
from windlass_elasticsearch.run_roots import FORGET_STEP, JOURNAL, RunRoots
from windlass_elasticsearch.sampling import sample_series
from windlass_elasticsearch.texts import get_text
from windlass_elasticsearch.tombs import finish_purges
from windlass_elasticsearch.visibility import EXPERIMENT_FIELDS, is_there, runs_in_view, stage_of


class ElasticsearchRunStore(RunStore):
    """The runs of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._roots = RunRoots(cluster)

    def create(self, run: Run) -> Run:
        """Keep a new run with all it holds."""
        return again(partial(self._create, run, new_token()))  # type: ignore[no-any-return]  # what _create returns

    def get(self, run_id: str) -> Run:
        """The run, deleted or not, with the latest point of each metric."""
        run, experiment = self._roots.find(run_id)
        return as_run(run.source, stage_of(run.source, experiment))

    def update(self, run_id: str, update: RunUpdate) -> Run:
        """Change what `update` names."""
        return again(partial(self._update, run_id, update))  # type: ignore[no-any-return]  # what _update returns

    def log(self, run_id: str, batch: RunBatch) -> None:
        """Keep the whole batch or nothing of it."""
        with self._cluster.alone(run_id):
            again(partial(self._log, run_id, batch))

    def search(self, query: Query) -> Page[Run]:
        """One page of the runs that match."""
        if not query.experiment_ids:
            return Page()
        places = [(EXPERIMENTS.name, one) for one in query.experiment_ids]
        experiments = read_many(self._cluster, places, fields=EXPERIMENT_FIELDS)
        self._cluster.refresh(RUNS.name)
        conditions = runs_in_view(experiments, query.view)
        sources, token = fetch_page(self._cluster, query, RUN_ENTITY, conditions, without=_unwanted(query))
        homes = {one.source["uid"]: one.source for one in experiments if one is not None}
        runs = [as_run(source, stage_of(source, homes[source["home"]])) for source in sources]
        return Page(runs if query.select is None else map(query.select.apply, runs), token)

    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric in the order of step, timestamp and value."""
        uid = self._settled(run_id)["uid"]
        query = Query(filter=IsNull(Field(FieldKind.METRIC, key)), experiment_ids=(run_id,), page_token=page_token)
        signing_key = self._cluster.page_key + b"history"
        after = decode_cursor(query, signing_key)
        limit = None if max_results is None else max_results + 1
        hits = Series(self._cluster, series_of(uid, key)).read(after=after, limit=limit)
        page = hits[:max_results]
        token = encode_cursor(place_in(page[-1]), query, signing_key) if len(page) < len(hits) else None
        return Page([as_metric(key, hit) for hit in page], token)

    def points_behind(self, run_id: str, key: str, after: tuple[int, int, float] | None, *, limit: int) -> list[Metric]:
        """The next points of a metric behind one."""
        uid = self._settled(run_id)["uid"]
        place = None if after is None else place_of(*after)
        series = Series(self._cluster, series_of(uid, key))
        return [as_metric(key, hit) for hit in series.read(after=place, limit=limit)]

    def sample_history(
        self, run_id: str, key: str, *, points: int, start_step: int | None = None, end_step: int | None = None
    ) -> list[Metric]:
        """What a chart shows of a history."""
        run = self._settled(run_id)
        ends = next((ends_of(one) for one in run["metrics"] if one["key"] == key), None)
        if ends is None:
            return []
        series = Series(self._cluster, series_of(run["uid"], key), start_step, end_step)
        return as_metrics(key, sample_series(series, points, ends))

    def histories(
        self, run_ids: Sequence[str], *, max_results: int, page_token: str | None = None
    ) -> Page[tuple[str, Metric]]:
        """All points of all metrics of the runs."""
        found = read_many(self._cluster, [(RUNS.name, one) for one in run_ids])
        runs = [run for run in found if run is not None and not run.source.get("gone")]
        for run in runs:
            JOURNAL.take(self._cluster, run)
        self._cluster.refresh(POINTS.name)
        owners = {
            series_of(run.source["uid"], one["key"]): (get_text(run.source, "run_id") or "", one["key"])
            for run in runs
            for one in run.source["metrics"]
        }
        return read_histories(self._cluster, owners, run_ids, limit=max_results, page_token=page_token)

    def deleted_alone(self, run_ids: Iterable[str]) -> frozenset[str]:
        """Those of the runs that were deleted by themselves, not with their experiment."""
        asked = list(run_ids)
        found = read_many(self._cluster, [(RUNS.name, one) for one in asked])
        return frozenset(
            run_id
            for run_id, run in zip(asked, found, strict=True)
            if run is not None and run.source.get("lifecycle_stage") == LifecycleStage.DELETED
        )

    def purge(self, run_id: str) -> None:
        """Remove a deleted run and all it logged for good."""
        finish_purges(self._cluster)
        again(partial(self._purge, run_id))

    def _create(self, run: Run, uid: str) -> Run:
        run_id, experiment_id = run.info.run_id, run.info.experiment_id
        before, found = read_many(self._cluster, [(RUNS.name, run_id), (EXPERIMENTS.name, experiment_id)])
        if before is not None and before.source["uid"] == uid:
            return as_run(before.source, before.source["lifecycle_stage"])
        experiment = check_active(found, experiment_id)
        if before is not None:
            self._check_free(before, run_id)
        source = new_source(run, uid, experiment)
        batch = RunBatch(
            metrics=run.data.latest_metrics,
            datasets=run.inputs.dataset_inputs,
            model_inputs=run.inputs.model_inputs,
            model_outputs=run.outputs.model_outputs,
        )
        root = self._commit(run_id, before, source, log(source, run_id, batch), measured_models(batch.metrics))
        return as_run(root.source, root.source["lifecycle_stage"])

    def _check_free(self, before: Document, run_id: str) -> None:
        """Let a document be replaced if what it was about is gone."""
        home = None if before.source.get("gone") else before.source["experiment_id"]
        experiment = None if home is None else read(self._cluster, EXPERIMENTS.name, home)
        if is_there(before.source, experiment):
            raise AlreadyExists(f"run {run_id} exists already", field="run_id")
        JOURNAL.take(self._cluster, before)

    def _update(self, run_id: str, update: RunUpdate) -> Run:
        run, experiment = self._roots.find(run_id)
        if (update.status, update.end_time, update.run_name, update.deleted_tags) != (None, None, None, ()):
            _check_active(run_id, run.source, experiment)
        source = dict(run.source)
        put_info(
            source,
            run_name=update.run_name,
            status=update.status,
            end_time=update.end_time,
            lifecycle_stage=update.lifecycle_stage,
        )
        if update.lifecycle_stage is not None:
            source["seen_deletions"] = experiment["deletions"]
        named = {} if update.run_name is None else {RUN_NAME_TAG: update.run_name}
        source["tags"] = set_tags(source["tags"], named, update.deleted_tags)
        root = self._commit(run_id, run, source, [])
        return as_run(root.source, stage_of(root.source, experiment))

    def _log(self, run_id: str, batch: RunBatch) -> None:
        run, experiment = self._roots.find(run_id)
        _check_active(run_id, run.source, experiment)
        source = dict(run.source)
        steps = log(source, run_id, batch)
        if batch != RunBatch():
            self._commit(run_id, run, source, steps, measured_models(batch.metrics))

    def _commit(
        self, run_id: str, before: Document | None, source: Source, steps: list[Step], models: list[str] | None = None
    ) -> Document:
        """Write the document of a run, which is the moment at which a change happens, and take the steps behind it."""
        for model_id in models or ():
            expect(self._cluster, model_id, run_id)
        if before is not None:
            JOURNAL.take(self._cluster, before)
        write_down(source, steps)
        if before is None:
            root = written(create(self._cluster, RUNS.name, run_id, source))
        else:
            root = written(replace(self._cluster, before, source))
        JOURNAL.take_soon(self._cluster, root)
        return root

    def _settled(self, run_id: str) -> Source:
        """The document of a run all of whose points can be found."""
        run, _ = self._roots.find(run_id)
        JOURNAL.take(self._cluster, run)
        self._cluster.refresh(POINTS.name)
        return run.source

    def _purge(self, run_id: str) -> None:
        run, experiment = self._roots.find(run_id)
        if stage_of(run.source, experiment) != LifecycleStage.DELETED:
            raise Conflict(f"run {run_id} is active", hint="delete it first")
        JOURNAL.take(self._cluster, run)
        uid, models = run.source["uid"], run.source["measured_models"]
        tombstone: Source = {"gone": True, "uid": uid, "home": run.source["home"]}
        write_down(tombstone, [(FORGET_STEP, {"run_id": run_id, "uid": uid, "models": models})])
        buried = written(replace(self._cluster, run, tombstone))
        if JOURNAL.take_soon(self._cluster, buried):
            remove(self._cluster, buried)


def _check_active(run_id: str, run: Source, experiment: Source) -> None:
    if stage_of(run, experiment) != LifecycleStage.ACTIVE:
        raise Conflict(f"run {run_id} is deleted", hint="restore it first")


def _unwanted(query: Query) -> tuple[Any, ...]:
    """The fields of a run's document that its search does not have to bring."""
    always = ("journal", "datasets", "measured_models")
    chosen = query.select
    if chosen is None:
        return always
    wanted = {
        "metrics": chosen.metrics != frozenset(),
        "params": chosen.params != frozenset(),
        "tags": chosen.tags != frozenset(),
        "inputs": chosen.inputs or chosen.outputs,
    }
    return (*always, *(name for name, is_wanted in wanted.items() if not is_wanted))
