"""SqlModelRegistry: registered models and their versions in a SQL database."""

from __future__ import annotations

from typing import Self

from windlass.config import Settings
from windlass.interfaces import ModelRegistry
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.model_versions import SqlModelVersionStore
from windlass_sql.registered_models import SqlRegisteredModelStore
from windlass_sql.schema import open_database


class SqlModelRegistry(ModelRegistry):
    """Keeps everything in one database, which may be the tracking store's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._models = SqlRegisteredModelStore(database)
        self._versions = SqlModelVersionStore(database)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the database that `uri` names, creating the tables in an empty one."""
        return cls(open_database(uri, settings))

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the database to this release's schema."""
        from windlass_sql.upgrade import upgrade  # noqa: PLC0415  alembic is only needed here

        return upgrade(uri, settings)

    @property
    def models(self) -> SqlRegisteredModelStore:
        """The registered models."""
        return self._models

    @property
    def versions(self) -> SqlModelVersionStore:
        """Their versions."""
        return self._versions

    def close(self) -> None:
        """Close all connections."""
        self._database.close()
