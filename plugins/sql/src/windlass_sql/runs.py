"""Runs in SQL."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import EncodedPage, LifecycleStage, Metric, Page, Run
from windlass.errors import AlreadyExists, Conflict, NotFound, WindlassError
from windlass.interfaces import RunBatch, RunStore, RunUpdate
from windlass.search import Query
from windlass_sql import dialect, inserts
from windlass_sql.children import chunks
from windlass_sql.database import Database
from windlass_sql.experiments import check_active
from windlass_sql.histories import read_histories
from windlass_sql.history_sampling import HistorySampling
from windlass_sql.metric_history import as_json, as_metric, read_behind, read_history
from windlass_sql.ordering import in_view
from windlass_sql.pages import fetch_page
from windlass_sql.retrying import idempotent, retried
from windlass_sql.run_encoding import encode_runs
from windlass_sql.run_log import RUN_NAME_TAG, Encoded, encode, write
from windlass_sql.run_plans import find_runs
from windlass_sql.run_reading import build_runs, read_run
from windlass_sql.run_search import RUN_ENTITY
from windlass_sql.series import find_series
from windlass_sql.summaries import is_behind, keep, last_start, next_piece, summarised
from windlass_sql.tables import run_tags, runs
from windlass_sql.texts import delete_tags, put_tags

_log = logging.getLogger(__name__)
_STATE = (
    sa.select(runs.c.lifecycle_stage, runs.c.experiment_id, runs.c.start_time)
    .where(runs.c.run_id == sa.bindparam("run_id"))
    .with_for_update()
)


@retried
class SqlRunStore(RunStore):
    """The runs of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, run: Run) -> Run:
        """Keep a new run with all it holds."""
        encoded = _contents(run)
        run_id = run.info.run_id
        with self._database.write() as connection:
            check_active(connection, run.info.experiment_id)
            if _state(connection, run_id) is not None:
                raise AlreadyExists(f"run {run_id} exists already", field="run_id")
            inserts.insert(connection, runs, _columns(run))
            write(connection, run_id, encoded, place=(run.info.experiment_id, run.info.start_time))
            # Of several points of a metric the latest stays, and equal data sets are one.
            return read_run(connection, run_id) if run.data.latest_metrics or run.inputs.dataset_inputs else run

    def get(self, run_id: str) -> Run:
        """The run, deleted or not, with the latest point of each metric."""
        with self._database.read() as connection:
            return read_run(connection, run_id)

    def update(self, run_id: str, update: RunUpdate) -> Run:
        """Change what `update` names."""
        changes = {"status": update.status, "end_time": update.end_time, "run_name": update.run_name}
        values: dict[str, Any] = {
            name: value if isinstance(value, int) else str(value)
            for name, value in changes.items()
            if value is not None
        }
        with self._database.write() as connection:
            stage, *place = _existing_state(connection, run_id)
            if values or update.deleted_tags:
                _check_active(run_id, stage)
            if update.lifecycle_stage is not None:
                values |= {"lifecycle_stage": str(update.lifecycle_stage), "deleted_with_experiment": 0}
            if values:
                connection.execute(runs.update().where(runs.c.run_id == run_id).values(values))
            delete_tags(connection, run_tags, run_id, update.deleted_tags)
            if update.run_name is not None:
                put_tags(connection, run_tags, run_id, {RUN_NAME_TAG: update.run_name}, beside=tuple(place))
            return read_run(connection, run_id)

    @idempotent
    def log(self, run_id: str, batch: RunBatch) -> None:
        """Keep the whole batch or nothing of it."""
        encoded = encode(batch)
        with self._database.write() as connection:
            stage, experiment_id, start_time = _existing_state(connection, run_id)
            _check_active(run_id, stage)
            write(connection, run_id, encoded, place=(experiment_id, start_time))

    def histories(
        self, run_ids: Sequence[str], *, max_results: int, page_token: str | None = None
    ) -> Page[tuple[str, Metric]]:
        """All points of all metrics of the runs."""
        with self._database.read() as connection:
            return read_histories(
                connection, run_ids, limit=max_results, page_token=page_token, page_key=self._database.page_key
            )

    def deleted_alone(self, run_ids: Collection[str]) -> frozenset[str]:
        """Those of the runs that are in the bin without their experiment."""
        alone = sa.select(runs.c.run_id).where(
            runs.c.lifecycle_stage == str(LifecycleStage.DELETED), runs.c.deleted_with_experiment == 0
        )
        with self._database.read() as connection:
            pieces = [connection.execute(alone.where(runs.c.run_id.in_(some))) for some in chunks(list(run_ids))]
            return frozenset(run_id for piece in pieces for (run_id,) in piece)

    def search_encoded(self, query: Query) -> EncodedPage:
        """The same page as JSON."""
        with self._database.read() as connection:
            rows, token = self._fetch(connection, query)
            return EncodedPage(encode_runs(connection, rows, query.select), token)

    def search(self, query: Query) -> Page[Run]:
        """One page of the runs that match."""
        with self._database.read() as connection:
            rows, token = self._fetch(connection, query)
            return Page(build_runs(connection, rows, query.select), token)

    def _fetch(self, connection: sa.Connection, query: Query) -> tuple[Sequence[Any], str | None]:
        view = in_view(runs.c.lifecycle_stage, query.view)
        return fetch_page(connection, query, RUN_ENTITY, view, page_key=self._database.page_key, find=find_runs)

    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric in the order of step, timestamp and value."""
        rows, token = self._history(run_id, key, max_results, page_token)
        return Page([as_metric(key, row) for row in rows], token)

    def metric_history_encoded(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> EncodedPage:
        """The same points as JSON."""
        rows, token = self._history(run_id, key, max_results, page_token)
        return EncodedPage(as_json(key, rows), token)

    def _history(
        self, run_id: str, key: str, limit: int | None, page_token: str | None
    ) -> tuple[Sequence[Any], str | None]:
        with self._database.read() as connection:
            if _state(connection, run_id) is None:
                raise NotFound(f"there is no run {run_id!r}")
            return read_history(
                connection, run_id, key, limit=limit, page_token=page_token, page_key=self._database.page_key
            )

    def sample_history(
        self, run_id: str, key: str, *, points: int, start_step: int | None = None, end_step: int | None = None
    ) -> list[Metric]:
        """What a chart shows of a history; the first one who asks for a long history lets summaries be made."""
        while self._summarise(run_id, key):
            pass
        with self._database.read() as connection:
            if (found := find_series(connection, run_id, key)) is not None:
                return HistorySampling(connection, found[0], start_step, end_step).sample(key, points)
            if _state(connection, run_id) is None:
                raise NotFound(f"there is no run {run_id!r}")
            return []

    def points_behind(self, run_id: str, key: str, after: tuple[int, int, float] | None, *, limit: int) -> list[Metric]:
        """The next points of a metric behind one."""
        with self._database.read() as connection:
            return read_behind(connection, run_id, key, after, limit=limit)

    def _summarise(self, run_id: str, key: str) -> bool:
        """Summarise the next piece of a history, if it is worth it; whether that went well."""
        with self._database.read() as connection:
            found = find_series(connection, run_id, key)
            if found is None or not is_behind(connection, found):
                return False
            start = last_start(connection, found[0])
            piece = next_piece(connection, found[0], start)
        rows = summarised(found[0], piece)
        try:
            with self._database.write() as connection:
                _existing_state(connection, run_id)
                return keep(connection, start, piece, rows)
        except WindlassError:
            # Reading works without, also where nothing can be written or the run has just gone.
            _log.debug("no summary of %r of run %s", key, run_id, exc_info=True)
            return False

    def purge(self, run_id: str) -> None:
        """Remove a deleted run and all it logged for good."""
        with self._database.write() as connection:
            if _existing_state(connection, run_id)[0] != LifecycleStage.DELETED:
                raise Conflict(f"run {run_id} is active", hint="delete it first")
            connection.execute(runs.delete().where(runs.c.run_id == run_id))


def _state(connection: sa.Connection, run_id: str) -> Sequence[Any] | None:
    """The run's stage, experiment and start time; it is locked until the commit. None if there is no such run."""
    return dialect.first_row(connection, _STATE, run_id=run_id)


def _existing_state(connection: sa.Connection, run_id: str) -> Sequence[Any]:
    state = _state(connection, run_id)
    if state is None:
        raise NotFound(f"there is no run {run_id!r}")
    return state


def _check_active(run_id: str, stage: str) -> None:
    if stage != LifecycleStage.ACTIVE:
        raise Conflict(f"run {run_id} is deleted", hint="restore it first")


def _columns(run: Run) -> dict[str, Any]:
    info = run.info
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "run_name": info.run_name,
        "user_id": info.user_id,
        "status": str(info.status),
        "start_time": info.start_time,
        "end_time": info.end_time,
        "artifact_uri": info.artifact_uri,
        "lifecycle_stage": str(info.lifecycle_stage),
        "deleted_with_experiment": 0,
    }


def _contents(run: Run) -> Encoded:
    """What a new run holds, which is logged to it in the same transaction."""
    encoded = encode(
        RunBatch(
            metrics=run.data.latest_metrics,
            params=run.data.params,
            tags=run.data.tags,
            datasets=run.inputs.dataset_inputs,
            model_inputs=run.inputs.model_inputs,
            model_outputs=run.outputs.model_outputs,
        ),
    )
    encoded.renames = False
    return encoded
