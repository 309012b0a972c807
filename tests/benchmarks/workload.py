"""One workload in one process, for Windlass or MLflow alike; prints how many units a second as JSON.

Usage: workload.py windlass|mlflow WORK ADDRESS
"""

from __future__ import annotations

import http.client
import importlib
import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

BATCH = 1000


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
    """Single log-metric requests on one keep-alive connection, by Python's own HTTP client."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)

    def post(path: str, body: dict[str, Any]) -> Any:
        connection.request("POST", f"/api/2.0/mlflow/{path}", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        assert response.status == 200, text
        return json.loads(text)

    run_id = post("runs/create", {"experiment_id": "0", "start_time": 1})["run"]["info"]["run_id"]
    return _rate(
        lambda count: post(
            "runs/log-metric", {"run_id": run_id, "key": "loss", "value": 0.5, "timestamp": 1, "step": count}
        ),
        seconds,
    )


def _rate(work: Any, seconds: float) -> float:
    for count in range(3):
        work(count)
    begun = time.perf_counter()
    count = 3
    while time.perf_counter() - begun < seconds:
        work(count)
        count += 1
    return (count - 3) / (time.perf_counter() - begun)


WORKS = {"log_metric": log_metric, "log_batch": log_batch, "http_log_metric": http_log_metric}

if __name__ == "__main__":
    name, work, address, seconds = sys.argv[1:5]
    library = None if work.startswith("http_") else importlib.import_module(name)
    print(json.dumps(WORKS[work](library, address, float(seconds))))
