"""Savepoints: writes that are whole or nothing each, inside of one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from windlass_sql.dialect import sqlite_connection


@contextmanager
def savepoint(connection: sa.Connection) -> Iterator[None]:
    """Undo what the block did if it raises, and nothing else of the transaction."""
    if connection.dialect.name != "sqlite":
        with connection.begin_nested():
            yield
        return
    check_transaction(connection)
    driver = sqlite_connection(connection)
    driver.execute("SAVEPOINT member")
    try:
        yield
    except BaseException:
        # A full disk makes SQLite undo the whole transaction at once.
        if driver.in_transaction:
            driver.execute("ROLLBACK TO member")
            driver.execute("RELEASE member")
        raise
    driver.execute("RELEASE member")


def check_transaction(connection: sa.Connection) -> None:
    """Raise the driver's error if SQLite has undone the transaction by itself: what was written in it is gone."""
    if connection.dialect.name == "sqlite" and not sqlite_connection(connection).in_transaction:
        raise sqlite3.OperationalError("the transaction was broken off, none of it was kept")
