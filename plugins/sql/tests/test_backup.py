"""Backups: of one moment while others write, whole or not there, and restored into a database of any kind."""

from __future__ import annotations

import gzip
import json
import threading

import pytest
import sqlalchemy as sa

from windlass.config import Settings
from windlass.entities import Dataset, DatasetInput, Metric, ModelInput, ModelOutput
from windlass.errors import AlreadyExists, Corrupted, InvalidValue, NotFound, SchemaOutdated
from windlass.interfaces import (
    RegisteredModelUpdate,
    RunBatch,
    SupportsBackup,
    SupportsCheck,
)
from windlass.search import EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, REGISTERED_MODELS, RUNS
from windlass.testing.comparison import canonical
from windlass.testing.samples import (
    HARD_TEXTS,
    new_experiment,
    new_logged_model,
    new_model,
    new_run,
    new_version,
    query,
)
from windlass_sql.checking import check
from windlass_sql.database import Database
from windlass_sql.records import SqlRecordStore
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.schema import HEAD, open_database
from windlass_sql.tracking import SqlTrackingStore
from windlass_sql.upgrade import migrate

BACKENDS = ("sqlite", "postgresql", "mariadb")
SETTINGS = Settings()
VALUES = (0.1, 1.0, -1e300, 5e-324, float("nan"), float("inf"), float("-inf"))


def fill(uri):
    """Something of everything."""
    with SqlTrackingStore.open(uri, SETTINGS) as store, SqlModelRegistry.open(uri, SETTINGS) as registry:
        experiment_id = new_experiment(store, "Fraud ", tags={"k": "v"}).experiment_id
        for number in range(3):
            run_id = new_run(store, experiment_id, tags={"t": str(number)}, start_time=number).info.run_id
            points = [Metric("m", value, 2**40 + step, step - 2) for step, value in enumerate(VALUES)]
            store.runs.log(run_id, RunBatch(metrics=points, params={f"p{n}": v for n, v in enumerate(HARD_TEXTS)}))
            given = DatasetInput(Dataset("iris", "1", "local", "file:///iris.csv"), {"mlflow.data.context": "train"})
            model = new_logged_model(store, experiment_id, params={"a": "b"}, tags={"c": "d"})
            inputs, outputs = [ModelInput(model.model_id)], [ModelOutput(model.model_id, 7)]
            store.runs.log(run_id, RunBatch(datasets=[given], model_inputs=inputs, model_outputs=outputs))
            measured = [Metric("auc", 0.9, 1, 1, model.model_id, "iris", "1")]
            store.runs.log(run_id, RunBatch(metrics=measured))
        new_model(registry, "scorer", tags={"x": "y"})
        new_version(registry, "scorer", tags={"z": "1"}, run_id=run_id)
        registry.models.update("scorer", RegisteredModelUpdate(aliases={"champion": 1}))
    with SqlRecordStore.open(uri, SETTINGS) as records:
        records.put("users", "ada", {"name": "Ada", "groups": [1, 2.5, None]})


def contents(uri):
    """Everything that the stores give back."""
    with SqlTrackingStore.open(uri, SETTINGS) as store, SqlModelRegistry.open(uri, SETTINGS) as registry:
        experiments = list(store.experiments.search(query(EXPERIMENTS)))
        ids = tuple(one.experiment_id for one in experiments)
        runs = list(store.runs.search(query(RUNS, experiment_ids=ids)))
        found = [experiments, runs]
        found += [list(store.runs.metric_history(run.info.run_id, key)) for run in runs for key in ("m", "auc")]
        found.append(list(store.logged_models.search(query(LOGGED_MODELS, experiment_ids=ids))))
        found.append(list(registry.models.search(query(REGISTERED_MODELS))))
        found.append(list(registry.versions.search(query(MODEL_VERSIONS))))
    with SqlRecordStore.open(uri, SETTINGS) as records:
        found.append(records.list("users"))
    return canonical(found)


