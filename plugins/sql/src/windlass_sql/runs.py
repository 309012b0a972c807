"""Runs in SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from windlass.entities import LifecycleStage, Metric, Page, Run
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RunBatch, RunStore, RunUpdate
from windlass.search import Query
from windlass_sql import dialect
from windlass_sql.database import Database
from windlass_sql.experiments import check_active
from windlass_sql.metric_history import read_history
from windlass_sql.ordering import fetch_page, in_view
from windlass_sql.run_log import RUN_NAME_TAG, Encoded, encode, write
from windlass_sql.run_reading import build_runs, read_run
from windlass_sql.run_search import RUN_ENTITY
from windlass_sql.tables import run_tags, runs
from windlass_sql.texts import delete_tags, put_tags

_STAGE = sa.select(runs.c.lifecycle_stage).where(runs.c.run_id == sa.bindparam("run_id")).with_for_update()


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
            if _stage(connection, run_id) is not None:
                raise AlreadyExists(f"run {run_id} exists already", field="run_id")
            connection.execute(runs.insert().values(_columns(run)))
            write(connection, run_id, encoded)
            return read_run(connection, run_id)

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
            stage = _existing_stage(connection, run_id)
            if values or update.deleted_tags:
                _check_active(run_id, stage)
            if update.lifecycle_stage is not None:
                values |= {"lifecycle_stage": str(update.lifecycle_stage), "deleted_with_experiment": 0}
            if values:
                connection.execute(runs.update().where(runs.c.run_id == run_id).values(values))
            delete_tags(connection, run_tags, run_id, update.deleted_tags)
            if update.run_name is not None:
                put_tags(connection, run_tags, run_id, {RUN_NAME_TAG: update.run_name})
            return read_run(connection, run_id)

    def log(self, run_id: str, batch: RunBatch) -> None:
        """Keep the whole batch or nothing of it."""
        encoded = encode(batch)
        with self._database.write() as connection:
            _check_active(run_id, _existing_stage(connection, run_id))
            write(connection, run_id, encoded)

    def search(self, query: Query) -> Page[Run]:
        """One page of the runs that match."""
        conditions = [
            runs.c.experiment_id.in_(query.experiment_ids)
            if len(query.experiment_ids) != 1
            else runs.c.experiment_id == query.experiment_ids[0],
            in_view(runs.c.lifecycle_stage, query.view),
        ]
        with self._database.read() as connection:
            rows, token = fetch_page(connection, query, RUN_ENTITY, *conditions, page_key=self._database.page_key)
            return Page(build_runs(connection, rows), token)

    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric in the order of step, timestamp and value."""
        with self._database.read() as connection:
            if _stage(connection, run_id) is None:
                raise NotFound(f"there is no run {run_id!r}")
            return read_history(
                connection, run_id, key, limit=max_results, page_token=page_token, page_key=self._database.page_key
            )

    def purge(self, run_id: str) -> None:
        """Remove a deleted run and all it logged for good."""
        with self._database.write() as connection:
            if _existing_stage(connection, run_id) != LifecycleStage.DELETED:
                raise Conflict(f"run {run_id} is active", hint="delete it first")
            connection.execute(runs.delete().where(runs.c.run_id == run_id))


def _stage(connection: sa.Connection, run_id: str) -> str | None:
    """The life-cycle stage of the run, which is locked until the commit; None if there is no such run."""
    stage: str | None = dialect.scalar(connection, _STAGE, run_id=run_id)
    return stage


def _existing_stage(connection: sa.Connection, run_id: str) -> str:
    stage = _stage(connection, run_id)
    if stage is None:
        raise NotFound(f"there is no run {run_id!r}")
    return stage


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
