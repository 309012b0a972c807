"""What the first page of a search takes on Elasticsearch and on PostgreSQL.

Usage: uv run python tests/benchmarks/elasticsearch_store.py [--runs N] [--keep]

Both servers are those for tests, `tests/services/start.sh elasticsearch postgresql`. The same runs, of 10 params, 5
metrics and 4 tags each, are written into both below the stores' interfaces. Then pages of 100 runs are read through the
stores, by turns and each time with another value to look for. Printed are the medians in milliseconds, and how many
times as long Elasticsearch takes. A page whose runs are not the same on both sides ends the program.

With --keep what was filled stays, and the next time it is measured as it is. Run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

import sqlalchemy as sa
from dataset import SampleRun, chunks, fill_windlass, sample_runs

from windlass.config import Settings
from windlass.entities import Metric, Run, RunData, RunInfo
from windlass.errors import WindlassError
from windlass.interfaces import RecordStore, RunBatch, TrackingStore
from windlass.search import RUNS
from windlass.testing.samples import query
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_elasticsearch import points
from windlass_elasticsearch.cluster import Action
from windlass_elasticsearch.documents import new_token, read
from windlass_elasticsearch.indices import EXPERIMENTS, POINTS
from windlass_elasticsearch.indices import RUNS as RUN_INDEX
from windlass_elasticsearch.records import ElasticsearchRecordStore
from windlass_elasticsearch.run_documents import new_source
from windlass_elasticsearch.run_log import log
from windlass_elasticsearch.schema import open_cluster
from windlass_elasticsearch.testing import remove_prefix
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore
from windlass_sql.dialect import with_driver
from windlass_sql.records import SqlRecordStore
from windlass_sql.tracking import SqlTrackingStore

PAGE, TURNS, WARM = 100, 15, 2
WRITERS, CHUNK = 3, 150
BOTH = 2000
"""One run of so many has both of the params that half of all runs have."""
SEARCHES = {
    "newest": ("", []),
    "param =": ("params.p1 = '{n}'", []),
    "metric >": ("metrics.m0 > 0.9{n:02}", []),
    "param LIKE": ("params.p2 LIKE '{n}%'", []),
    "both common, together rare": ("params.p8 = 'yes' AND params.p9 = 'yes' AND params.p0 != '{n}'", []),
    "by metric": ("params.p0 != '{n}'", ["metrics.m1 DESC"]),
    "by param": ("params.p0 != '{n}'", ["params.p2"]),
}
"""`n` is another number each time, so that no side answers from what it remembers."""
_MARK = "benchmark", "filled"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: where it is, and how it is made empty, filled and removed."""

    uri: Uri
    tracking: type[TrackingStore]
    records: type[RecordStore]
    clear: Callable[[], None]
    fill: Callable[[int], None]
    remove: Callable[[], None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000, help="how many runs")
    parser.add_argument("--keep", action="store_true", help="leave what was filled for the next time")
    given = parser.parse_args()
    with filled(postgresql(given.runs), given) as theirs, filled(elasticsearch(given.runs), given) as ours:
        print(f"{'milliseconds':28} {'postgresql':>12} {'elasticsearch':>14} {'times':>7}")
        for name in SEARCHES:
            there, here = (statistics.median(times) * 1000 for times in race(name, theirs, ours))
            print(f"{name:28} {there:12.1f} {here:14.1f} {here / there:7.2f}")


def race(name: str, *stores: TrackingStore) -> Iterator[list[float]]:
    """The seconds that each store takes for a search, by turns."""
    times: list[list[float]] = [[] for _ in stores]
    for turn in range(WARM + TURNS):
        pages = []
        for store, taken in zip(stores, times, strict=True):
            began = time.perf_counter()
            pages.append(first_page(store, name, turn))
            if turn >= WARM:
                taken.append(time.perf_counter() - began)
        if any(page != pages[0] for page in pages):
            raise SystemExit(f"{name}: the sides do not find the same runs")
    yield from times


def first_page(store: TrackingStore, name: str, turn: int) -> list[str]:
    """The ids of the runs that a search finds first."""
    text, order_by = SEARCHES[name]
    asked = query(RUNS, text.format(n=turn), order_by, experiment_ids=("0",), max_results=PAGE)
    return [run.info.run_id for run in store.runs.search(asked)]


