"""Upgrading a database to this release's schema; the only module that needs alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from windlass.config import Settings
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.schema import HEAD, create, revision, version_table

VERSION_TABLE = version_table.name


def upgrade(uri: Uri, settings: Settings) -> tuple[str, str]:
    """Run the migrations that the database lacks; the revisions before (empty if it was new) and after."""
    database = Database.connect(uri, settings)
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
    """Run migrations in one transaction."""
    config = alembic_config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def alembic_config() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
