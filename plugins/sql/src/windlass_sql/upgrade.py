"""Upgrading a database to this release's schema; the only module that needs alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from windlass.config import Settings
from windlass.uri import Uri
from windlass_sql import maintenance
from windlass_sql.database import Database
from windlass_sql.schema import HEAD, create, revision, version_table

VERSION_TABLE = version_table.name


def upgrade(uri: Uri, settings: Settings) -> tuple[str, str]:
    """Run the migrations that the database lacks; the revisions before (empty if it was new) and after."""
    database = Database.connect(uri, settings, patient=True)
    try:
        with database.read() as connection:
            before = revision(connection)
        if not before:
            create(database, settings)
        elif before != HEAD:
            migrate(database)
        with database.read() as connection:
            return before, revision(connection)
    finally:
        database.close()


def migrate(database: Database, target: str = "head") -> None:
    """Run the migrations that are missing, in one transaction; of several processes at once one does it."""
    with database.write() as connection, maintenance.schema_lock(connection):
        migrate_on(connection, target)


def migrate_on(connection: sa.Connection, target: str) -> None:
    """Run the migrations that are missing in a transaction that has the schema's lock."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def known_revisions() -> set[str]:
    """All revisions that this release can upgrade from."""
    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def alembic_config() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
