"""Registered models in SQL."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from windlass.entities import Page, RegisteredModel
from windlass.errors import AlreadyExists, NotFound
from windlass.interfaces import RegisteredModelStore, RegisteredModelUpdate
from windlass.search import FieldKind, Query
from windlass_sql import inserts
from windlass_sql.children import chunks
from windlass_sql.database import Database
from windlass_sql.pages import fetch_page
from windlass_sql.registry_reading import build_models, find_model, read_model
from windlass_sql.retrying import retried
from windlass_sql.searchable import Searchable, Texts
from windlass_sql.tables import aliases, model_versions, registered_model_tags, registered_models
from windlass_sql.texts import delete_tags, put_tags

_ENTITY = Searchable(
    name="registered_models",
    source=registered_models,
    columns=tuple(registered_models.columns),
    attributes={
        name: registered_models.c[name]
        for name in ("name", "description", "creation_timestamp", "last_updated_timestamp")
    },
    texts={FieldKind.TAG: Texts(registered_model_tags, lambda tags: tags.c.owner == registered_models.c.id)},
)


@retried
class SqlRegisteredModelStore(RegisteredModelStore):
    """The registered models of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, model: RegisteredModel) -> RegisteredModel:
        """Keep a new registered model with its tags."""
        with self._database.write() as connection:
            _check_name(connection, model.name)
            own_id = secrets.token_hex(16)
            connection.execute(
                registered_models.insert().values(
                    id=own_id,
                    name=model.name,
                    creation_timestamp=model.creation_timestamp,
                    last_updated_timestamp=model.last_updated_timestamp,
                    description=model.description,
                    last_version=0,
                )
            )
            put_tags(connection, registered_model_tags, own_id, model.tags)
            return read_model(connection, model.name)

    def get(self, name: str) -> RegisteredModel:
        """The model with its aliases and the newest version of each stage."""
        with self._database.read() as connection:
            return read_model(connection, name)

    def update(self, name: str, update: RegisteredModelUpdate) -> RegisteredModel:
        """Change what `update` names."""
        with self._database.write() as connection:
            row = find_model(connection, name)
            if update.name is not None and update.name != name:
                _check_name(connection, update.name)
            if values := _changes(update):
                connection.execute(registered_models.update().where(registered_models.c.id == row.id).values(values))
            delete_tags(connection, registered_model_tags, row.id, update.deleted_tags)
            put_tags(connection, registered_model_tags, row.id, update.tags)
            for some in chunks(update.deleted_aliases):
                connection.execute(aliases.delete().where(aliases.c.owner == row.id, aliases.c.alias.in_(some)))
            _set_aliases(connection, name, row.id, update.aliases)
            return read_model(connection, name if update.name is None else update.name)

    def delete(self, name: str) -> None:
        """Remove the model with all its versions for good."""
        with self._database.write() as connection:
            row = find_model(connection, name)
            connection.execute(registered_models.delete().where(registered_models.c.id == row.id))

    def search(self, query: Query) -> Page[RegisteredModel]:
        """One page of the models that match."""
        with self._database.read() as connection:
            rows, token = fetch_page(connection, query, _ENTITY, page_key=self._database.page_key)
            return Page(build_models(connection, rows), token)


def _changes(update: RegisteredModelUpdate) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if update.name is not None:
        values["name"] = update.name
    if update.description is not None:
        values["description"] = update.description
    if update.last_updated_timestamp:
        values["last_updated_timestamp"] = update.last_updated_timestamp
    return values


def _check_name(connection: sa.Connection, name: str) -> None:
    statement = sa.select(registered_models.c.id).where(registered_models.c.name == name)
    if connection.execute(statement).first() is not None:
        raise AlreadyExists(f"a registered model named {name!r} exists already", field="name")


def _set_aliases(connection: sa.Connection, name: str, own_id: str, given: Mapping[str, int]) -> None:
    for version in set(given.values()):
        statement = sa.select(model_versions.c.version).where(
            model_versions.c.owner == own_id, model_versions.c.version == version
        )
        if connection.execute(statement).first() is None:
            raise NotFound(f"registered model {name!r} has no version {version}")
    if given:
        inserts.put(connection, aliases, [(own_id, alias, version) for alias, version in given.items()])
