"""What a store can do whose data is in a database: be checked, backed up and restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from windlass.config import Settings
from windlass.uri import Uri


@dataclass(frozen=True, slots=True)
class DatabaseFindings:
    """What a check found: the schema's revision, that of this release, and all that is wrong, one sentence each."""

    revision: str
    wanted: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What is in a backup: the schema's revision and how many rows each table has."""

    revision: str
    rows: Mapping[str, int]


@runtime_checkable
class SupportsCheck(Protocol):
    """A store whose data can be looked through for damage; implemented by the class, not by an open store."""

    @classmethod
    def check(cls, uri: Uri, settings: Settings) -> DatabaseFindings:
        """Read everything, change nothing; NotFound if there is no such database."""
        ...


@runtime_checkable
class SupportsBackup(Protocol):
    """A store that can be copied to a file while it is used; implemented by the class, not by an open store."""

    @classmethod
    def backup(cls, uri: Uri, settings: Settings, path: Path) -> BackupSummary:
        """Write all of one moment to a new file, which appears when it is complete and has been read back.

        AlreadyExists if there is such a file, NotFound if there is no such database.
        """
        ...

    @classmethod
    def restore(cls, uri: Uri, settings: Settings, path: Path) -> BackupSummary:
        """Put a backup of a database of any kind into an empty one, and compare what was written with it.

        AlreadyExists if the database is not empty, Corrupted if the backup is damaged; then nothing is left behind.
        """
        ...
