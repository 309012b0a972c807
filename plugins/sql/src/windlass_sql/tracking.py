"""SqlTrackingStore: experiments, runs and logged models in a SQL database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from windlass.config import Settings
from windlass.interfaces import BackupSummary, DatabaseFindings, TrackingStore
from windlass.uri import Uri
from windlass_sql import dialect
from windlass_sql.database import Database
from windlass_sql.experiments import SqlExperimentStore
from windlass_sql.logged_models import SqlLoggedModelStore
from windlass_sql.runs import SqlRunStore
from windlass_sql.schema import exists, open_database


class SqlTrackingStore(TrackingStore):
    """Keeps everything in one database, SQLite or a server."""

    def __init__(self, database: Database, *, at_once: bool = False) -> None:
        self._database = database
        self._at_once = at_once
        self._experiments = SqlExperimentStore(database)
        self._runs = SqlRunStore(database)
        self._logged_models = SqlLoggedModelStore(database)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the database that `uri` names, creating the tables in an empty one."""
        return cls(open_database(uri, settings), at_once=settings.sqlite_synchronous == "normal")

    @classmethod
    def exists(cls, uri: Uri, settings: Settings) -> bool:
        """Whether there is such a database."""
        return exists(uri, settings)

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the database to this release's schema."""
        from windlass_sql.upgrade import upgrade  # noqa: PLC0415  alembic is only needed here

        return upgrade(uri, settings)

    @classmethod
    def check(cls, uri: Uri, settings: Settings) -> DatabaseFindings:
        """Look through the whole database for damage."""
        from windlass_sql.checking import check  # noqa: PLC0415  only needed here

        return check(uri, settings)

    @classmethod
    def backup(cls, uri: Uri, settings: Settings, path: Path) -> BackupSummary:
        """Write the database to a new file, SQLite as a SQLite file and others as a portable dump."""
        from windlass_sql.backup import backup  # noqa: PLC0415  only needed here

        return backup(uri, settings, path)

    @classmethod
    def restore(cls, uri: Uri, settings: Settings, path: Path) -> BackupSummary:
        """Put a backup of any kind into an empty database."""
        from windlass_sql.restore import restore  # noqa: PLC0415  alembic is only needed here

        return restore(uri, settings, path)

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

    @property
    def writes_alone(self) -> bool:
        """SQLite has one writer at a time."""
        return dialect.is_sqlite(self._database.engine)

    @property
    def writes_at_once(self) -> bool:
        """SQLite leaves a commit to the operating system, unless it was told to wait for the disk."""
        return self.writes_alone and self._at_once

    def write_group(self, *, wait: bool = True) -> AbstractContextManager[None]:
        """Make the writes of this thread inside of the block one transaction."""
        return self._database.group(wait=wait)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()
