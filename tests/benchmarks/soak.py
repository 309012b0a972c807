"""Keeps one server busy for minutes and looks whether it grows.

    uv run python tests/benchmarks/soak.py [--minutes 10] [--clients 6] [--store URI]

Prints requests, errors, memory, threads and open files at intervals, and at the end how much memory the second half of
the time took; exits with 1 if a request failed or the server grew by more than it may.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
OURS = "/api/windlass/v1"
SAMPLES = 20
MAY_GROW_KB_A_MINUTE = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process needs at a moment; memory is its proportional share in KiB."""

    minute: float
    requests: int
    errors: int
    memory: int
    threads: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.minute:6.1f} min {self.requests:9,} requests {self.errors:4} errors "
            f"{self.memory / 1024:8.1f} MiB {self.threads:4} threads {self.files:4} files"
        )


class Worker:
    """One client that does a bit of everything, each time with names that nobody used before."""

    def __init__(self, url: str, seed: int) -> None:
        self.place = urlsplit(url)
        self.random = random.Random(seed)
        self.statuses: Counter[int] = Counter()
        self.problems: list[str] = []
        self.connection = self.connect()
        self.run_id = ""
        self.step = 0

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.place.hostname or "", self.place.port, timeout=60)

    def send(self, method: str, path: str, body: Any = None, *, expected: int = 200) -> bytes:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        headers = {"content-type": "application/json", "x-request-id": uuid.uuid4().hex}
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        found = answer.read()
        self.statuses[answer.status] += 1
        if answer.status != expected:
            self.problems.append(f"{method} {path[:80]}: {answer.status} {found[:200]!r}")
        return found

    def ask(self, method: str, path: str, values: Any, **expected: int) -> Any:
        if method == "GET":
            return json.loads(self.send(method, f"{API}{path}?{urlencode(values, doseq=True)}", **expected))
        return json.loads(self.send(method, API + path, values, **expected))

    def begin(self) -> None:
        made = self.ask("POST", "/runs/create", {"experiment_id": "0", "run_name": uuid.uuid4().hex})
        self.run_id = made["run"]["info"]["run_id"]

    def log(self) -> None:
        self.step += 1
        key = f"metric-{uuid.uuid4().hex[:8]}" if self.random.random() < 0.2 else "loss"
        point = {"run_id": self.run_id, "key": key, "value": self.random.random(), "timestamp": 1, "step": self.step}
        self.ask("POST", "/runs/log-metric", point)

    def log_batch(self) -> None:
        self.step += 100
        points = [{"key": "batch", "value": 0.5, "timestamp": 1, "step": self.step + one} for one in range(100)]
        params = [{"key": uuid.uuid4().hex, "value": "x" * self.random.randrange(500)}]
        self.ask("POST", "/runs/log-batch", {"run_id": self.run_id, "metrics": points, "params": params})

    def search(self) -> None:
        filters = [f"metrics.loss < {self.random.random()}", f"params.`{uuid.uuid4().hex}` = '1'", ""]
        values = {"experiment_ids": ["0"], "filter": self.random.choice(filters), "max_results": 50}
        self.ask("POST", "/runs/search", values)

    def read(self) -> None:
        self.ask("GET", "/runs/get", {"run_id": self.run_id})
        self.ask("GET", "/metrics/get-history", {"run_id": self.run_id, "metric_key": "batch", "max_results": 500})

    def register(self) -> None:
        name = uuid.uuid4().hex
        self.ask("POST", "/registered-models/create", {"name": name})
        self.ask("POST", "/model-versions/create", {"name": name, "source": "s3://bucket/model"})
        self.ask("POST", "/registered-models/alias", {"name": name, "alias": "champion", "version": "1"})
        self.ask("GET", "/registered-models/get", {"name": name})

    def files(self) -> None:
        path = f"{PROXY}/0/{self.run_id}/artifacts/{uuid.uuid4().hex}.bin"
        content = self.random.randbytes(self.random.randrange(200_000))
        self.send("PUT", path, content)
        if self.send("GET", path) != content:
            self.problems.append(f"{path} came back changed")
        self.ask("GET", "/artifacts/list", {"run_id": self.run_id})

    def nonsense(self) -> None:
        """What is refused must not be remembered either."""
        self.ask("GET", "/runs/get", {"run_id": uuid.uuid4().hex}, expected=404)
        self.send("GET", f"/{uuid.uuid4().hex}", expected=404)
        self.send("POST", f"{API}/runs/log-metric", {uuid.uuid4().hex: 1}, expected=400)
        self.send("GET", f"{PROXY}/{quote('../' + uuid.uuid4().hex)}", expected=400)
        self.ask("POST", "/runs/search", {"experiment_ids": ["0"], "filter": uuid.uuid4().hex}, expected=400)
        self.ask("POST", "/runs/search", {"experiment_ids": [uuid.uuid4().hex]})

    def leave(self) -> None:
        """Hang up, once in the middle of an answer without end."""
        self.connection.request("GET", f"{OURS}/runs/{self.run_id}/events")
        self.connection.getresponse().read(10)
        self.connection.close()
        self.connection = self.connect()

    def work(self, stopping: threading.Event) -> None:
        self.begin()
        jobs: list[tuple[int, Callable[[], None]]] = [
            (40, self.log), (10, self.log_batch), (10, self.search), (10, self.read), (3, self.register),
            (5, self.files), (5, self.nonsense), (1, self.leave), (2, self.begin),
        ]  # fmt: skip
        weights, doing = zip(*jobs, strict=True)
        while not stopping.is_set():
            try:
                self.random.choices(doing, weights)[0]()
            except (OSError, http.client.HTTPException) as error:
                self.problems.append(repr(error))
                self.connection = self.connect()


