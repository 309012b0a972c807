"""Summaries of histories: they never change what a sample is, whatever comes when."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from windlass.config import Settings
from windlass.entities import LifecycleStage, Metric
from windlass.errors import Unavailable
from windlass.interfaces import RunBatch, RunUpdate, metric_sampling
from windlass.interfaces.metric_sampling import sample
from windlass.testing.comparison import canonical
from windlass.testing.samples import new_run
from windlass.uri import Uri
from windlass_sql import history_sampling, summaries
from windlass_sql.tables import series
from windlass_sql.tables import summaries as summary_table
from windlass_sql.tracking import SqlTrackingStore

steps = st.one_of(st.integers(0, 40), st.integers(0, 3), st.integers(0, 2000))
points = st.builds(Metric, st.just("m"), st.sampled_from([0.0, 1.0, 2.5, float("nan")]), st.integers(0, 9), steps)
samples = st.tuples(st.integers(2, 14), st.none() | st.integers(0, 60), st.none() | st.integers(0, 60))


@pytest.fixture
def small(monkeypatch):
    """Groups of four, summarised as soon as eight points wait, eight groups at a time."""
    for module in (metric_sampling, history_sampling, summaries):
        monkeypatch.setattr(module, "GROUP", 4)
    monkeypatch.setattr(summaries, "ENOUGH", 8)
    monkeypatch.setattr(summaries, "PIECE", 8)


@pytest.fixture
def store(database_uri, tmp_path):
    with SqlTrackingStore.open(database_uri, Settings(home=tmp_path)) as store:
        yield store


def rows_of(store, run_id, table):
    """The rows of the run's one series."""
    here = sa.select(series.c.series_id).where(series.c.run_id == run_id).scalar_subquery()
    with store._database.read() as connection:
        return connection.execute(sa.select(table).where(table.c.series_id == here)).all()


def check_samples(store, work):
    run_id = new_run(store, "0").info.run_id
    for one in work:
        if isinstance(one, list):
            store.runs.log(run_id, RunBatch(metrics=one))
            continue
        count, start, end = one
        taken = store.runs.sample_history(run_id, "m", points=count, start_step=start, end_step=end)
        history = store.runs.metric_history(run_id, "m")
        assert canonical(taken) == canonical(sample(history, points=count, start_step=start, end_step=end))


works = st.lists(st.lists(points, min_size=1, max_size=60) | samples, min_size=2, max_size=10)
patient = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=patient)
@given(works)
def test_a_sample_is_that_of_the_whole_history_whatever_comes_when(small, work):
    with SqlTrackingStore.open(Uri.parse("sqlite://"), Settings()) as store:
        check_samples(store, work)


@settings(max_examples=15, deadline=None, suppress_health_check=patient)
@given(works)
def test_the_same_holds_on_every_database(small, store, work):
    check_samples(store, work)


def test_samples_are_right_while_others_log_in_any_order(small, store):
    run_id = new_run(store, "0").info.run_id
    stop = threading.Event()
    errors = []

    def log(offset):
        for number in range(60):
            at = (number * 37 + offset) % 97
            batch = [Metric("m", float((at * step) % 11), step, at + step * (offset % 2)) for step in range(5)]
            store.runs.log(run_id, RunBatch(metrics=batch))

    def look():
        while not stop.is_set():
            try:
                taken = store.runs.sample_history(run_id, "m", points=10)
                assert len(taken) <= 10
                assert taken == sorted(taken, key=lambda one: one.order)
            except BaseException as error:
                errors.append(error)
                raise

    readers = [threading.Thread(target=look) for _ in range(2)]
    writers = [threading.Thread(target=log, args=(offset,)) for offset in (0, 1)]
    for one in (*readers, *writers):
        one.start()
    for one in writers:
        one.join(60)
    stop.set()
    for one in readers:
        one.join(60)
    assert not errors
    history = store.runs.metric_history(run_id, "m")
    for count in (2, 10, 30):
        assert store.runs.sample_history(run_id, "m", points=count) == sample(history, points=count)
    assert rows_of(store, run_id, summary_table)


def test_a_long_history_is_summarised_once_and_read_from_that(store, monkeypatch):
    run_id = new_run(store, "0").info.run_id
    history = [Metric("m", float(step * 7919 % 1000), step, step) for step in range(30_000)]
    store.runs.log(run_id, RunBatch(metrics=history))
    first = store.runs.sample_history(run_id, "m", points=100)
    assert first == sample(history, points=100)
    assert len(rows_of(store, run_id, summary_table)) == 29_999 // 128 + 1
    monkeypatch.setattr(type(store.runs), "_summarise", lambda *_: False)
    read = []
    monkeypatch.setattr(history_sampling, "decoded", lambda row: read.append(row) or summaries.decoded(row))
    assert store.runs.sample_history(run_id, "m", points=100) == first
    assert len(read) <= 128


def test_a_point_that_comes_late_takes_back_only_what_it_changes(store):
    run_id = new_run(store, "0").info.run_id
    history = [Metric("m", float(step), step, step) for step in range(20_000)]
    store.runs.log(run_id, RunBatch(metrics=history))
    store.runs.sample_history(run_id, "m", points=100)
    store.runs.log(run_id, RunBatch(metrics=[Metric("m", 5.0, 20_001, 20_001)]))
    assert len(rows_of(store, run_id, summary_table)) == 157
    store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1e9, 10_000, 10_000)]))
    assert len(rows_of(store, run_id, summary_table)) == 10_000 // 128 + 1
    (row,) = rows_of(store, run_id, series)
    assert (row.summarised_step, row.summarised_timestamp) == (9984, 9984)
    store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1e9, 1, -5)]))
    assert rows_of(store, run_id, summary_table) == []
    whole = store.runs.metric_history(run_id, "m")
    assert store.runs.sample_history(run_id, "m", points=100) == sample(whole, points=100)


def test_a_store_that_cannot_write_still_gives_samples(small, store, monkeypatch):
    run_id = new_run(store, "0").info.run_id
    history = [Metric("m", float(step % 7), step, step) for step in range(50)]
    store.runs.log(run_id, RunBatch(metrics=history))

    def full():
        raise Unavailable("the disk is full")

    monkeypatch.setattr(store._database, "write", full)
    assert store.runs.sample_history(run_id, "m", points=10) == sample(history, points=10)
    assert rows_of(store, run_id, summary_table) == []


def test_summaries_go_with_their_run(small, store):
    run_id = new_run(store, "0").info.run_id
    store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1.0, step, step) for step in range(50)]))
    store.runs.sample_history(run_id, "m", points=5)
    number = rows_of(store, run_id, summary_table)[0].series_id
    store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
    store.runs.purge(run_id)
    with store._database.read() as connection:
        left = sa.select(summary_table).where(summary_table.c.series_id == number)
        assert connection.execute(left).all() == []
