"""SqlTrackingStore: experiments, runs and logged models in a SQL database."""

from __future__ import annotations

from typing import Self

from windlass.config import Settings
from windlass.interfaces import TrackingStore
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.experiments import SqlExperimentStore
from windlass_sql.logged_models import SqlLoggedModelStore
from windlass_sql.runs import SqlRunStore
from windlass_sql.schema import open_database


class SqlTrackingStore(TrackingStore):
    """Keeps everything in one database, SQLite or a server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._experiments = SqlExperimentStore(database)
        self._runs = SqlRunStore(database)
        self._logged_models = SqlLoggedModelStore(database)

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
    def experiments(self) -> SqlExperimentStore:
        """The experiments."""
        return self._experiments

    @property
    def runs(self) -> SqlRunStore:
        """The runs."""
        return self._runs

    @property
    def logged_models(self) -> SqlLoggedModelStore:
        """The logged models."""
        return self._logged_models

    def close(self) -> None:
        """Close all connections."""
        self._database.close()