def tables_in(uri):
    engine = Database.connect(uri, SETTINGS).engine
    found = sa.inspect(engine).get_table_names()
    engine.dispose()
    return found


def altered(source, target, change):
    """A copy of a dump whose lines were changed."""
    with gzip.open(source, "rt") as file:
        lines = [json.loads(line) for line in file]
    with gzip.open(target, "wt") as file:
        file.writelines(json.dumps(line) + "\n" for line in change(lines))
    return target


@pytest.fixture(scope="module")
def filled(new_database):
    """A database of each kind with data in it, made when it is asked for."""
    made = {}

    def get(backend):
        if backend not in made:
            made[backend] = new_database(backend)
            fill(made[backend])
        return made[backend]

    return get


@pytest.fixture
def dump(filled, tmp_path):
    path = tmp_path / "windlass.dump"
    SqlTrackingStore.backup(filled("postgresql"), SETTINGS, path)
    return path


def test_the_store_has_the_abilities():
    assert isinstance(SqlTrackingStore, SupportsBackup)
    assert isinstance(SqlTrackingStore, SupportsCheck)


@pytest.mark.parametrize("target", BACKENDS)
@pytest.mark.parametrize("source", BACKENDS)
def test_a_backup_is_restored_into_any_kind_of_database(source, target, filled, new_database, tmp_path):
    uri, restored = filled(source), new_database(target)
    path = tmp_path / "backup"
    written = SqlTrackingStore.backup(uri, SETTINGS, path)
    assert list(tmp_path.iterdir()) == [path]
    assert SqlTrackingStore.restore(restored, SETTINGS, path) == written
    assert written.rows["windlass_runs"] == 3
    assert all(written.rows[f"windlass_{name}"] for name in ("metrics", "params", "aliases", "records", "inputs"))
    assert contents(restored) == contents(uri)
    assert check(restored, SETTINGS).problems == ()
    with SqlTrackingStore.open(restored, SETTINGS) as store:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[Metric("new", 1.0, 1)]))
        assert len(store.runs.metric_history(run_id, "new")) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backup_is_of_one_moment_while_others_write(backend, new_database, tmp_path):
    uri = new_database(backend)
    stop = threading.Event()
    with SqlTrackingStore.open(uri, SETTINGS) as store:

        def write():
            number = 0
            while not stop.is_set():
                run_id = new_run(store, "0", tags={"n": str(number)}).info.run_id
                batch = {f"p{one}": str(number) for one in range(5)}
                store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1.0, 1)], params=batch))
                number += 1

        threads = [threading.Thread(target=write) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for number in range(3):
                SqlTrackingStore.backup(uri, SETTINGS, tmp_path / f"{number}")
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)
    for number in range(3):
        restored = new_database("sqlite")
        SqlTrackingStore.restore(restored, SETTINGS, tmp_path / f"{number}")
        assert check(restored, SETTINGS).problems == ()
        with SqlTrackingStore.open(restored, SETTINGS) as store:
            runs = store.runs.search(query(RUNS, experiment_ids=("0",), max_results=5000))
            assert {len(run.data.params) for run in runs} <= {0, 5}
            assert all(len(run.data.latest_metrics) == len(run.data.params) / 5 for run in runs)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backup_of_an_earlier_release_is_restored_and_upgraded(backend, new_database, tmp_path):
    uri, restored = new_database("sqlite"), new_database(backend)
    database = Database.connect(uri, SETTINGS)
    migrate(database, "0001")
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO windlass_settings VALUES ('page_key', 'ab')")
        connection.exec_driver_sql("INSERT INTO windlass_experiments VALUES ('0', 'Default', 'x', 'active', 1, 2)")
    database.close()
    assert SqlTrackingStore.backup(uri, SETTINGS, tmp_path / "old").revision == "0001"
    SqlTrackingStore.restore(restored, SETTINGS, tmp_path / "old")
    with SqlTrackingStore.open(restored, SETTINGS) as store:
        assert store.experiments.get("0").last_update_time == 2


