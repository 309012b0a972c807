"""Databases for tests: new ones on each server that there is, dropped afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from windlass.config import Settings
from windlass.uri import Uri
from windlass_sql import testing
from windlass_sql.database import Database
from windlass_sql.schema import fill, open_database
from windlass_sql.tables import metadata

SERVERS = ("postgresql", "mariadb")
NewDatabase = Callable[[str], Uri]


@pytest.fixture(scope="session")
def new_database(tmp_path_factory) -> Iterator[NewDatabase]:
    """Makes an empty database on a server, or a SQLite file for `sqlite`, and gives its URI."""
    with ExitStack() as made:

        def make(backend: str) -> Uri:
            if backend == "sqlite":
                return Uri.parse(f"sqlite:///{tmp_path_factory.mktemp('database')}/windlass.db")
            return made.enter_context(testing.new_database(backend))

        yield make


@pytest.fixture(scope="module", params=SERVERS)
def server_uri(request, new_database) -> Uri:
    """An empty database on each server, for the tests of one module."""
    return new_database(request.param)


@pytest.fixture(scope="module", params=("sqlite", *SERVERS))
def database_uri(request, new_database) -> Uri:
    """An empty database of each kind, for the tests of one module."""
    return new_database(request.param)


@pytest.fixture(scope="session")
def empty() -> Callable[[Database], None]:
    """Brings a database back to what it is when it is new."""

    def delete_all(database: Database) -> None:
        with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            fill(connection, Settings())

    return delete_all


@pytest.fixture(scope="module")
def server_database(server_uri) -> Iterator[Database]:
    """A database on each server with the schema in it."""
    database = open_database(server_uri, Settings())
    yield database
    database.close()
