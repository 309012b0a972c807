"""`windlass db` as an administrator types it: from a SQLite file to a server and back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from windlass.config import Settings
from windlass.testing.samples import new_run
from windlass.uri import Uri
from windlass_sql.testing import new_database
from windlass_sql.tracking import SqlTrackingStore


def windlass(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "windlass", "db", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def uri(tmp_path):
    found = f"sqlite:///{tmp_path}/windlass.db"
    with SqlTrackingStore.open(Uri.parse(found), Settings()) as store:
        new_run(store, "0")
    return found


def test_a_database_moves_to_a_server(uri, tmp_path):
    with new_database("postgresql") as server:
        done = windlass("backup", tmp_path / "backup", uri)
        assert (done.returncode, done.stderr) == (0, "")
        assert "rows in" in done.stdout
        done = windlass("restore", tmp_path / "backup", server.text)
        assert (done.returncode, done.stderr) == (0, "")
        done = windlass("check", server.text)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "all is well")
        done = windlass("restore", tmp_path / "backup", server.text)
        assert done.returncode == 4
        assert "not empty" in done.stderr


def test_a_check_of_a_damaged_database_fails(uri, tmp_path):
    with sqlite3.connect(tmp_path / "windlass.db") as connection:
        connection.execute("DELETE FROM windlass_experiments")
    connection.close()
    done = windlass("check", uri)
    assert done.returncode == 1
    assert "windlass_runs" in done.stdout


def test_a_store_without_a_database_says_so():
    done = windlass("check", "memory:")
    assert done.returncode != 0
    assert "no database to check" in done.stderr
