"""Query plans: what `runs/search` asks is found along indexes, in databases with enough rows for it to matter."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from windlass.config import Settings
from windlass.interfaces import RunBatch
from windlass.search import RUNS
from windlass.testing.samples import new_run, query
from windlass_sql import driving
from windlass_sql.schema import open_database
from windlass_sql.tables import latest_metrics, params, run_tags, runs
from windlass_sql.tracking import SqlTrackingStore

COUNT = 4000
LONG = "long " * 400


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def store(request, new_database):
    database = open_database(new_database(request.param), Settings())
    run = {"experiment_id": "0", "run_name": "r", "user_id": "u", "status": "RUNNING", "artifact_uri": ""}
    rows = [run | {"run_id": f"{n:032x}", "start_time": n, "lifecycle_stage": "active"} for n in range(COUNT)]
    with database.write() as connection:
        connection.execute(runs.insert(), rows)
        for table in (params, run_tags):
            values = [
                {name: row[name] for name in ("run_id", "experiment_id", "start_time")} | {"key": "x", "value": f"{n}"}
                for n, row in enumerate(rows)
            ]
            connection.execute(table.insert(), values)
        point = {"key": "m", "step": 0, "timestamp": 1, "kind": 0}
        points = [
            {name: row[name] for name in ("run_id", "experiment_id", "start_time")} | point | {"value": n / 7}
            for n, row in enumerate(rows)
        ]
        connection.execute(latest_metrics.insert(), points)
    with database.write() as connection:
        names = ", ".join(table.name for table in (runs, params, run_tags, latest_metrics))
        analyze = {"sqlite": "ANALYZE", "postgresql": f"ANALYZE {names}", "mariadb": f"ANALYZE TABLE {names}"}
        connection.exec_driver_sql(analyze[request.param]).close()
    yield SqlTrackingStore(database)
    database.close()


def plan(store, asked):
    """How the database finds the page, as a text."""
    sql = []

    def note(connection, cursor, statement, parameters, *rest):
        sql.append((statement, parameters))

    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        store.runs.search(asked)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    statement, parameters = next((text, given) for text, given in sql if "windlass_runs" in text and "ORDER" in text)
    word = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with store._database.read() as connection:
        return json.dumps([list(row) for row in connection.exec_driver_sql(f"{word} {statement}", parameters)])


def test_the_first_page_of_the_newest_runs_is_read_in_order_from_an_index(store):
    found = plan(store, query(RUNS, experiment_ids=("0",), max_results=100))
    assert "ix_windlass_runs_newest" in found
    assert not any(word in found for word in ("TEMP B-TREE", "Sort", "filesort")), found


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("params.x = '77'", "ix_windlass_params_value"),
        ("tags.x = '77'", "ix_windlass_run_tags_value"),
        ("params.x IN ('77', '78')", "ix_windlass_params_value"),
    ],
)
def test_the_few_runs_with_a_value_are_found_along_an_index(store, text, index):
    asked = query(RUNS, text, experiment_ids=("0",), max_results=100)
    found = plan(store, asked)
    assert index in found
    assert not any(word in found for word in ("SCAN", "Seq Scan", '"ALL"')), found
    assert {run.info.start_time for run in store.runs.search(asked)} <= {77, 78}


@pytest.mark.parametrize(
    ("text", "order", "index"),
    [
        ("", "metrics.m", "ix_windlass_latest_metrics_value"),
        ("", "metrics.m DESC", "ix_windlass_latest_metrics_value"),
        ("metrics.m < 300", "metrics.m DESC", "ix_windlass_latest_metrics_value"),
        ("", "params.x", "ix_windlass_params_value"),
        ("", "tags.x DESC", "ix_windlass_run_tags_value"),
    ],
)
def test_runs_are_sorted_by_a_value_along_its_index(store, monkeypatch, text, order, index):
    monkeypatch.setattr(driving, "_MANY", 1)
    found = plan(store, query(RUNS, text, [order], experiment_ids=("0",), max_results=20))
    assert index in found
    if store._database.engine.dialect.name == "mysql" and "metrics" not in order:
        # Its index has the beginnings of texts, and is no help for sorting.
        return
    assert not any(word in found for word in ("SCAN", "TEMP B-TREE", "Sort", "filesort")), found


def test_the_few_runs_in_a_range_are_found_along_an_index(store):
    asked = query(RUNS, "metrics.m > 570.9", ["params.x"], experiment_ids=("0",), max_results=100)
    found = plan(store, asked)
    assert "ix_windlass_latest_metrics_value" in found
    assert not any(word in found for word in ("SCAN", "Seq Scan", '"ALL"')), found
    assert {run.info.start_time for run in store.runs.search(asked)} == {3997, 3998, 3999}


def test_a_value_may_be_longer_than_an_index_holds(store):
    run_id = new_run(store, "0").info.run_id
    other = new_run(store, "0").info.run_id
    store.runs.log(run_id, RunBatch(params={"x": LONG + "1"}))
    store.runs.log(other, RunBatch(params={"x": LONG + "2"}))
    for text in (f"params.x = '{LONG}1'", f"params.x IN ('{LONG}1', '?')"):
        found = store.runs.search(query(RUNS, text, experiment_ids=("0",)))
        assert [run.info.run_id for run in found] == [run_id]
    with store._database.read() as connection:
        assert connection.execute(sa.select(params.c.run_id).where(params.c.value == LONG + "2")).scalar() == other
