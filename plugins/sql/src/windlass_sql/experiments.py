"""Experiments in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import Experiment, LifecycleStage, Page
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import ExperimentStore, ExperimentUpdate
from windlass.search import FieldKind, Query
from windlass_sql import dialect
from windlass_sql.children import load_texts
from windlass_sql.database import Database
from windlass_sql.ordering import in_view
from windlass_sql.pages import fetch_page
from windlass_sql.retrying import retried
from windlass_sql.searchable import Searchable, Texts
from windlass_sql.tables import experiment_tags, experiments, logged_model_metrics, logged_models, runs
from windlass_sql.texts import delete_tags, put_tags

_STAGE = (
    sa.select(experiments.c.lifecycle_stage)
    .where(experiments.c.experiment_id == sa.bindparam("experiment_id"))
    .with_for_update(read=True)
)
_ENTITY = Searchable(
    name="experiments",
    source=experiments,
    columns=tuple(experiments.columns),
    attributes={column.name: column for column in experiments.columns},
    texts={
        FieldKind.TAG: Texts(experiment_tags, lambda tags: tags.c.experiment_id == experiments.c.experiment_id),
    },
)


@retried
class SqlExperimentStore(ExperimentStore):
    """The experiments of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, experiment: Experiment) -> Experiment:
        """Keep a new experiment."""
        with self._database.write() as connection:
            if _by_id(connection, experiment.experiment_id) is not None:
                raise AlreadyExists(f"experiment {experiment.experiment_id} exists already", field="experiment_id")
            _check_name(connection, experiment.name)
            connection.execute(
                experiments.insert().values(
                    experiment_id=experiment.experiment_id,
                    name=experiment.name,
                    artifact_location=experiment.artifact_location,
                    lifecycle_stage=str(experiment.lifecycle_stage),
                    creation_time=experiment.creation_time,
                    last_update_time=experiment.last_update_time,
                )
            )
            put_tags(connection, experiment_tags, experiment.experiment_id, experiment.tags)
            return _read(connection, experiment.experiment_id)

    def get(self, experiment_id: str) -> Experiment:
        """The experiment, deleted or not."""
        with self._database.read() as connection:
            return _read(connection, experiment_id)

    def get_by_name(self, name: str) -> Experiment:
        """The experiment of this name, deleted or not."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(experiments).where(experiments.c.name == name)).all()
            if not rows:
                raise NotFound(f"there is no experiment named {name!r}")
            return _build(connection, rows)[0]

    def update(self, experiment_id: str, update: ExperimentUpdate) -> Experiment:
        """Change what `update` names."""
        with self._database.write() as connection:
            old = _read(connection, experiment_id)
            if update.name is not None and update.name != old.name:
                _check_name(connection, update.name)
            values = {
                "name": old.name if update.name is None else update.name,
                "lifecycle_stage": str(update.lifecycle_stage or old.lifecycle_stage),
                "last_update_time": update.last_update_time or old.last_update_time,
            }
            this = experiments.c.experiment_id == experiment_id
            connection.execute(experiments.update().where(this).values(values))
            delete_tags(connection, experiment_tags, experiment_id, update.deleted_tags)
            put_tags(connection, experiment_tags, experiment_id, update.tags)
            if update.lifecycle_stage is not None:
                _take_runs_along(connection, experiment_id, str(update.lifecycle_stage))
            return _read(connection, experiment_id)

    def search(self, query: Query) -> Page[Experiment]:
        """One page of the experiments that match."""
        with self._database.read() as connection:
            view = in_view(experiments.c.lifecycle_stage, query.view)
            rows, token = fetch_page(connection, query, _ENTITY, view, page_key=self._database.page_key)
            return Page(_build(connection, rows), token)

    def purge(self, experiment_id: str) -> None:
        """Remove a deleted experiment with its runs and logged models for good."""
        with self._database.write() as connection:
            if _read(connection, experiment_id).lifecycle_stage != LifecycleStage.DELETED:
                raise Conflict(f"experiment {experiment_id} is active", hint="delete it first")
            models = sa.select(logged_models.c.model_id).where(logged_models.c.experiment_id == experiment_id)
            connection.execute(logged_model_metrics.delete().where(logged_model_metrics.c.model_id.in_(models)))
            for table in (logged_models, runs, experiments):
                connection.execute(table.delete().where(table.c.experiment_id == experiment_id))


def check_active(connection: sa.Connection, experiment_id: str) -> None:
    """Raise NotFound or Conflict if something new cannot go into this experiment; it stays so until the commit."""
    stage = dialect.scalar(connection, _STAGE, experiment_id=experiment_id)
    if stage is None:
        raise NotFound(f"there is no experiment {experiment_id!r}")
    if stage != LifecycleStage.ACTIVE:
        raise Conflict(f"experiment {experiment_id} is deleted", hint="restore it, or use another")


def _by_id(connection: sa.Connection, experiment_id: str) -> sa.Row[Any] | None:
    statement = sa.select(experiments).where(experiments.c.experiment_id == experiment_id)
    return connection.execute(statement.with_for_update()).one_or_none()


def _read(connection: sa.Connection, experiment_id: str) -> Experiment:
    rows = connection.execute(sa.select(experiments).where(experiments.c.experiment_id == experiment_id)).all()
    if not rows:
        raise NotFound(f"there is no experiment {experiment_id!r}")
    return _build(connection, rows)[0]


def _build(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Experiment]:
    tags = load_texts(connection, experiment_tags, [row.experiment_id for row in rows])
    return [
        Experiment(
            experiment_id=row.experiment_id,
            name=row.name,
            artifact_location=row.artifact_location,
            lifecycle_stage=row.lifecycle_stage,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            tags=tags.get(row.experiment_id, {}),
        )
        for row in rows
    ]


def _check_name(connection: sa.Connection, name: str) -> None:
    if connection.execute(sa.select(experiments.c.name).where(experiments.c.name == name)).first() is not None:
        raise AlreadyExists(f"an experiment named {name!r} exists already, perhaps deleted", field="name")


def _take_runs_along(connection: sa.Connection, experiment_id: str, stage: str) -> None:
    """Delete the active runs of a deleted experiment; revive those of a restored one that went with it."""
    statement = runs.update().where(runs.c.experiment_id == experiment_id)
    if stage == LifecycleStage.DELETED:
        statement = statement.where(runs.c.lifecycle_stage == str(LifecycleStage.ACTIVE))
    else:
        statement = statement.where(runs.c.deleted_with_experiment == 1)
    deleted = int(stage == LifecycleStage.DELETED)
    connection.execute(statement.values(lifecycle_stage=stage, deleted_with_experiment=deleted))
