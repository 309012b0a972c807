"""The schema: creating it in an empty database, and telling whether it is this release's."""

from __future__ import annotations

import secrets
import time

import sqlalchemy as sa

from windlass.config import Settings
from windlass.entities import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, LifecycleStage
from windlass.errors import NotFound, SchemaOutdated
from windlass.uri import Uri, join
from windlass_sql import dialect, maintenance, tables
from windlass_sql.database import Database
from windlass_sql.retrying import again

HEAD = "0005"
"""The revision that this release wants; the newest of the migrations."""

version_table = sa.Table(
    "windlass_sql_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    # As alembic calls it.
    sa.PrimaryKeyConstraint("version_num", name="windlass_sql_version_pkc"),
)
_PAGE_KEY = "page_key"
_OF_MLFLOW = "latest_metrics"


def open_database(uri: Uri, settings: Settings) -> Database:
    """Connect, create the schema if the database is empty, and check that it is this release's."""
    database = Database.connect(uri, settings)
    try:
        _prepare(database, settings)
        database.page_key = _read_page_key(database)
    except BaseException:
        database.close()
        raise
    return database


def existing_database(uri: Uri, settings: Settings) -> Database:
    """Connect without creating anything; NotFound if it is a SQLite file that is not there."""
    database = Database.connect(uri, settings, create=False, patient=True)
    file = dialect.sqlite_file(database.engine.url)
    if file is not None and not file.exists():
        database.close()
        raise NotFound(f"there is no database {database.place}")
    return database


def exists(uri: Uri, settings: Settings) -> bool:
    """Whether there is a database of ours, of whatever release, or one of MLflow, which opening it says; makes none."""
    try:
        database = existing_database(uri, settings)
    except NotFound:
        return False
    try:
        with database.read() as connection:
            return bool(revision(connection)) or _is_of_mlflow(connection)
    finally:
        database.close()


@again
def _prepare(database: Database, settings: Settings) -> None:
    """Create the schema in an empty database; SchemaOutdated if there is another one."""
    with database.read() as connection:
        found = revision(connection)
        foreign = not found and _is_of_mlflow(connection)
    if foreign:
        raise SchemaOutdated(
            f"the database {database.place} holds the tables of an MLflow server",
            hint="give Windlass a database of its own",
        )
    if not found:
        create(database, settings)
    elif found != HEAD:
        raise SchemaOutdated(
            f"the database {database.place} has the schema {found}, this release wants {HEAD}",
            hint=f"windlass db upgrade '{database.place}'" if found < HEAD else "it is newer: use a newer release",
        )


def _is_of_mlflow(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table(_OF_MLFLOW)


def revision(connection: sa.Connection) -> str:
    """The revision of the database, empty if it has none."""
    if not sa.inspect(connection).has_table(version_table.name):
        return ""
    return connection.execute(sa.select(version_table.c.version_num)).scalar() or ""


def create(database: Database, settings: Settings) -> None:
    """Create everything that is missing; of several processes at once one does it and the others wait."""
    with database.write() as connection, maintenance.schema_lock(connection):
        if revision(connection):
            return
        tables.metadata.create_all(connection)
        version_table.create(connection, checkfirst=True)
        connection.execute(version_table.insert().values(version_num=HEAD))
        fill(connection, settings)


def fill(connection: sa.Connection, settings: Settings) -> None:
    """Put into new tables what is there from the beginning."""
    now = int(time.time() * 1000)
    connection.execute(tables.settings.insert().values(name=_PAGE_KEY, value=secrets.token_hex(32)))
    connection.execute(
        tables.experiments.insert().values(
            experiment_id=DEFAULT_EXPERIMENT_ID,
            name=DEFAULT_EXPERIMENT_NAME,
            artifact_location=join(settings.default_artifact_root, DEFAULT_EXPERIMENT_ID),
            lifecycle_stage=str(LifecycleStage.ACTIVE),
            creation_time=now,
            last_update_time=now,
        )
    )


@again
def _read_page_key(database: Database) -> bytes:
    key = sa.select(tables.settings.c.value).where(tables.settings.c.name == _PAGE_KEY)
    with database.read() as connection:
        return bytes.fromhex(connection.execute(key).scalar_one())
