"""Restoring a backup of any kind of database into an empty one of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from windlass.config import Settings
from windlass.errors import AlreadyExists, Corrupted, SchemaOutdated
from windlass.interfaces import BackupSummary
from windlass.uri import Uri
from windlass_sql import maintenance
from windlass_sql.backup_source import Source, open_source
from windlass_sql.database import Database
from windlass_sql.dump import Checksum, Row
from windlass_sql.rows import bare_table, insert, our_tables, stream
from windlass_sql.schema import version_table
from windlass_sql.tables import metadata
from windlass_sql.upgrade import known_revisions, migrate_on


def restore(uri: Uri, settings: Settings, path: Path) -> BackupSummary:
    """Fill the empty database, compare what is there with the backup, and bring it to this release's schema."""
    with open_source(path) as source:
        _check_source(source, path)
        database = Database.connect(uri, settings, patient=True)
        try:
            with database.write() as connection, maintenance.schema_lock(connection):
                _check_empty(connection, database.place)
                try:
                    rows = _fill(connection, source)
                except BaseException:
                    if not maintenance.undoes_tables(connection):
                        _drop_all(connection)
                    raise
        finally:
            database.close()
        return BackupSummary(source.revision, rows)


def _check_source(source: Source, path: Path) -> None:
    if problems := source.problems():
        raise Corrupted(f"the backup {path} is damaged: {'; '.join(problems)}", hint="use another one")
    if source.revision not in known_revisions():
        raise SchemaOutdated(f"the backup {path} has the schema {source.revision}", hint="use a newer release")


def _check_empty(connection: sa.Connection, place: str) -> None:
    if tables := sa.inspect(connection).get_table_names():
        raise AlreadyExists(
            f"the database {place} is not empty: it has {len(tables)} tables", hint="restore into a new database"
        )


def _fill(connection: sa.Connection, source: Source) -> dict[str, int]:
    """Make the tables as they were, put the rows in, and run the migrations that are missing."""
    migrate_on(connection, source.revision)
    written = {}
    for name, columns, rows in source.tables():
        checksum = Checksum()
        insert(connection, bare_table(name, columns), _counted(rows, checksum))
        written[name] = checksum
    for table in our_tables(connection):
        _compare(connection, table, written.get(table.name, Checksum()))
        if (known := metadata.tables.get(table.name)) is not None:
            maintenance.continue_numbering(connection, known)
    migrate_on(connection, "head")
    return {name: checksum.rows for name, checksum in written.items()}


def _drop_all(connection: sa.Connection) -> None:
    connection.rollback()
    for table in reversed(our_tables(connection)):
        connection.execute(sa.schema.DropTable(sa.Table(table.name, sa.MetaData())))
    version_table.drop(connection, checkfirst=True)


def _counted(rows: Iterable[Row], checksum: Checksum) -> Iterator[Row]:
    for row in rows:
        checksum.add(row)
        yield row


def _compare(connection: sa.Connection, table: sa.TableClause, written: Checksum) -> None:
    found = Checksum()
    for row in stream(connection, table):
        found.add(row)
    if (found.rows, found.digest) != (written.rows, written.digest):
        raise Corrupted(
            f"the database gives back other rows of {table.name} than were written: {found.rows} of {written.rows}",
            hint="check the database's disk and its settings",
        )
