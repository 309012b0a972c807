"""Run plans: every way to find a page of runs gives the rows of the memory store, in its order, over all pages."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from windlass.builtin.memory_state import TrackingState
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.entities import Experiment, LifecycleStage, Metric, Run, RunData, RunInfo
from windlass.interfaces import RunBatch, RunUpdate
from windlass.search import RUNS, Query
from windlass.testing import strategies as some
from windlass.testing.samples import new_run, query
from windlass_sql import driving, phases, run_plans
from windlass_sql.schema import open_database
from windlass_sql.tracking import SqlTrackingStore

COUNT = 60
LONG = "long " * 30
VALUES = [0.0, -0.0, 1.0, 1.0, 0.25, -3.5, math.inf, -math.inf, math.nan]
TEXTS = ["", "x", "X", "ß", "日本", LONG + "1", LONG + "2", LONG]
ORDERS = [
    [],
    ["metrics.a"],
    ["metrics.a DESC"],
    ["params.a"],
    ["params.a DESC"],
    ["tags.a DESC", "metrics.a"],
    ["metrics.a DESC", "params.a DESC"],
    ["metrics.a", "start_time"],
    ["tags.a", "end_time DESC"],
    ["metrics.never DESC"],
    ["run_name"],
]
FILTERS = [
    "",
    "metrics.a > 0",
    "metrics.a >= 1 AND params.a = 'x'",
    "metrics.a < 1",
    "metrics.a <= 100000000000000000000",
    "metrics.a != 1",
    "metrics.a = 0 AND tags.a IN ('x', 'ß')",
    "params.a = 'x'",
    f"params.a = '{LONG}1'",
    f"tags.a IN ('{LONG}1', 'X')",
    "params.a = 'x' AND tags.a != 'x'",
    "params.a = 'never'",
    "tags.a LIKE 'long%'",
    "NOT params.a = 'x'",
    "params.a IS NULL AND metrics.a IS NOT NULL",
    "status = 'RUNNING' AND params.a = 'X'",
]


@pytest.fixture(scope="module")
def stores(database_uri):
    """A SQL store and a memory store with the same runs in three experiments, some with values and some without."""
    database = open_database(database_uri, Settings())
    pair = (SqlTrackingStore(database), MemoryTrackingStore(TrackingState()))
    chance = random.Random(5)
    runs = [sample(chance, number) for number in range(COUNT)]
    for store in pair:
        for number in (1, 2, 3):
            store.experiments.create(Experiment(str(number), f"e{number}", "s3://b", creation_time=1))
        for run in runs:
            store.runs.create(run)
        for run in runs[::7]:
            store.runs.update(run.info.run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
    yield pair
    database.close()


def sample(chance, number):
    """A run with few different values, so that many are equal."""
    metrics = [Metric("a", chance.choice(VALUES), 1, 1)] if chance.random() < 0.8 else []
    params, tags = ({"a": chance.choice(TEXTS)} if chance.random() < 0.8 else {} for _ in range(2))
    end_time = chance.choice([None, 5, 6])
    info = RunInfo(
        f"{number:032x}",
        str(1 + number % 3),
        chance.choice(["one", "two"]),
        "ada",
        start_time=chance.randrange(9),
        end_time=end_time,
    )
    return Run(info, RunData(tuple(metrics), params, tags))


def pages(store, asked):
    """The ids on all pages."""
    found, token = [], None
    while True:
        page = store.runs.search(Query(**{name: getattr(asked, name) for name in FIELDS}, page_token=token))
        found += [run.info.run_id for run in page]
        token = page.token
        if token is None:
            return found


FIELDS = ("filter", "order_by", "max_results", "view", "experiment_ids")


@pytest.fixture(params=[1, 4000], ids=["nothing is rare", "everything is rare"])
def many(request, monkeypatch):
    """From how many entries on a term is not rare."""
    monkeypatch.setattr(driving, "_MANY", request.param)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("order_by", ORDERS, ids=" ".join)
def test_every_ordering_and_filter_gives_what_the_memory_store_gives(stores, order_by):
    some_filters = ["", *FILTERS[1 + ORDERS.index(order_by) % 4 :: 4]]
    for number, text in enumerate(some_filters):
        ids, size = [(("1",), 6), (("1", "2", "3"), 13)][number % 2]
        asked = query(RUNS, text, order_by, experiment_ids=ids, max_results=size)
        ours, expected = (pages(store, asked) for store in stores)
        assert ours == expected, (text, ids)


@pytest.mark.usefixtures("many")
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    wanted=some.filters(RUNS),
    order_by=some.orderings(RUNS),
    size=st.integers(1, 30),
    view=some.views,
    ids=st.sampled_from([("1",), ("2", "3"), ("1", "2", "3")]),
)
def test_any_search_gives_what_the_memory_store_gives(stores, wanted, order_by, size, view, ids):
    asked = Query(filter=wanted, order_by=order_by, max_results=size, view=view, experiment_ids=ids)
    ours, expected = (pages(store, asked) for store in stores)
    assert ours == expected


def test_more_experiments_than_are_searched_one_by_one(stores, monkeypatch):
    monkeypatch.setattr(run_plans, "FEW", 2)
    asked = query(RUNS, "params.a != 'x'", ["metrics.a DESC"], experiment_ids=("1", "2", "3"), max_results=5)
    ours, expected = (pages(store, asked) for store in stores)
    assert ours == expected


def test_a_page_may_be_found_by_another_plan_than_the_one_before(stores, monkeypatch):
    store, memory = stores
    asked = query(RUNS, "params.a = 'x'", ["metrics.a"], experiment_ids=("1",), max_results=2)
    monkeypatch.setattr(driving, "_MANY", 1)
    first = store.runs.search(asked)
    monkeypatch.undo()
    rest = store.runs.search(
        query(RUNS, "params.a = 'x'", ["metrics.a"], experiment_ids=("1",), page_token=first.token)
    )
    assert [run.info.run_id for page in (first, rest) for run in page] == pages(memory, asked)


@pytest.mark.parametrize("order", ["metrics.m", "metrics.m DESC", "params.p DESC"])
def test_pages_neither_skip_nor_repeat_while_runs_are_added(stores, order):
    store, _ = stores
    name = f"growing {order}"
    store.experiments.create(Experiment(name, name, "s3://b", creation_time=1))

    def add(number):
        run_id = new_run(store, name, start_time=number % 3).info.run_id
        value = (number % 4) / 2
        batch = RunBatch(metrics=[Metric("m", value, 1, 1)], params={"p": f"{value}"}) if number % 5 else RunBatch()
        store.runs.log(run_id, batch)
        return run_id

    before = {add(number) for number in range(20)}
    seen, token = [], None
    while True:
        page = store.runs.search(query(RUNS, "", [order], experiment_ids=(name,), max_results=3, page_token=token))
        seen += [run.info.run_id for run in page]
        token = page.token
        if token is None:
            break
        add(len(seen))
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_runs_that_lack_the_value_are_not_looked_for_if_the_filter_demands_it(stores, monkeypatch):
    store, _ = stores
    looked = []
    found = phases.Phases._lacking
    monkeypatch.setattr(phases.Phases, "_lacking", lambda *given: looked.append(1) or found(*given))
    monkeypatch.setattr(driving, "_MANY", 1)
    for text, times in (("metrics.a < 5", 0), ("metrics.a != 5", 1), ("metrics.a IS NOT NULL", 1), ("", 1)):
        looked.clear()
        store.runs.search(query(RUNS, text, ["metrics.a"], experiment_ids=("1",)))
        assert len(looked) == times, text