def sample(pid: int, workers: list[Worker], begun: float) -> Sample:
    """How things are now."""
    process = Path(f"/proc/{pid}")
    rollup = (process / "smaps_rollup").read_text().splitlines()
    return Sample(
        (time.monotonic() - begun) / 60,
        sum(sum(one.statuses.values()) for one in workers),
        sum(len(one.problems) for one in workers),
        next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")),
        len(list((process / "task").iterdir())),
        len(list((process / "fd").iterdir())),
    )


def growth(samples: list[Sample]) -> float:
    """The slope of the memory over the second half, in KiB a minute: a least-squares line."""
    late = samples[len(samples) // 2 :]
    x, y = [one.minute for one in late], [float(one.memory) for one in late]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    square = sum((one - middle_x) ** 2 for one in x)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / square


@contextmanager
def serving(directory: Path, store: str | None) -> Iterator[tuple[int, str]]:
    """The process id and the URL of a server."""
    command = [
        sys.executable, "-m", "windlass", "server", "--port", "0", "--artifacts-destination",
        str(directory / "artifacts"), "--backend-store-uri", store or f"sqlite:///{directory}/runs.db",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=directory)
    try:
        assert process.stdout is not None
        yield process.pid, process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(30)


def main() -> int:
    """Run it; 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--store", help="the URI of an empty store; a new SQLite file without")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="windlass-soak-") as made, serving(Path(made), asked.store) as (pid, url):
        workers = [Worker(url, seed) for seed in range(asked.clients)]
        stopping = threading.Event()
        threads = [threading.Thread(target=one.work, args=(stopping,)) for one in workers]
        begun, samples = time.monotonic(), []
        for thread in threads:
            thread.start()
        for number in range(1, SAMPLES + 1):
            time.sleep(max(0.0, begun + asked.minutes * 60 * number / SAMPLES - time.monotonic()))
            samples.append(sample(pid, workers, begun))
            print(samples[-1], flush=True)
        stopping.set()
        for thread in threads:
            thread.join()
    return report(samples, [problem for one in workers for problem in one.problems])


def report(samples: list[Sample], problems: list[str]) -> int:
    """Say what came of it."""
    slope = growth(samples)
    print(f"memory grows by {slope:.0f} KiB a minute in the second half (limit: {MAY_GROW_KB_A_MINUTE})")
    for problem in problems[:10]:
        print(problem)
    return int(bool(problems) or slope > MAY_GROW_KB_A_MINUTE)


if __name__ == "__main__":
    sys.exit(main())