@contextmanager
def filled(side: Side, given: argparse.Namespace) -> Iterator[TrackingStore]:
    """The store of a side with all runs in it."""
    try:
        if not is_filled(side):
            side.clear()
            began = time.perf_counter()
            side.fill(given.runs)
            print(f"{given.runs} runs in {side.uri} after {time.perf_counter() - began:.0f} s")
            with side.records.open(side.uri, Settings()) as records:
                records.put(*_MARK, {})
        with side.tracking.open(side.uri, Settings()) as store:
            yield store
    finally:
        if not given.keep:
            side.remove()


def is_filled(side: Side) -> bool:
    """Whether an earlier run of this program has filled it whole."""
    try:
        with side.records.open(side.uri, Settings()) as records:
            records.get(*_MARK)
    except WindlassError:
        return False
    return True


def benchmark_runs(count: int) -> Iterator[SampleRun]:
    """Runs of which half have one param, half another, and few have both."""
    for run in sample_runs(count):
        first, second = run.number % 2 == 0, run.number % 2 == 1 or run.number % BOTH == 0
        params = {**dict(run.params), "p8": "yes" if first else "no", "p9": "yes" if second else "no"}
        yield replace(run, params=list(params.items()))


def postgresql(runs: int) -> Side:
    """The server for tests, with a database for so many runs."""
    server = with_driver(sa.make_url(service_url("postgresql")))
    name = f"windlass_benchmark_{runs}"
    uri = Uri.parse(server.set(database=name).render_as_string(hide_password=False))

    def run(*statements: str) -> None:
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    return Side(
        uri,
        SqlTrackingStore,
        SqlRecordStore,
        clear=partial(run, drop, f"CREATE DATABASE {name}"),
        fill=lambda count: fill_windlass(uri.text, count, 10, sample=benchmark_runs),
        remove=partial(run, drop),
    )


def elasticsearch(runs: int) -> Side:
    """The server for tests, with a prefix for so many runs."""
    uri = Uri.parse(service_url("elasticsearch")).join(f"benchmark-{runs}")
    remove = partial(remove_prefix, uri)
    fill = partial(fill_elasticsearch, uri)
    return Side(uri, ElasticsearchTrackingStore, ElasticsearchRecordStore, clear=remove, fill=fill, remove=remove)


def fill_elasticsearch(uri: Uri, count: int) -> None:
    """Write runs and their points into indices that neither refresh nor wait for the disk meanwhile."""
    cluster = open_cluster(uri, Settings())
    names = [cluster.alias(index.name) for index in (RUN_INDEX, POINTS)]
    settings = cluster.client.indices.put_settings
    settings(index=names, settings={"index": {"refresh_interval": "-1", "translog.durability": "async"}})
    home = read(cluster, EXPERIMENTS.name, "0").source
    remaining, turn = chunks(benchmark_runs(count), CHUNK), Lock()

    def write() -> None:
        while True:
            with turn:
                some = next(remaining, None)
            if some is None:
                return
            cluster.bulk([action for one in some for action in actions_of(one, home)])

    with ThreadPoolExecutor(WRITERS) as pool:
        for one in [pool.submit(write) for _ in range(WRITERS)]:
            one.result()
    settings(index=names, settings={"index": {"refresh_interval": "30s", "translog.durability": "request"}})
    cluster.refresh(RUN_INDEX.name, POINTS.name)
    # What is merged in the background would disturb what is measured.
    while cluster.client.indices.stats(index=names, metric="merge")["_all"]["total"]["merges"]["current"]:
        time.sleep(1)
    cluster.close()


def actions_of(one: SampleRun, home: dict[str, object]) -> Iterator[Action]:
    """The documents of a run and its points."""
    artifacts = f"mlflow-artifacts:/0/{one.run_id}/artifacts"
    times = {"start_time": one.start_time, "end_time": one.start_time + 5}
    info = RunInfo(one.run_id, "0", f"run-{one.number}", "ada", "FINISHED", **times, artifact_uri=artifacts)
    source = new_source(Run(info, RunData(params=dict(one.params), tags=dict(one.tags))), new_token(), home)
    metrics = [Metric(key, value, 1, 0) for key, value in one.metrics]
    for _, said in log(source, one.run_id, RunBatch(metrics=metrics)):
        yield from points._actions(said["uid"], said["points"])
    yield "create", RUN_INDEX.name, one.run_id, {**source, "stamp": new_token()}


if __name__ == "__main__":
    main()
