"""What differs between databases when one looks after them: locks for the schema, damage, numbering."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from windlass.errors import Unavailable

_MYSQL = {"mysql", "mariadb"}
_LOCK = 0x77696E64
_PATIENCE = 100


@contextmanager
def schema_lock(connection: sa.Connection) -> Iterator[None]:
    """One process at a time creates or changes tables, in a transaction that writes; others wait here.

    The block should be all of the transaction: where the lock is not the transaction's own, it is committed here.
    """
    match connection.dialect.name:
        case "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield
        case "mysql" | "mariadb":
            lock = sa.func.concat("windlass-", sa.func.database())
            if connection.execute(sa.select(sa.func.get_lock(lock, _PATIENCE))).scalar() != 1:
                raise Unavailable("another process has been changing the schema for too long", hint="look what it does")
            try:
                yield
                # Whoever gets the lock next must see what was done.
                connection.commit()
            finally:
                connection.execute(sa.select(sa.func.release_lock(lock)))
        case "mssql":
            connection.exec_driver_sql("EXEC sp_getapplock 'windlass', 'Exclusive', 'Transaction'")
            yield
        case _:
            yield


def damage(connection: sa.Connection) -> list[str]:
    """What SQLite finds wrong with its file; servers look after theirs."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return found + [f"{table}: a row belongs to something in {owner} that is gone" for table, _, owner, _ in rows]


def continue_numbering(connection: sa.Connection, table: sa.Table) -> None:
    """Let the database give numbers behind those that were written; only PostgreSQL does not see them itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None:
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, highest, sa.false())))


def undoes_tables(connection: sa.Connection) -> bool:
    """Whether rolling back takes new tables away again."""
    return connection.dialect.name not in _MYSQL
