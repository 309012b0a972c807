"""A cluster of three nodes whose elected master is killed under load: it goes on by itself, and nothing is lost."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from windlass.config import Settings
from windlass.entities import Experiment, ModelVersion, Run, RunData, RunInfo
from windlass.errors import Conflict, Unavailable
from windlass.interfaces import RunBatch
from windlass.search import MODEL_VERSIONS, RUNS
from windlass.testing.samples import metric, new_experiment, new_model, new_run, query
from windlass.uri import Uri
from windlass_elasticsearch.address import Address
from windlass_elasticsearch.cluster import Cluster, connect
from windlass_elasticsearch.indices import ALL
from windlass_elasticsearch.records import ElasticsearchRecordStore
from windlass_elasticsearch.registry import ElasticsearchModelRegistry
from windlass_elasticsearch.schema import META
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore

SERVICES = Path(__file__).parents[3] / "tests" / "services"
SETTINGS = Settings(elasticsearch_timeout=10)
BATCH = 250
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Nodes:
    """Three nodes, the directories below which they are, and a connection to ask and tell them anything."""

    uri: Uri
    directory: Path
    cluster: Cluster

    def ask(self, question: Callable[[Elasticsearch], Any]) -> Any:
        """The answer, for which nodes that have not yet noticed what happened get time."""

        def attempt() -> Any:
            with self.cluster.translating() as client:
                return question(client)

        return patiently(attempt)

    def names(self) -> set[str]:
        return {one["name"] for one in self.ask(lambda client: client.cat.nodes(format="json", h="name"))}

    def master(self) -> str:
        return self.ask(lambda client: client.cat.master(format="json"))[0]["node"]

    def kill(self, name: str) -> None:
        nodes = self.ask(lambda client: client.cat.nodes(format="json", h="name,pid"))
        os.kill(next(int(one["pid"]) for one in nodes if one["name"] == name), signal.SIGKILL)

    def run_again(self, name: str) -> subprocess.Popen[bytes]:
        configs = self.directory.glob("*/config/elasticsearch.yml")
        home = next(one.parents[1] for one in configs if f"node.name: {name}\n" in one.read_text())
        command = [SERVICES / "elasticsearch" / "node.sh", home]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True)

    def allow(self, **settings: str | None) -> None:
        named = {name.replace("__", "."): value for name, value in settings.items()}
        self.ask(lambda client: client.cluster.put_settings(persistent=named))

    def wait_for_green(self) -> None:
        wanted = {"wait_for_status": "green", "wait_for_nodes": "3", "timeout": "3s"}
        for _ in range(30):
            health = self.ask(lambda client: client.options(ignore_status=408).cluster.health(**wanted))
            if not health["timed_out"]:
                return
        raise AssertionError(health)

    def copies(self) -> dict[str, list[tuple[str, str]]]:
        """Of each of our indices its copies that are up to date: `p` or `r`, and the node."""
        pattern = f"{Address.parse(self.uri).prefix}-*"
        found = defaultdict(list)
        fields = "index,prirep,state,node"
        for one in self.ask(lambda client: client.cat.shards(index=pattern, format="json", h=fields)):
            if one["state"] == "STARTED":
                found[one["index"]].append((one["prirep"], one["node"]))
        return {index: sorted(copies) for index, copies in found.items()}


@dataclass(slots=True)
class Writer:
    """Writes again and again, and remembers what was acknowledged and what was refused, by number."""

    work: Callable[[int], Any]
    acknowledged: dict[int, Any] = field(default_factory=dict)
    refused: list[Unavailable] = field(default_factory=list)
    unsure: set[int] = field(default_factory=set)

    def write(self, stop: Event) -> None:
        for number in count():
            if stop.wait(PAUSE):
                return
            try:
                self.acknowledged[number] = self.work(number)
            except Unavailable as error:
                self.refused.append(error)
                self.unsure.add(number)

    def check(self, found: set[int]) -> None:
        """That all is there that was acknowledged, and nothing that nobody has asked for."""
        assert set(self.acknowledged) <= found <= set(self.acknowledged) | self.unsure


class Load:
    """What is written, each by a thread of its own, and whether it is there afterwards."""

    def __init__(self, uri: Uri) -> None:
        self._uri = uri
        self._stores = ExitStack()
        self.open()
        self._experiment = new_experiment(self.tracking).experiment_id
        self._shared, self._large = (new_run(self.tracking, self._experiment).info.run_id for _ in range(2))
        self._created_in = new_experiment(self.tracking).experiment_id
        self._model = new_model(self.registry).name
        self.records.put("counters", "c", {"count": 1}, expected=0)
        self._logging = {own: Writer(partial(self._log, own)) for own in ("a", "b")}
        self._batches, self._runs, self._kept = Writer(self._log_many), Writer(self._create_run), Writer(self._keep)
        self._experiments = Writer(self._create_experiment)
        self._versions = {own: Writer(partial(self._create_version, own)) for own in ("a", "b")}
        self._counting = [Writer(self._increase) for _ in range(2)]
        self.writers = [
            *self._logging.values(),
            *self._versions.values(),
            *self._counting,
            self._batches,
            self._runs,
            self._kept,
            self._experiments,
        ]

    def open(self) -> None:
        """Open stores, with new connections if there are others already."""
        self._stores.close()
        enter = self._stores.enter_context
        self.tracking = enter(ElasticsearchTrackingStore.open(self._uri, SETTINGS))
        self.registry = enter(ElasticsearchModelRegistry.open(self._uri, SETTINGS))
        self.records = enter(ElasticsearchRecordStore.open(self._uri, SETTINGS))

    def close(self) -> None:
        self._stores.close()

    def check(self) -> None:
        for own, writer in self._logging.items():
            patiently(partial(self._check_logged, own, writer))
        patiently(self._check_batches)
        patiently(self._check_runs)
        patiently(self._check_experiments)
        patiently(self._check_versions)
        patiently(self._check_records)

    def _log(self, own: str, number: int) -> None:
        metrics = [metric(f"{key}-{own}", float(number), step=number) for key in ("m", "k")]
        key = f"{own}-{number}"
        self.tracking.runs.log(self._shared, RunBatch(metrics=metrics, params={key: own}, tags={key: own}))

    def _log_many(self, number: int) -> None:
        points = [metric("m", float(step), step=step) for step in range(number * BATCH, (number + 1) * BATCH)]
        self.tracking.runs.log(self._large, RunBatch(metrics=points))

    def _create_run(self, number: int) -> str:
        run_id = secrets.token_hex(16)
        info = RunInfo(run_id, self._created_in, f"run-{number}", "ada")
        data = RunData(params={"number": str(number)}, latest_metrics=[metric("m", float(number))])
        return self.tracking.runs.create(Run(info, data)).info.run_id

    def _create_experiment(self, number: int) -> str:
        experiment_id = f"{self._experiment}{number:04}"
        return self.tracking.experiments.create(Experiment(experiment_id, f"e-{number}", "s3://b")).experiment_id

    def _create_version(self, own: str, number: int) -> int:
        return self.registry.versions.create(ModelVersion(self._model, 0, source=f"s3://{own}/{number}")).version

    def _keep(self, number: int) -> int:
        return self.records.put("kept", f"{number:06}", {"number": number}, expected=0).revision

    def _increase(self, number: int) -> int:
        while True:
            seen = self.records.get("counters", "c")
            try:
                changed = {"count": seen.value["count"] + 1}
                return self.records.put("counters", "c", changed, expected=seen.revision).revision
            except Conflict:
                continue

    def _check_logged(self, own: str, writer: Writer) -> None:
        """A batch is there with all its points, params and tags, or nothing of it is."""
        histories = [self.tracking.runs.metric_history(self._shared, f"{key}-{own}") for key in ("m", "k")]
        steps = [one.step for one in histories[0]]
        writer.check(set(steps))
        assert steps == sorted(set(steps))
        assert [[(one.step, one.value) for one in points] for points in histories] == [[(s, s) for s in steps]] * 2
        data = self.tracking.runs.get(self._shared).data
        wanted = {f"{own}-{step}": own for step in steps}
        for found in (data.params, data.tags):
            assert {key: value for key, value in found.items() if key.startswith(f"{own}-")} == wanted
        assert data.metrics[f"m-{own}"] == steps[-1]

    def _check_batches(self) -> None:
        steps = [one.step for one in self.tracking.runs.metric_history(self._large, "m")]
        batches = sorted({step // BATCH for step in steps})
        self._batches.check(set(batches))
        assert steps == [step for one in batches for step in range(one * BATCH, (one + 1) * BATCH)]

    def _check_runs(self) -> None:
        asked = query(RUNS, experiment_ids=(self._created_in,), max_results=50_000)
        found = {int(run.data.params["number"]): run for run in self.tracking.runs.search(asked)}
        self._runs.check(set(found))
        for number, run_id in self._runs.acknowledged.items():
            assert found[number] == self.tracking.runs.get(run_id)
            assert self.tracking.runs.metric_history(run_id, "m") == [metric("m", float(number))]

    def _check_experiments(self) -> None:
        for number, experiment_id in self._experiments.acknowledged.items():
            assert self.tracking.experiments.get_by_name(f"e-{number}").experiment_id == experiment_id

    def _check_versions(self) -> None:
        """No number was given twice, and all up to the last are there."""
        asked = query(MODEL_VERSIONS, f"name = '{self._model}'", max_results=50_000)
        found = {one.version: one for one in self.registry.versions.search(asked)}
        assert sorted(found) == list(range(1, self.registry.versions.last_number(self._model) + 1))
        given = [one for writer in self._versions.values() for one in writer.acknowledged.values()]
        assert len(given) == len(set(given))
        for own, writer in self._versions.items():
            for number, version in writer.acknowledged.items():
                assert found[version] == self.registry.versions.get(self._model, version)
                assert found[version].source == f"s3://{own}/{number}"

    def _check_records(self) -> None:
        kept = {int(one.key): one for one in self.records.list("kept", max_results=50_000)}
        self._kept.check(set(kept))
        assert {number: one.value["number"] for number, one in kept.items()} == {number: number for number in kept}
        counter = self.records.get("counters", "c")
        revisions = [one for writer in self._counting for one in writer.acknowledged.values()]
        assert len(revisions) == len(set(revisions))
        assert counter.value["count"] == counter.revision >= max(revisions)


@pytest.fixture
def nodes(tmp_path) -> Iterator[Nodes]:
    environment = {
        **os.environ,
        "WINDLASS_TEST_STATE": str(tmp_path),
        "WINDLASS_TEST_ELASTICSEARCH_NODES": "3",
        "WINDLASS_TEST_ELASTICSEARCH_VERSION": installed_version(),
        "WINDLASS_TEST_ELASTICSEARCH_PASSWORD": "",
    }
    script = SERVICES / "elasticsearch.sh"
    try:
        subprocess.run([script, "start"], env=environment, check=True, timeout=200, stdout=subprocess.DEVNULL)
        state = tmp_path / "elasticsearch"
        uri = Uri.parse((state / "url").read_text().strip()).join("three")
        cluster = connect(Address.parse(uri), SETTINGS)
        yield Nodes(uri, Path((state / "data").read_text().strip()), cluster)
        cluster.close()
    finally:
        subprocess.run([script, "stop"], env=environment, check=True, timeout=30)


def installed_version() -> str:
    """The newest server that was fetched already; skips the test where there is none, or fails it."""
    cache = Path(os.environ.get("WINDLASS_TEST_ENVS", "~/.cache/windlass-test")).expanduser()
    found = [one for one in ("9", "8") if (cache / f"elasticsearch-{one}" / "carrier").is_file()]
    if not found or not shutil.which("javac") or not (SERVICES / "elasticsearch.sh").is_file():
        reason = "no Elasticsearch or no JDK to start three nodes: run tests/services/start.sh elasticsearch"
        (pytest.fail if os.environ.get("WINDLASS_TEST_SERVICES") == "all" else pytest.skip)(reason)
    return found[0]


def patiently(work: Callable[[], Any], *, seconds: float = 60) -> Any:
    """The result of `work`, which is done again after the time that a cluster asks for while it is not available."""
    end = time.monotonic() + seconds
    while True:
        try:
            return work()
        except Unavailable as error:
            if time.monotonic() > end:
                raise
            time.sleep(error.details["retry_after"])


def wait_until(reached: Callable[[], bool], futures: list[Future[None]], *, seconds: float) -> None:
    """Wait while writers write; what one of them raises is raised here."""
    end = time.monotonic() + seconds
    while not reached():
        for one in futures:
            if one.done():
                one.result()
        assert time.monotonic() < end, "the writers do not get on"
        time.sleep(0.1)


def write_while(writers: list[Writer], disaster: Callable[[], None]) -> None:
    """Let writers write before a disaster, during it, and until all of them have recovered from it."""
    stop = Event()
    with ThreadPoolExecutor(len(writers)) as pool:
        futures = [pool.submit(one.write, stop) for one in writers]
        try:
            wait_until(lambda: all(len(one.acknowledged) >= 10 for one in writers), futures, seconds=120)
            disaster()
            before = [len(one.acknowledged) for one in writers]
            recovered = lambda: all(len(o.acknowledged) >= b + 10 for o, b in zip(writers, before, strict=True))  # noqa: E731
            wait_until(recovered, futures, seconds=150)
        finally:
            stop.set()
    for one in futures:
        one.result()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_acknowledged_is_lost_though_the_master_is_killed_under_load(nodes) -> None:
    master = nodes.master()
    # All primaries come to the master, so that its end interrupts every kind of writing.
    others = ",".join(nodes.names() - {master})
    nodes.allow(cluster__routing__allocation__exclude___name=others, cluster__routing__rebalance__enable="none")
    load = Load(nodes.uri)
    nodes.allow(cluster__routing__allocation__exclude___name=None)
    nodes.wait_for_green()
    copies = nodes.copies()
    assert set(copies) == {f"three-{index.name}-v{index.version}" for index in (META, *ALL)}
    for primary, replica in copies.values():
        assert primary == ("p", master)
        assert replica[1] in nodes.names() - {master}
    write_while(load.writers, lambda: nodes.kill(master))
    assert nodes.master() != master
    refused = [error for writer in load.writers for error in writer.refused]
    assert [error for error in refused if error.details["retry_after"] <= 0] == []
    load.check()
    again = nodes.run_again(master)
    try:
        nodes.wait_for_green()
        assert master in nodes.names()
        assert {len({node for _, node in one}) for one in nodes.copies().values()} == {2}
        load.open()
        load.check()
    finally:
        load.close()
        os.killpg(again.pid, signal.SIGKILL)
        again.wait()
