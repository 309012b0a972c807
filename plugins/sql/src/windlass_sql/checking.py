"""Checking a database: its schema, its file, and whether its rows fit together."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from windlass.config import Settings
from windlass.errors import NotFound
from windlass.interfaces import DatabaseFindings
from windlass.uri import Uri
from windlass_sql import maintenance
from windlass_sql.database import Database
from windlass_sql.schema import HEAD, existing_database, revision
from windlass_sql.tables import latest_metrics, metadata, model_versions, params, registered_models, run_tags, runs


def check(uri: Uri, settings: Settings) -> DatabaseFindings:
    """Look through the database; NotFound if there is none."""
    database = existing_database(uri, settings)
    try:
        with database.read() as connection:
            found = revision(connection)
            if not found:
                raise NotFound(
                    f"the database {database.place} is empty", hint=f"windlass db upgrade '{database.place}'"
                )
            return DatabaseFindings(found, HEAD, tuple(_problems(connection, database, found)))
    finally:
        database.close()


def _problems(connection: sa.Connection, database: Database, found: str) -> Iterator[str]:
    yield from maintenance.damage(connection)
    if found != HEAD:
        hint = f"windlass db upgrade '{database.place}'" if found < HEAD else "use a newer release"
        yield f"the schema is {found}, not {HEAD}: {hint}"
        # Of other schemas this release does not know what belongs together.
        return
    missing = set(metadata.tables) - set(sa.inspect(connection).get_table_names())
    if missing:
        yield f"tables are missing: {', '.join(sorted(missing))}"
        return
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=str):
            yield from _orphans(connection, key)
    for table in (latest_metrics, params, run_tags):
        yield from _misplaced(connection, table)
    yield from _numbers_in_use(connection)


def _orphans(connection: sa.Connection, key: sa.ForeignKeyConstraint) -> Iterator[str]:
    """Rows whose owner is gone."""
    owner = key.referred_table.alias()
    pairs = [(element.parent, owner.c[element.column.name]) for element in key.elements]
    statement = (
        sa.select(sa.func.count())
        .select_from(key.table.outerjoin(owner, sa.and_(*(mine == theirs for mine, theirs in pairs))))
        .where(pairs[0][1].is_(None), pairs[0][0].is_not(None))
    )
    if count := connection.execute(statement).scalar_one():
        yield f"{key.table.name}: {count} rows belong to something in {key.referred_table.name} that is gone"


def _misplaced(connection: sa.Connection, table: sa.Table) -> Iterator[str]:
    """Values that have another experiment or start time beside them than their run, so that searches miss them."""
    elsewhere = sa.or_(table.c.experiment_id != runs.c.experiment_id, table.c.start_time != runs.c.start_time)
    joined = table.join(runs, table.c.run_id == runs.c.run_id)
    if count := connection.execute(sa.select(sa.func.count()).select_from(joined).where(elsewhere)).scalar_one():
        yield f"{table.name}: {count} rows do not stand where their run does"


def _numbers_in_use(connection: sa.Connection) -> Iterator[str]:
    """Models whose next version would get a number that is taken."""
    statement = (
        sa.select(registered_models.c.name)
        .join_from(registered_models, model_versions)
        .where(model_versions.c.version > registered_models.c.last_version)
        .distinct()
    )
    for name in connection.execute(statement).scalars():
        yield f"registered model {name!r} has versions beyond its highest number"
