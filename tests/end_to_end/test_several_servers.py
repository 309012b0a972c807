"""Two server processes on one database behave as one server, whoever of many clients talks to which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain

import pytest

from windlass.config import Settings
from windlass.entities import Experiment, Metric, ModelVersion, RegisteredModel
from windlass.errors import AlreadyExists, Conflict, WindlassError
from windlass.interfaces import RegisteredModelUpdate, RunBatch
from windlass.search import EXPERIMENTS, RUNS
from windlass.testing.samples import new_run, query
from windlass.uri import Uri
from windlass_client.model_registry import HttpModelRegistry
from windlass_client.tracking_store import HttpTrackingStore
from windlass_sql.testing import new_database

CLIENTS = 8


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def servers(request, tmp_path, start_server) -> Iterator[list[str]]:
    """The addresses of two servers on one new database of each kind."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            uri = f"sqlite:///{tmp_path}/shared.db"
        else:
            uri = stack.enter_context(new_database(request.param)).text
        directories = [tmp_path / "one", tmp_path / "other"]
        for directory in directories:
            directory.mkdir()
        yield [start_server(directory, uri).url for directory in directories]


@pytest.fixture
def clients(servers) -> Iterator[list[tuple[HttpTrackingStore, HttpModelRegistry]]]:
    """As many clients, half of them at each server."""
    with ExitStack() as stack:
        made = []
        for number in range(CLIENTS):
            uri = Uri.parse(servers[number % len(servers)])
            tracking = stack.enter_context(HttpTrackingStore.open(uri, Settings()))
            made.append((tracking, stack.enter_context(HttpModelRegistry.open(uri, Settings()))))
        yield made


def at_once(clients, work: Callable) -> list:
    """What each client's work gave or raised, all of them working at the same time."""

    def attempt(number: int):
        try:
            return work(number, *clients[number])
        except WindlassError as error:
            return error

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(attempt, range(len(clients))))


def test_two_servers_on_one_database_are_as_one(clients):
    tracking, registry = clients[0]
    check_experiment_names(clients, tracking)
    check_params(clients, tracking)
    check_versions_and_aliases(clients, registry)
    check_logging(clients, tracking)


def check_experiment_names(clients, tracking):
    for name in ("fraud", "churn", "price"):
        outcomes = at_once(clients, lambda _number, store, _, name=name: create_experiment(store, name))
        made = [one for one in outcomes if isinstance(one, str)]
        assert len(made) == 1, outcomes
        assert all(isinstance(one, AlreadyExists) for one in outcomes if one not in made)
        assert tracking.experiments.get_by_name(name).experiment_id == made[0]
    found = tracking.experiments.search(query(EXPERIMENTS))
    assert sorted(one.name for one in found) == ["Default", "churn", "fraud", "price"]


def create_experiment(store, name) -> str:
    return store.experiments.create(Experiment("", name, "")).experiment_id


def check_params(clients, tracking):
    run_id = new_run(tracking, "0").info.run_id
    for key in ("a", "b", "c", "d"):
        outcomes = at_once(
            clients, lambda number, store, _, key=key: store.runs.log(run_id, RunBatch(params={key: str(number)}))
        )
        winners = [number for number, one in enumerate(outcomes) if one is None]
        assert len(winners) == 1, outcomes
        assert all(isinstance(one, Conflict) for one in outcomes if one is not None)
        assert tracking.runs.get(run_id).data.params[key] == str(winners[0])


def check_versions_and_aliases(clients, registry):
    outcomes = at_once(clients, lambda _number, _, registry: registry.models.create(RegisteredModel("scorer")))
    assert Counter(isinstance(one, AlreadyExists) for one in outcomes) == {True: CLIENTS - 1, False: 1}

    def register(number, _, registry):
        versions = []
        for _ in range(6):
            version = registry.versions.create(ModelVersion("scorer", 0, source="s3://bucket/model")).version
            registry.models.update("scorer", RegisteredModelUpdate(aliases={"newest": version}))
            versions.append(version)
        return versions

    outcomes = at_once(clients, register)
    assert sorted(chain(*outcomes)) == list(range(1, 6 * CLIENTS + 1))
    alias = registry.models.get("scorer").aliases["newest"]
    assert alias in {versions[-1] for versions in outcomes}
    assert registry.versions.get("scorer", alias).aliases == ("newest",)


def check_logging(clients, tracking):
    run_id = new_run(tracking, "0").info.run_id

    def log(number, store, _):
        for step in range(10):
            metrics = [Metric("loss", float(number), 1, step)]
            batch = RunBatch(metrics=metrics, params={f"p{number}-{step}": "1"}, tags={"by": str(number)})
            store.runs.log(run_id, batch)
        return new_run(store, "0").info.run_id

    outcomes = at_once(clients, log)
    assert all(isinstance(one, str) for one in outcomes), outcomes
    assert len(tracking.runs.metric_history(run_id, "loss")) == 10 * CLIENTS
    run = tracking.runs.get(run_id)
    assert len(run.data.params) == 10 * CLIENTS
    assert run.data.latest_metrics[0].value == CLIENTS - 1
    found = {one.info.run_id for one in tracking.runs.search(query(RUNS, experiment_ids=("0",)))}
    assert set(outcomes) <= found
