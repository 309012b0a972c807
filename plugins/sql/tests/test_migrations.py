"""Migrations on every database: with data in place, in two processes at once, and what schema they make."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from windlass.config import Settings
from windlass.entities import Metric
from windlass.errors import SchemaOutdated
from windlass.search import LOGGED_MODELS, RUNS
from windlass.testing.samples import query
from windlass_sql.database import Database
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.schema import HEAD, create, revision, version_table
from windlass_sql.tracking import SqlTrackingStore
from windlass_sql.upgrade import alembic_config, migrate

BACKENDS = ("sqlite", "postgresql", "mariadb")
FIRST = "0001"
RUN, MODEL, OWNER = "a" * 32, "m-" + "b" * 32, "c" * 32
HARD = "ünïcödé 🚂 " + "x" * 3000
UPGRADER = """
import sys
from windlass.config import Settings
from windlass.uri import Uri
from windlass_sql.tracking import SqlTrackingStore

print(*SqlTrackingStore.upgrade(Uri.parse(sys.argv[1]), Settings()))
"""


@pytest.fixture(params=BACKENDS)
def uri(request, new_database):
    return new_database(request.param)


@pytest.fixture
def database(uri):
    database = Database.connect(uri, Settings())
    yield database
    database.close()


def revisions():
    """All revisions, the first one first."""
    found = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return [script.revision for script in reversed(list(found))]


def fill_first(database):
    """Put a row or more into each table of the first revision, with its own columns."""
    filled = set()
    with database.write() as connection:
        for name, rows in [*rows_of_tracking(), *rows_of_registry()]:
            filled.add(f"windlass_{name}")
            for row in rows:
                connection.execute(sa.table(f"windlass_{name}", *map(sa.column, row)).insert().values(**row))
    assert {*filled, version_table.name} == set(sa.inspect(database.engine).get_table_names())


def rows_of_tracking():
    point = {"step": 1, "timestamp": 1, "kind": 0, "value": 0.1, "model_id": None, "dataset_name": None}
    point |= {"dataset_digest": None}
    last = point | {"step": 2**62, "timestamp": 5, "kind": 1, "value": 0.0}
    nan = point | {"step": 0, "kind": -2, "value": 0.0}
    measured = {name: point[name] for name in ("step", "timestamp", "kind", "value", "dataset_name")}
    measured |= {"dataset_digest": None, "model_id": MODEL, "key": "acc", "origin": "f" * 32, "run_id": RUN}
    experiment = {"artifact_location": "s3://b", "creation_time": 1, "last_update_time": 2**53}
    active, deleted = experiment | {"lifecycle_stage": "active"}, experiment | {"lifecycle_stage": "deleted"}
    run = {"run_id": RUN, "experiment_id": "1", "run_name": "run", "user_id": "ada", "status": "FINISHED"}
    run |= {"start_time": 7, "end_time": 8, "artifact_uri": "s3://b/r", "lifecycle_stage": "active"}
    dataset = {"name": "iris", "digest": "1", "source_type": "local", "source": HARD, "schema": None, "profile": None}
    model = {"model_id": MODEL, "experiment_id": "1", "name": "m", "artifact_location": "s3://b/m"}
    model |= {"creation_timestamp": 1, "last_updated_timestamp": 2, "source_run_id": RUN, "model_type": None}
    tag = {"run_id": RUN, "input_id": "e" * 32, "key": "mlflow.data.context", "value": "train"}
    yield "settings", [{"name": "page_key", "value": "ab" * 32}]
    yield (
        "experiments",
        [
            active | {"experiment_id": "0", "name": "Default"},
            active | {"experiment_id": "1", "name": "Fraud "},
            deleted | {"experiment_id": "2", "name": "fraud "},
        ],
    )
    yield "experiment_tags", [{"experiment_id": "1", "key": "k", "value": HARD}]
    yield "runs", [run | {"deleted_with_experiment": 0}]
    yield "params", [{"run_id": RUN, "key": "p", "value": HARD}]
    yield "run_tags", [{"run_id": RUN, "key": "t", "value": "v "}]
    yield "series", [{"series_id": 1, "run_id": RUN, "key": "loss"}, {"series_id": 2, "run_id": RUN, "key": "acc"}]
    yield "metrics", [*({"series_id": 1} | one for one in (point, last, nan)), {"series_id": 2} | point]
    yield "latest_metrics", [{"run_id": RUN, "key": "loss"} | last, {"run_id": RUN, "key": "acc"} | point]
    yield "datasets", [dataset | {"dataset_id": "d" * 32}]
    yield "inputs", [{"run_id": RUN, "input_id": "e" * 32, "dataset_id": "d" * 32, "position": 0}]
    yield "input_tags", [tag]
    yield "model_inputs", [{"run_id": RUN, "model_id": MODEL, "position": 0}]
    yield "model_outputs", [{"run_id": RUN, "model_id": MODEL, "step": 3, "position": 0}]
    yield "logged_models", [model | {"status": "READY", "status_message": None, "lifecycle_stage": "active"}]
    yield "logged_model_params", [{"model_id": MODEL, "key": "p", "value": HARD}]
    yield "logged_model_tags", [{"model_id": MODEL, "key": "t", "value": "v"}]
    yield "logged_model_metrics", [measured]


def rows_of_registry():
    registered = {"id": OWNER, "name": "scorer", "creation_timestamp": 1, "last_updated_timestamp": 2}
    version = {"owner": OWNER, "version": 2, "source": "s3://b/m", "run_id": RUN, "model_id": MODEL}
    version |= {"run_link": "", "creation_timestamp": 1, "last_updated_timestamp": 2, "description": "d"}
    version |= {"user_id": "ada", "current_stage": "Production", "status": "READY", "status_message": ""}
    yield "registered_models", [registered | {"description": "d", "last_version": 2}]
    yield "registered_model_tags", [{"owner": OWNER, "key": "k", "value": "v"}]
    yield "model_versions", [version]
    yield "model_version_tags", [{"owner": OWNER, "version": 2, "key": "k", "value": "v"}]
    yield "aliases", [{"owner": OWNER, "alias": "champion", "version": 2}]


def check_tracking(uri):
    with SqlTrackingStore.open(uri, Settings()) as store:
        assert [store.experiments.get(one).name for one in "012"] == ["Default", "Fraud ", "fraud "]
        assert store.experiments.get_by_name("fraud ").lifecycle_stage == "deleted"
        assert store.experiments.get("1").tags == {"k": HARD}
        (run,) = store.runs.search(query(RUNS, "params.p LIKE 'ünï%' AND metrics.acc < 0.2", experiment_ids=("1",)))
        assert run == store.runs.get(RUN)
        assert (run.data.params, run.data.tags) == ({"p": HARD}, {"t": "v "})
        assert {one.key: one.value for one in run.data.latest_metrics} == {"loss": math.inf, "acc": 0.1}
        history = list(store.runs.metric_history(RUN, "loss"))
        assert [(one.step, one.timestamp, str(one.value)) for one in history] == [
            (0, 1, "nan"),
            (1, 1, "0.1"),
            (2**62, 5, "inf"),
        ]
        assert list(store.runs.metric_history(RUN, "acc")) == [Metric("acc", 0.1, 1, 1)]
        (given,) = run.inputs.dataset_inputs
        assert (given.dataset.name, given.dataset.source, given.tags) == (
            "iris",
            HARD,
            {"mlflow.data.context": "train"},
        )
        assert run.inputs.model_inputs[0].model_id == MODEL
        assert run.outputs.model_outputs[0].step == 3
        (model,) = store.logged_models.search(query(LOGGED_MODELS, "metrics.acc = 0.1", experiment_ids=("1",)))
        assert (model.params, model.tags, model.metrics[0].value) == ({"p": HARD}, {"t": "v"}, 0.1)


def check_registry(uri):
    with SqlModelRegistry.open(uri, Settings()) as registry:
        model = registry.models.get("scorer")
        assert (model.tags, model.aliases) == ({"k": "v"}, {"champion": 2})
        version = registry.versions.get("scorer", 2)
        assert (version.run_id, version.tags, version.aliases) == (RUN, {"k": "v"}, ("champion",))
        assert registry.versions.create(version).version == 3


def schema_of(engine):
    """What the database says of its tables: columns, keys and indexes."""
    found = {}
    inspector = sa.inspect(engine)
    for table in inspector.get_table_names():
        columns = {
            one["name"]: (repr(one["type"]), one["nullable"], one["default"]) for one in inspector.get_columns(table)
        }
        keys = [inspector.get_pk_constraint(table), *inspector.get_foreign_keys(table)]
        others = [*inspector.get_unique_constraints(table), *inspector.get_indexes(table)]
        found[table] = (columns, sorted(map(repr, keys)), sorted(map(repr, others)))
    return found


def test_data_of_the_first_revision_comes_through_every_migration(uri, database):
    migrate(database, FIRST)
    fill_first(database)
    with pytest.raises(SchemaOutdated, match=FIRST):
        SqlTrackingStore.open(uri, Settings())
    for step in revisions()[1:]:
        migrate(database, step)
        with database.read() as connection:
            assert revision(connection) == step
    check_tracking(uri)
    check_registry(uri)


@pytest.mark.parametrize("backend", BACKENDS)
def test_new_and_migrated_databases_have_the_same_schema(backend, new_database):
    schemas = []
    for make in (migrate, lambda database: create(database, Settings())):
        database = Database.connect(new_database(backend), Settings())
        make(database)
        schemas.append(schema_of(database.engine))
        database.close()
    migrated, new = schemas
    assert migrated == new
    assert len(new) > 20


def test_of_two_processes_that_upgrade_at_once_one_waits(uri, database):
    migrate(database, FIRST)
    fill_first(database)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADER, uri.text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in processes:
        out, error = process.communicate(timeout=60)
        assert (process.returncode, error) == (0, "")
        assert out.split()[-1] == HEAD
    check_tracking(uri)


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_processes_that_open_an_empty_database_at_once_make_it_once(backend, new_database):
    uri = new_database(backend)
    program = UPGRADER.replace("print(*SqlTrackingStore.upgrade", "(SqlTrackingStore.open")
    processes = [
        subprocess.Popen([sys.executable, "-c", program, uri.text], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in processes:
        _, error = process.communicate(timeout=60)
        assert (process.returncode, error) == (0, "")
    with SqlTrackingStore.open(uri, Settings()) as store:
        assert store.experiments.get("0").name == "Default"
