"""Model versions in SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from windlass.entities import ModelStage, ModelVersion, Page
from windlass.errors import NotFound
from windlass.interfaces import ModelVersionStore, ModelVersionUpdate
from windlass.search import FieldKind, Query
from windlass_sql import inserts
from windlass_sql.children import chunks
from windlass_sql.database import Database
from windlass_sql.pages import fetch_page
from windlass_sql.registry_reading import VERSION_COLUMNS, VERSION_SOURCE, build_versions, find_model, read_version
from windlass_sql.retrying import retried
from windlass_sql.searchable import Condition, Searchable, Texts
from windlass_sql.tables import model_version_tags, model_versions, registered_models

_ATTRIBUTES = (
    "version",
    "creation_timestamp",
    "last_updated_timestamp",
    "run_id",
    "source",
    "model_id",
    "current_stage",
    "status",
    "description",
    "user_id",
)


def _tags_belong(table: sa.FromClause) -> Condition:
    return sa.and_(table.c.owner == model_versions.c.owner, table.c.version == model_versions.c.version)


_ENTITY = Searchable(
    name="model_versions",
    source=VERSION_SOURCE,
    columns=VERSION_COLUMNS,
    attributes={"name": registered_models.c.name} | {name: model_versions.c[name] for name in _ATTRIBUTES},
    texts={FieldKind.TAG: Texts(model_version_tags, _tags_belong)},
)


@retried
class SqlModelVersionStore(ModelVersionStore):
    """The versions of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, version: ModelVersion) -> ModelVersion:
        """Keep a new version under the next number."""
        with self._database.write() as connection:
            model = find_model(connection, version.name)
            number = model.last_version + 1
            _touch(connection, model, version.creation_timestamp, last_version=number)
            connection.execute(model_versions.insert().values(_columns(version, model.id, number)))
            _put_tags(connection, model.id, number, version.tags)
            return read_version(connection, version.name, number)

    def get(self, name: str, version: int) -> ModelVersion:
        """The version."""
        with self._database.read() as connection:
            return read_version(connection, name, version)

    def update(self, name: str, version: int, update: ModelVersionUpdate) -> ModelVersion:
        """Change what `update` names."""
        with self._database.write() as connection:
            model = find_model(connection, name)
            read_version(connection, name, version)
            this = _this(model.id, version)
            if values := _changes(update):
                connection.execute(model_versions.update().where(this).values(values))
            if update.stage is not None:
                if update.archive_others:
                    _archive_others(connection, model.id, version, update)
                _touch(connection, model, update.last_updated_timestamp)
            tags = model_version_tags.c
            for some in chunks(update.deleted_tags):
                connection.execute(
                    model_version_tags.delete().where(
                        tags.owner == model.id, tags.version == version, tags.key.in_(some)
                    )
                )
            _put_tags(connection, model.id, version, update.tags)
            return read_version(connection, name, version)

    def delete(self, name: str, version: int) -> None:
        """Remove the version and its aliases for good."""
        with self._database.write() as connection:
            model = find_model(connection, name)
            if connection.execute(model_versions.delete().where(_this(model.id, version))).rowcount == 0:
                raise NotFound(f"registered model {name!r} has no version {version}")

    def last_number(self, name: str) -> int:
        """The highest number that a version of the model ever had."""
        with self._database.read() as connection:
            statement = sa.select(registered_models.c.last_version).where(registered_models.c.name == name)
            number = connection.execute(statement).scalar()
        if number is None:
            raise NotFound(f"there is no registered model named {name!r}")
        return int(number)

    def reserve(self, name: str, number: int) -> None:
        """Give no version a number up to this one any more."""
        with self._database.write() as connection:
            model = find_model(connection, name)
            this = registered_models.c.id == model.id
            last = max(model.last_version, number)
            connection.execute(registered_models.update().where(this).values(last_version=last))

    def search(self, query: Query) -> Page[ModelVersion]:
        """One page of the versions that match."""
        with self._database.read() as connection:
            rows, token = fetch_page(connection, query, _ENTITY, page_key=self._database.page_key)
            return Page(build_versions(connection, rows), token)


def _this(owner: str, version: int) -> Condition:
    return sa.and_(model_versions.c.owner == owner, model_versions.c.version == version)


def _columns(version: ModelVersion, owner: str, number: int) -> dict[str, Any]:
    return {
        "owner": owner,
        "version": number,
        "source": version.source,
        "run_id": version.run_id,
        "model_id": version.model_id,
        "run_link": version.run_link,
        "creation_timestamp": version.creation_timestamp,
        "last_updated_timestamp": version.last_updated_timestamp,
        "description": version.description,
        "user_id": version.user_id,
        "current_stage": str(version.current_stage),
        "status": str(version.status),
        "status_message": version.status_message,
    }


def _changes(update: ModelVersionUpdate) -> dict[str, Any]:
    changes = {
        "description": update.description,
        "current_stage": update.stage,
        "status": update.status,
        "status_message": update.status_message,
    }
    values: dict[str, Any] = {name: str(value) for name, value in changes.items() if value is not None}
    if update.last_updated_timestamp:
        values["last_updated_timestamp"] = update.last_updated_timestamp
    return values


def _archive_others(connection: sa.Connection, owner: str, version: int, update: ModelVersionUpdate) -> None:
    others = sa.and_(
        model_versions.c.owner == owner,
        model_versions.c.version != version,
        model_versions.c.current_stage == str(update.stage),
    )
    values: dict[str, Any] = {"current_stage": str(ModelStage.ARCHIVED)}
    if update.last_updated_timestamp:
        values["last_updated_timestamp"] = update.last_updated_timestamp
    connection.execute(model_versions.update().where(others).values(values))


def _touch(connection: sa.Connection, model: sa.Row[Any], time: int, **values: int) -> None:
    """Note that something about the model changed at this time."""
    latest = max(model.last_updated_timestamp, time)
    this = registered_models.c.id == model.id
    connection.execute(registered_models.update().where(this).values(last_updated_timestamp=latest, **values))


def _put_tags(connection: sa.Connection, owner: str, version: int, tags: Any) -> None:
    if tags:
        inserts.put(connection, model_version_tags, [(owner, version, key, value) for key, value in tags.items()])
