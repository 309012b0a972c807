"""Backing a database up: a SQLite file as such a file, any other one as a dump, both of one moment and read back."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from windlass.config import Settings
from windlass.errors import AlreadyExists, Corrupted, NotFound, Unavailable
from windlass.interfaces import BackupSummary
from windlass.uri import Uri
from windlass_sql import dialect
from windlass_sql.backup_source import open_source
from windlass_sql.database import Database
from windlass_sql.dump import DumpWriter
from windlass_sql.rows import our_tables, stream
from windlass_sql.schema import existing_database, revision


def backup(uri: Uri, settings: Settings, path: Path) -> BackupSummary:
    """Write all of one moment to a new file while others go on writing to the database."""
    if path.exists():
        raise AlreadyExists(f"{path} exists already", hint="name a new file")
    database = existing_database(uri, settings)
    try:
        with _appearing(path) as hidden:
            if dialect.is_sqlite(database.engine):
                _copy(database, hidden)
            else:
                _dump(database, hidden)
            return _read_back(hidden)
    finally:
        database.close()


def _dump(database: Database, path: Path) -> None:
    with database.read() as connection, DumpWriter(path, revision=_revision(connection, database)) as dump:
        for table in our_tables(connection):
            dump.table(table.name, table.columns.keys(), stream(connection, table))
        dump.finish()


def _copy(database: Database, path: Path) -> None:
    """SQLite's own way, which minds the log that is not in the file yet."""
    with database.read() as connection:
        _revision(connection, database)
    # All pages in one go: writers do not wait for it, and it does not begin anew when they write.
    with database.raw() as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _revision(connection: sa.Connection, database: Database) -> str:
    if found := revision(connection):
        return found
    raise NotFound(f"the database {database.place} is empty", hint="there is nothing to back up")


def _read_back(path: Path) -> BackupSummary:
    with open_source(path) as source:
        if problems := source.problems():
            raise Corrupted(f"the database is damaged: {'; '.join(problems)}", hint="windlass db check")
        rows = {table: sum(1 for _ in rows) for table, _, rows in source.tables()}
        return BackupSummary(source.revision, rows)


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A hidden file beside `path` that gets its name when the block is done, unless somebody took it meanwhile."""
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Nobody else may read what is in a database.
        os.close(os.open(hidden, os.O_CREAT | os.O_EXCL, 0o600))
        yield hidden
        with hidden.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(hidden, path)
    except FileExistsError as error:
        raise AlreadyExists(f"{path} exists already", hint="name a new file") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        hidden.unlink(missing_ok=True)
