from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from windlass.config import Settings
from windlass.entities import Run, RunInfo
from windlass.errors import SchemaOutdated
from windlass.interfaces import SupportsUpgrade
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.schema import HEAD
from windlass_sql.tables import metadata
from windlass_sql.tracking import SqlTrackingStore
from windlass_sql.upgrade import VERSION_TABLE, alembic_config, migrate

# Alembic cannot compare indexes with a part that is no column; their text is compared by the test of new databases.
OUR_OWN = {"ix_windlass_params_value", "ix_windlass_run_tags_value"}


@pytest.fixture
def uri(tmp_path):
    return Uri.parse(f"sqlite:///{tmp_path}/windlass.db")


@pytest.fixture
def migrated(tmp_path):
    """An engine on a database that the migrations made."""
    database = Database.connect(Uri.parse(f"sqlite:///{tmp_path}/migrated.db"), Settings(home=tmp_path))
    migrate(database)
    yield database.engine
    database.close()


def statements(engine):
    """What SQLite keeps of each table and index, without white space and the order of constraints."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {name: sorted(part.strip(" ()\t") for part in sql.replace("\n", " ").split(",")) for name, sql in rows}


def test_a_new_database_equals_one_that_all_migrations_made(uri, migrated, tmp_path):
    SqlTrackingStore.open(uri, Settings(home=tmp_path)).close()
    engine = sa.create_engine(uri.text)
    new, old = statements(engine), statements(migrated)
    engine.dispose()
    assert {name: rest for name, rest in new.items() if name != VERSION_TABLE} == {
        name: rest for name, rest in old.items() if name != VERSION_TABLE
    }
    assert "windlass_metrics" in new


def test_the_tables_are_what_the_migrations_make(migrated):
    with migrated.connect() as connection:
        opts = {"version_table": VERSION_TABLE, "include_object": lambda one, *_: one.name not in OUR_OWN}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_that_a_new_database_has():
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_both_stores_can_be_upgraded():
    assert isinstance(SqlTrackingStore, SupportsUpgrade)
    assert isinstance(SqlModelRegistry, SupportsUpgrade)


def test_upgrading_creates_what_is_not_there(uri, tmp_path):
    settings = Settings(home=tmp_path)
    assert SqlTrackingStore.upgrade(uri, settings) == ("", HEAD)
    assert SqlTrackingStore.upgrade(uri, settings) == (HEAD, HEAD)
    with SqlTrackingStore.open(uri, settings) as store:
        assert store.experiments.get("0").name == "Default"


@pytest.mark.parametrize(("revision", "hint"), [("0000", "windlass db upgrade"), ("9999", "newer")])
def test_another_releases_schema_is_refused_with_what_to_do(uri, tmp_path, revision, hint):
    settings = Settings(home=tmp_path)
    SqlTrackingStore.open(uri, settings).close()
    engine = sa.create_engine(uri.text)
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))
    engine.dispose()
    with pytest.raises(SchemaOutdated) as caught:
        SqlTrackingStore.open(uri, settings)
    assert hint in caught.value.hint
    assert revision in caught.value.message


def test_the_database_of_an_mlflow_server_is_left_alone(uri, tmp_path):
    engine = sa.create_engine(uri.text)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE latest_metrics (key TEXT)"))
    with pytest.raises(SchemaOutdated, match="MLflow"):
        SqlTrackingStore.open(uri, Settings(home=tmp_path))
    assert sa.inspect(engine).get_table_names() == ["latest_metrics"]
    engine.dispose()


def test_opening_a_database_needs_no_alembic(uri, tmp_path):
    SqlTrackingStore.open(uri, Settings(home=tmp_path)).close()
    program = f"""
import sys
from windlass.config import Settings
from windlass.uri import Uri
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.tracking import SqlTrackingStore
SqlTrackingStore.open(Uri.parse({uri.text!r}), Settings()).close()
SqlModelRegistry.open(Uri.parse({uri.text!r}), Settings()).close()
print([name for name in ("alembic", "mako", "pytest") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_page_key_is_shared_by_all_that_open_the_database(uri, tmp_path):
    from windlass.search import RUNS
    from windlass.testing.samples import query

    settings = Settings(home=tmp_path)
    with SqlTrackingStore.open(uri, settings) as one, SqlTrackingStore.open(uri, settings) as other:
        for number in range(2):
            one.runs.create(Run(RunInfo(f"{number:032x}", "0", "run", "ada")))
        token = one.runs.search(query(RUNS, experiment_ids=("0",), max_results=1)).token
        assert len(other.runs.search(query(RUNS, experiment_ids=("0",), max_results=1, page_token=token))) == 1