def test_nothing_is_overwritten(filled, dump, tmp_path, new_database):
    before = dump.read_bytes()
    with pytest.raises(AlreadyExists):
        SqlTrackingStore.backup(filled("postgresql"), SETTINGS, dump)
    assert dump.read_bytes() == before
    with pytest.raises(AlreadyExists, match="not empty"):
        SqlTrackingStore.restore(filled("mariadb"), SETTINGS, dump)


def test_what_is_not_there_is_told(tmp_path, new_database):
    missing = new_database("sqlite")
    with pytest.raises(NotFound):
        SqlTrackingStore.backup(missing, SETTINGS, tmp_path / "backup")
    with pytest.raises(NotFound):
        SqlTrackingStore.check(missing, SETTINGS)
    with pytest.raises(NotFound):
        SqlTrackingStore.restore(missing, SETTINGS, tmp_path / "backup")
    empty = new_database("postgresql")
    with pytest.raises(NotFound, match="empty"):
        SqlTrackingStore.backup(empty, SETTINGS, tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "list").write_text("a shopping list")
    with pytest.raises(InvalidValue, match="no backup"):
        SqlTrackingStore.restore(empty, SETTINGS, tmp_path / "list")


def change_a_value(lines):
    row = next(line for line in lines if isinstance(line, list) and "Fraud " in line)
    row[row.index("Fraud ")] = "Trick "
    return lines


@pytest.mark.parametrize("target", BACKENDS)
@pytest.mark.parametrize("change", [change_a_value, lambda lines: lines[:-1], lambda lines: lines[:40] + lines[41:]])
def test_a_damaged_dump_leaves_nothing_behind(target, change, dump, tmp_path, new_database):
    restored = new_database(target)
    with pytest.raises(Corrupted):
        SqlTrackingStore.restore(restored, SETTINGS, altered(dump, tmp_path / "altered", change))
    assert tables_in(restored) == []


def test_a_dump_that_is_cut_off_is_damaged(dump, tmp_path, new_database):
    cut = tmp_path / "cut"
    cut.write_bytes(dump.read_bytes()[:-200])
    with pytest.raises(Corrupted):
        SqlTrackingStore.restore(new_database("sqlite"), SETTINGS, cut)


def test_a_backup_of_a_newer_release_is_refused(dump, tmp_path, new_database):
    def newer(lines):
        return [lines[0] | {"revision": "9999"}, *lines[1:]]

    with pytest.raises(SchemaOutdated, match="9999"):
        SqlTrackingStore.restore(new_database("sqlite"), SETTINGS, altered(dump, tmp_path / "newer", newer))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_check_finds_what_does_not_fit_together(backend, new_database):
    uri = new_database(backend)
    fill(uri)
    assert check(uri, SETTINGS) == type(check(uri, SETTINGS))(HEAD, HEAD, ())
    off = {"sqlite": "PRAGMA foreign_keys=OFF", "postgresql": "SET session_replication_role = replica"}
    database = open_database(uri, SETTINGS)
    with database.engine.connect() as connection:
        connection.exec_driver_sql(off.get(backend, "SET foreign_key_checks = 0"))
        connection.exec_driver_sql("DELETE FROM windlass_runs")
        connection.exec_driver_sql("UPDATE windlass_registered_models SET last_version = 0")
        connection.commit()
    database.close()
    problems = check(uri, SETTINGS).problems
    assert any("windlass_params" in problem and "gone" in problem for problem in problems)
    assert any("'scorer'" in problem for problem in problems)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_check_finds_values_that_searches_would_miss(backend, new_database):
    uri = new_database(backend)
    fill(uri)
    database = open_database(uri, SETTINGS)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE windlass_params SET experiment_id = '77'")
        connection.exec_driver_sql("UPDATE windlass_latest_metrics SET start_time = start_time - 1")
    database.close()
    problems = check(uri, SETTINGS).problems
    assert [problem.split(":")[0] for problem in problems] == ["windlass_latest_metrics", "windlass_params"]
