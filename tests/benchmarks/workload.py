"""One workload in one process, for Windlass or MLflow alike; prints one number as JSON: units a second.

Usage: workload.py windlass|mlflow WORK ADDRESS SECONDS
"""

from __future__ import annotations

import http.client
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

BATCH = 1000
CLIENTS = 8
PAGE = 100
HISTORY_RUN, HISTORY_KEY = "f" * 32, "loss"
FILTER = "metrics.m0 > 0.5 and params.p1 = '7' and tags.team != 'team-3'"
ORDERS = {"metric": "metrics.m1 DESC", "param": "params.p2 ASC", "tag": "tags.team ASC"}


class Api:
    """One keep-alive connection, by Python's own HTTP client."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=300)

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        """A message with a JSON body."""
        return self._send("POST", path, json.dumps(body))

    def get(self, path: str, **query: Any) -> bytes:
        """A message with a query."""
        return self._send("GET", f"{path}?{urlencode(query)}", None)

    def run(self) -> str:
        """The id of a new run."""
        made = json.loads(self.post("runs/create", {"experiment_id": "0", "start_time": 1}))
        run_id: str = made["run"]["info"]["run_id"]
        return run_id

    def _send(self, method: str, path: str, body: str | None) -> bytes:
        self._connection.request(method, f"/api/2.0/mlflow/{path}", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise RuntimeError(text[:500])
        return text


def log_metric(library: Any, address: str, seconds: float) -> float:
    """`log_metric` calls, one number each."""
    library.set_tracking_uri(address)
    with library.start_run():
        library.log_metric("warm", 0.0)
        return _rate(lambda count: library.log_metric("loss", 0.5, step=count), seconds)


def log_batch(library: Any, address: str, seconds: float) -> float:
    """Metric points in batches of 1,000, by the client."""
    library.set_tracking_uri(address)
    entities = importlib.import_module(f"{library.__name__}.entities")
    client = library.MlflowClient()
    run_id = client.create_run("0").info.run_id

    def log(count: int) -> None:
        points = [entities.Metric(f"m{i % 10}", float(i), 1 + i, count * BATCH + i) for i in range(BATCH)]
        client.log_batch(run_id, metrics=points)

    return _rate(log, seconds) * BATCH


def http_log_metric(_library: Any, address: str, seconds: float) -> float:
    """Single log-metric requests of one client."""
    return _rate(_metrics_of_one(address), seconds)


def http_create_run(_library: Any, address: str, seconds: float) -> float:
    """Runs made by one client."""
    api = Api(address)
    return _rate(lambda _: api.run(), seconds)


def http_log_batch(_library: Any, address: str, seconds: float) -> float:
    """Points in batches of 1,000 by one client."""
    api = Api(address)
    run_id = api.run()

    def log(count: int) -> None:
        first = count * BATCH
        points = [
            {"key": f"m{one % 10}", "value": one / 7, "timestamp": 1 + one, "step": first + one} for one in range(BATCH)
        ]
        api.post("runs/log-batch", {"run_id": run_id, "metrics": points})

    return _rate(log, seconds) * BATCH


def http_many_clients(_library: Any, address: str, seconds: float) -> float:
    """Single log-metric requests of eight clients at once; an error of any ends it."""
    rates: list[float] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            rates.append(_rate(_metrics_of_one(address), seconds))
        except (RuntimeError, OSError, http.client.HTTPException) as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sum(rates)


def http_search(_library: Any, address: str, seconds: float) -> float:
    """First pages of 100 runs."""
    return _rate(_search(address), seconds)


def http_filtered(_library: Any, address: str, seconds: float) -> float:
    """First pages of the runs that match a filter over a metric, a param and a tag."""
    return _rate(_search(address, filter=FILTER), seconds)


def http_ordered_by(what: str) -> Callable[[Any, str, float], float]:
    """First pages, filtered and ordered."""

    def work(_library: Any, address: str, seconds: float) -> float:
        return _rate(_search(address, filter="metrics.m0 > 0.5", order_by=[ORDERS[what]]), seconds)

    return work


def http_all_pages(_library: Any, address: str, _seconds: float) -> float:
    """All runs in pages of 1,000, once."""
    api = Api(address)
    body: dict[str, Any] = {"experiment_ids": ["0"], "max_results": 1000}
    return _walk("runs", lambda token: api.post("runs/search", body | ({"page_token": token} if token else {})))


def http_history(_library: Any, address: str, _seconds: float) -> float:
    """A long history in pages of 25,000 points, once."""
    api = Api(address)
    asked = {"run_id": HISTORY_RUN, "metric_key": HISTORY_KEY, "max_results": 25_000}
    return _walk(
        "metrics", lambda token: api.get("metrics/get-history", **asked, **({"page_token": token} if token else {}))
    )


def _metrics_of_one(address: str) -> Callable[[int], object]:
    api = Api(address)
    run_id = api.run()
    point = {"run_id": run_id, "key": "loss", "value": 0.5, "timestamp": 1}
    return lambda count: api.post("runs/log-metric", point | {"step": count})


def _search(address: str, **more: Any) -> Callable[[int], object]:
    api = Api(address)
    body = {"experiment_ids": ["0"], "max_results": PAGE, **more}
    return lambda _: api.post("runs/search", body)


def _walk(key: str, page: Callable[[str | None], bytes]) -> float:
    begun, count, token = time.perf_counter(), 0, None
    while True:
        answer = json.loads(page(token))
        count += len(answer.get(key, ()))
        token = answer.get("next_page_token")
        if not token:
            return count / (time.perf_counter() - begun)


def _rate(work: Callable[[int], object], seconds: float) -> float:
    for count in range(3):
        work(count)
    begun = time.perf_counter()
    count = 3
    while time.perf_counter() - begun < seconds:
        work(count)
        count += 1
    return (count - 3) / (time.perf_counter() - begun)


WORKS: dict[str, Callable[[Any, str, float], float]] = {
    "log_metric": log_metric,
    "log_batch": log_batch,
    "http_log_metric": http_log_metric,
    "http_create_run": http_create_run,
    "http_log_batch": http_log_batch,
    "http_many_clients": http_many_clients,
    "http_search": http_search,
    "http_filtered": http_filtered,
    "http_ordered_by_metric": http_ordered_by("metric"),
    "http_ordered_by_param": http_ordered_by("param"),
    "http_ordered_by_tag": http_ordered_by("tag"),
    "http_all_pages": http_all_pages,
    "http_history": http_history,
}

if __name__ == "__main__":
    name, work, address, seconds = sys.argv[1:5]
    library = None if work.startswith("http_") else importlib.import_module(name)
    print(json.dumps(WORKS[work](library, address, float(seconds))))
