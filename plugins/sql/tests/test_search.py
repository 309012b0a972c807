"""Searching: how many statements it takes, what limits it keeps, and the way of databases without ON CONFLICT."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from windlass.config import Settings
from windlass.entities import Metric
from windlass.interfaces import RunBatch
from windlass.search import RUNS, Comparison, Field, FieldKind, In, Operator, Or, Query
from windlass.testing.experiments import ExperimentTests
from windlass.testing.logged_models import LoggedModelTests
from windlass.testing.metric_history import MetricHistoryTests
from windlass.testing.run_logging import LoggingTests
from windlass.testing.runs import RunTests
from windlass.testing.samples import new_experiment, new_run, query
from windlass.uri import Uri
from windlass_sql import inserts
from windlass_sql.tracking import SqlTrackingStore


@pytest.fixture
def store(tmp_path):
    with SqlTrackingStore.open(Uri.parse(f"sqlite:///{tmp_path}/windlass.db"), Settings(home=tmp_path)) as store:
        yield store


def counted(store, call):
    """How many statements the call sends to the database."""
    pooled = store._database.engine.raw_connection()
    connection = pooled.dbapi_connection
    pooled.close()
    statements = []
    connection.set_trace_callback(statements.append)
    try:
        call()
    finally:
        connection.set_trace_callback(None)
    return sum(1 for statement in statements if statement.lstrip().startswith("SELECT"))


def test_a_page_takes_as_many_statements_for_many_runs_as_for_few(store):
    def search(count):
        return counted(store, lambda: store.runs.search(query(RUNS, experiment_ids=("0",), max_results=count)))

    for number in range(60):
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1.0, 1)], params={"p": str(number)}))
    assert search(1) == search(60) == 7


def test_a_page_may_have_more_runs_than_a_statement_has_variables(store):
    with store._database.write() as connection:
        connection.execute(
            sa.text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) "
                "INSERT INTO windlass_runs "
                "SELECT printf('%032d', i), '0', 'r', 'u', 'RUNNING', i, NULL, '', 'active', 0 FROM n"
            )
        )
    page = store.runs.search(query(RUNS, experiment_ids=("0",), max_results=5000))
    assert [run.info.start_time for run in page] == list(range(1200, 0, -1))


def test_a_filter_may_have_a_thousand_terms(store):
    run_id = new_run(store, "0", tags={"t": "999"}).info.run_id
    text = " OR ".join(f"tags.t = '{number}'" for number in range(1000))
    assert [run.info.run_id for run in store.runs.search(query(RUNS, text, experiment_ids=("0",)))] == [run_id]
    text = " AND ".join(f"tags.t != '{number}'" for number in range(999))
    assert [run.info.run_id for run in store.runs.search(query(RUNS, text, experiment_ids=("0",)))] == [run_id]


def test_a_filter_may_be_nested_deep(store):
    new_run(store, "0", tags={"t": "1"})
    text = "NOT " * 40 + "(" * 9 + "tags.t = '1'" + ")" * 9
    assert len(store.runs.search(query(RUNS, text, experiment_ids=("0",)))) == 1


def test_a_list_may_be_long(store):
    new_run(store, "0", tags={"t": "7"})
    field = Field(FieldKind.TAG, "t")
    asked = query(RUNS, experiment_ids=("0",))
    long = In(field, tuple(str(number) for number in range(20_000)))
    assert len(store.runs.search(Query(filter=long, order_by=asked.order_by, experiment_ids=("0",)))) == 1


def test_a_pattern_may_be_as_long_as_a_filter(store):
    new_run(store, "0", tags={"t": "x" * 60_000})
    term = Comparison(Field(FieldKind.TAG, "t"), Operator.LIKE, "x" * 59_000 + "%")
    asked = Query(filter=Or((term,)), order_by=query(RUNS).order_by, experiment_ids=("0",))
    assert len(store.runs.search(asked)) == 1


def test_the_newest_runs_are_found_along_an_index(store):
    sql = []

    def note(connection, cursor, statement, parameters, *rest):
        sql.append((statement, parameters))

    experiment_id = new_experiment(store).experiment_id
    event.listen(store._database.engine, "before_cursor_execute", note)
    store.runs.search(query(RUNS, experiment_ids=(experiment_id,)))
    statement, parameters = next((text, given) for text, given in sql if "windlass_runs" in text and "ORDER" in text)
    with store._database.read() as connection:
        plan = " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert "ix_windlass_runs_newest" in plan
    assert "TEMP B-TREE" not in plan


class TestWithoutOnConflict(ExperimentTests, RunTests, LoggingTests, MetricHistoryTests, LoggedModelTests):
    """Databases that know no ON CONFLICT read and compare instead when they write; SQLite can do that too."""

    @pytest.fixture
    def store(self, monkeypatch):
        monkeypatch.setattr(inserts, "_ON_CONFLICT", {})
        with SqlTrackingStore.open(Uri.parse("sqlite://"), Settings()) as store:
            yield store
