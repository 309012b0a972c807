from __future__ import annotations

import sys

import pytest
from sqlalchemy import exc

from windlass.config import Settings
from windlass.errors import Conflict, InvalidValue, MissingDependency, Unavailable
from windlass.plugins import Kind
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.faults import translate
from windlass_sql.plugin import windlass_providers

SECRET = "postgresql://ada:secret@db.example/windlass"


@pytest.mark.parametrize(
    ("uri", "driver", "extra"),
    [
        ("mysql://u:p@h/db", "pymysql", "windlass-sql[mysql]"),
        ("postgresql://h/db", "psycopg", "windlass-sql[postgresql]"),
    ],
)
def test_a_missing_driver_is_named_with_what_to_install(monkeypatch, uri, driver, extra):
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(MissingDependency, match=driver) as caught:
        Database.connect(Uri.parse(uri), Settings())
    assert extra in caught.value.hint


def test_errors_of_servers_show_neither_sql_nor_passwords():
    place = str(Uri.parse(SECRET))
    original = RuntimeError("password secret is wrong")
    errors = [
        exc.OperationalError("SELECT secret", {}, original),
        exc.IntegrityError("INSERT secret", {}, original),
        exc.DataError("INSERT secret", {}, original),
        exc.TimeoutError("secret"),
    ]
    translated = [translate(error, place) for error in errors]
    for one, kind in zip(translated, [Unavailable, Conflict, InvalidValue, Unavailable], strict=True):
        assert isinstance(one, kind)
    assert not any("secret" in str(one) or "INSERT" in str(one) for one in translated)


def test_all_schemes_come_with_a_suite():
    for provider in windlass_providers():
        assert provider.kind in {Kind.TRACKING_STORE, Kind.MODEL_REGISTRY, Kind.RECORD_STORE}
        assert provider.names == ("sqlite", "postgresql", "mysql", "mssql")
        assert provider.suite.startswith("windlass_sql.conformance:Test")
