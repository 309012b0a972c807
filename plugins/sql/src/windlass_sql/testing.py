"""Databases for tests: new ones on the servers that `windlass.testing.services` finds, dropped afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_sql.dialect import with_driver


@contextmanager
def new_database(service: str) -> Iterator[Uri]:
    """The URI of an empty database on a server such as `postgresql`; skips the test where there is none."""
    server = with_driver(sa.make_url(service_url(service)))
    name = f"windlass_test_{secrets.token_hex(6)}"
    _run(server, f"CREATE DATABASE {name}")
    try:
        yield Uri.parse(server.set(database=name).render_as_string(hide_password=False))
    finally:
        force = " WITH (FORCE)" if server.get_backend_name() == "postgresql" else ""
        _run(server, f"DROP DATABASE {name}{force}")


def _run(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
