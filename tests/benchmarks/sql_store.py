"""How fast the SQL store itself logs on this machine: `uv run python tests/benchmarks/sql_store.py`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from windlass.config import Settings
from windlass.entities import Metric, Run, RunInfo
from windlass.interfaces import RunBatch
from windlass.uri import Uri
from windlass_sql.tracking import SqlTrackingStore


def main():
    with tempfile.TemporaryDirectory() as directory:
        uri = Uri.parse(f"sqlite:///{directory}/windlass.db")
        SqlTrackingStore.open(uri, Settings(home=Path(directory))).close()
        began = time.perf_counter()
        store = SqlTrackingStore.open(uri, Settings(home=Path(directory)))
        print(f"open an existing file: {(time.perf_counter() - began) * 1000:.1f} ms")
        singles(store)
        batches(store, keys=1)
        batches(store, keys=100)
        creates(store)


def new_run(store, number):
    return store.runs.create(Run(RunInfo(f"{number:032x}", "0", "bench", "ada"))).info.run_id


def singles(store, count=5000):
    run_id = new_run(store, 1)
    began = time.perf_counter()
    for step in range(count):
        store.runs.log(run_id, RunBatch(metrics=[Metric("loss", 0.5, step, step)]))
    print(f"single metrics: {count / (time.perf_counter() - began):,.0f} calls/s")


def batches(store, keys, count=100, size=1000):
    run_id = new_run(store, 100 + keys)
    given = [
        [Metric(f"m{one % keys}", one / 7, batch * size + one, batch * size + one) for one in range(size)]
        for batch in range(count)
    ]
    began = time.perf_counter()
    for metrics in given:
        store.runs.log(run_id, RunBatch(metrics=metrics))
    rate = count * size / (time.perf_counter() - began)
    print(f"batches of {size} with {keys} keys: {rate:,.0f} points/s")


def creates(store, count=500):
    began = time.perf_counter()
    for number in range(count):
        new_run(store, 10_000 + number)
    print(f"new runs: {count / (time.perf_counter() - began):,.0f}/s")


if __name__ == "__main__":
    main()
