"""Logged models in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import LifecycleStage, LoggedModel, Metric, Page
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import LoggedModelStore, LoggedModelUpdate
from windlass.search import Query
from windlass_sql.children import belongs_to_many, grouped, load_rows, load_texts
from windlass_sql.database import Database
from windlass_sql.experiments import check_active
from windlass_sql.logged_model_search import LOGGED_MODEL_ENTITY
from windlass_sql.numbers import decode
from windlass_sql.ordering import in_view
from windlass_sql.pages import fetch_page
from windlass_sql.retrying import retried
from windlass_sql.tables import logged_model_metrics, logged_model_params, logged_model_tags, logged_models
from windlass_sql.texts import add_params, delete_tags, put_tags

_METRICS = (
    sa.select(logged_model_metrics)
    .where(belongs_to_many(logged_model_metrics.c.model_id))
    .order_by(
        logged_model_metrics.c.key,
        sa.func.coalesce(logged_model_metrics.c.dataset_name, ""),
        sa.func.coalesce(logged_model_metrics.c.dataset_digest, ""),
        logged_model_metrics.c.run_id,
    )
)


@retried
class SqlLoggedModelStore(LoggedModelStore):
    """The logged models of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, model: LoggedModel) -> LoggedModel:
        """Keep a new logged model with its params and tags."""
        with self._database.write() as connection:
            check_active(connection, model.experiment_id)
            if _find(connection, model.model_id):
                raise AlreadyExists(f"logged model {model.model_id} exists already", field="model_id")
            connection.execute(logged_models.insert().values(_columns(model)))
            add_params(connection, logged_model_params, model.model_id, model.params, what="the logged model")
            put_tags(connection, logged_model_tags, model.model_id, model.tags)
            return _read(connection, model.model_id)

    def get(self, model_id: str) -> LoggedModel:
        """The logged model, deleted or not."""
        with self._database.read() as connection:
            return _read(connection, model_id)

    def update(self, model_id: str, update: LoggedModelUpdate) -> LoggedModel:
        """Change what `update` names."""
        changes = {
            "status": update.status,
            "status_message": update.status_message,
            "lifecycle_stage": update.lifecycle_stage or None,
        }
        values: dict[str, Any] = {name: str(value) for name, value in changes.items() if value is not None}
        if update.last_updated_timestamp:
            values["last_updated_timestamp"] = update.last_updated_timestamp
        with self._database.write() as connection:
            if not _find(connection, model_id):
                raise NotFound(f"there is no logged model {model_id!r}")
            if values:
                this = logged_models.c.model_id == model_id
                connection.execute(logged_models.update().where(this).values(values))
            add_params(connection, logged_model_params, model_id, update.params, what=f"logged model {model_id}")
            delete_tags(connection, logged_model_tags, model_id, update.deleted_tags)
            put_tags(connection, logged_model_tags, model_id, update.tags)
            return _read(connection, model_id)

    def search(self, query: Query) -> Page[LoggedModel]:
        """One page of the logged models that match."""
        conditions = [
            logged_models.c.experiment_id.in_(query.experiment_ids),
            in_view(logged_models.c.lifecycle_stage, query.view),
        ]
        with self._database.read() as connection:
            rows, token = fetch_page(
                connection, query, LOGGED_MODEL_ENTITY, *conditions, page_key=self._database.page_key
            )
            return Page(_build(connection, rows), token)

    def purge(self, model_id: str) -> None:
        """Remove a deleted logged model for good."""
        with self._database.write() as connection:
            if _read(connection, model_id).lifecycle_stage != LifecycleStage.DELETED:
                raise Conflict(f"logged model {model_id} is active", hint="delete it first")
            for table in (logged_model_metrics, logged_models):
                connection.execute(table.delete().where(table.c.model_id == model_id))


def _find(connection: sa.Connection, model_id: str) -> Sequence[sa.Row[Any]]:
    statement = sa.select(logged_models).where(logged_models.c.model_id == model_id)
    return connection.execute(statement.with_for_update()).all()


def _read(connection: sa.Connection, model_id: str) -> LoggedModel:
    rows = connection.execute(sa.select(logged_models).where(logged_models.c.model_id == model_id)).all()
    if not rows:
        raise NotFound(f"there is no logged model {model_id!r}")
    return _build(connection, rows)[0]


def _build(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[LoggedModel]:
    ids = [row.model_id for row in rows]
    params = load_texts(connection, logged_model_params, ids)
    tags = load_texts(connection, logged_model_tags, ids)
    points = grouped((row.model_id, _metric(row)) for row in load_rows(connection, _METRICS, ids))
    return [
        LoggedModel(
            **{name: getattr(row, name) for name in logged_models.columns.keys()},  # noqa: SIM118  no dict
            params=params.get(row.model_id, {}),
            tags=tags.get(row.model_id, {}),
            metrics=tuple(points.get(row.model_id, ())),
        )
        for row in rows
    ]


def _metric(row: sa.Row[Any]) -> Metric:
    value = decode(row.kind, row.value)
    return Metric(row.key, value, row.timestamp, row.step, row.model_id, row.dataset_name, row.dataset_digest)


def _columns(model: LoggedModel) -> dict[str, Any]:
    return {
        "model_id": model.model_id,
        "experiment_id": model.experiment_id,
        "name": model.name,
        "artifact_location": model.artifact_location,
        "creation_timestamp": model.creation_timestamp,
        "last_updated_timestamp": model.last_updated_timestamp,
        "source_run_id": model.source_run_id,
        "model_type": model.model_type,
        "status": str(model.status),
        "status_message": model.status_message,
        "lifecycle_stage": str(model.lifecycle_stage),
    }
