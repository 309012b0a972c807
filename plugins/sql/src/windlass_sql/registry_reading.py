"""Building registered models and versions from rows, and finding the row of a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import ModelVersion, RegisteredModel
from windlass.errors import NotFound
from windlass_sql.children import belongs_to_many, grouped, load_rows, load_texts
from windlass_sql.tables import (
    aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)

VERSION_COLUMNS = (registered_models.c.name, *model_versions.columns)
VERSION_SOURCE = model_versions.join(registered_models)
_NEWEST = (
    sa.select(model_versions.c.owner, sa.func.max(model_versions.c.version).label("version"))
    .where(belongs_to_many(model_versions.c.owner))
    .group_by(model_versions.c.owner, model_versions.c.current_stage)
    .subquery()
)
_LATEST = (
    sa.select(*VERSION_COLUMNS)
    .select_from(
        VERSION_SOURCE.join(
            _NEWEST,
            sa.and_(model_versions.c.owner == _NEWEST.c.owner, model_versions.c.version == _NEWEST.c.version),
        )
    )
    .order_by(model_versions.c.version)
)
_ALIASES = sa.select(aliases).where(belongs_to_many(aliases.c.owner)).order_by(aliases.c.alias)
_TAGS = sa.select(model_version_tags).where(belongs_to_many(model_version_tags.c.owner))
_Rows = Sequence[sa.Row[Any]]
_Key = tuple[str, int]


def find_model(connection: sa.Connection, name: str) -> sa.Row[Any]:
    """The row of a model, locked until the commit of a transaction that writes; NotFound if there is none."""
    statement = sa.select(registered_models).where(registered_models.c.name == name).with_for_update()
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"there is no registered model named {name!r}")
    return row


def read_model(connection: sa.Connection, name: str) -> RegisteredModel:
    """The model with its aliases and the newest version of each stage."""
    rows = connection.execute(sa.select(registered_models).where(registered_models.c.name == name)).all()
    if not rows:
        raise NotFound(f"there is no registered model named {name!r}")
    return build_models(connection, rows)[0]


def read_version(connection: sa.Connection, name: str, version: int) -> ModelVersion:
    """The version; NotFound if there is none."""
    statement = sa.select(*VERSION_COLUMNS).select_from(VERSION_SOURCE)
    this = sa.and_(registered_models.c.name == name, model_versions.c.version == version)
    rows = connection.execute(statement.where(this)).all()
    if not rows:
        read_model(connection, name)
        raise NotFound(f"registered model {name!r} has no version {version}")
    return build_versions(connection, rows)[0]


def build_models(connection: sa.Connection, rows: _Rows) -> list[RegisteredModel]:
    """The models of these rows, in their order."""
    ids = [row.id for row in rows]
    tags, latest = load_texts(connection, registered_model_tags, ids), _latest(connection, ids)
    of_aliases = grouped((row.owner, (row.alias, row.version)) for row in load_rows(connection, _ALIASES, ids))
    return [
        RegisteredModel(
            name=row.name,
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            description=row.description,
            tags=tags.get(row.id, {}),
            aliases=dict(of_aliases.get(row.id, ())),
            latest_versions=tuple(latest.get(row.id, ())),
        )
        for row in rows
    ]


def build_versions(connection: sa.Connection, rows: _Rows) -> list[ModelVersion]:
    """The versions of these rows of VERSION_SOURCE, in their order."""
    owners = list(dict.fromkeys(row.owner for row in rows))
    tags = _version_tags(connection, owners, {(row.owner, row.version) for row in rows})
    of_aliases: dict[_Key, list[str]] = {}
    for row in load_rows(connection, _ALIASES, owners):
        of_aliases.setdefault((row.owner, row.version), []).append(row.alias)
    return [
        ModelVersion(
            name=row.name,
            version=row.version,
            source=row.source,
            run_id=row.run_id,
            model_id=row.model_id,
            run_link=row.run_link,
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            description=row.description,
            user_id=row.user_id,
            current_stage=row.current_stage,
            status=row.status,
            status_message=row.status_message,
            tags=tags.get((row.owner, row.version), {}),
            aliases=tuple(of_aliases.get((row.owner, row.version), ())),
        )
        for row in rows
    ]


def _version_tags(connection: sa.Connection, owners: Sequence[str], wanted: set[_Key]) -> Mapping[_Key, dict[str, str]]:
    numbers = sorted({version for _, version in wanted})
    # The numbers narrow down the tags of a model with many versions; a few too many do no harm.
    between = model_version_tags.c.version.between(numbers[0], numbers[-1]) if numbers else sa.true()
    found: dict[_Key, dict[str, str]] = {}
    for row in load_rows(connection, _TAGS.where(between), owners):
        found.setdefault((row.owner, row.version), {})[row.key] = row.value
    return found


def _latest(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, list[ModelVersion]]:
    """The newest version of each stage by model, the oldest of them first."""
    rows = list(load_rows(connection, _LATEST, ids))
    return grouped(zip((row.owner for row in rows), build_versions(connection, rows), strict=True))
