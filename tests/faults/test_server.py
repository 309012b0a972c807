"""A server whose database goes away: 503 with Retry-After, and everything goes on when it is back."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request


def answer(url: str, path: str, body: dict | None = None):
    """Status, headers and JSON of a request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as found:
            return found.status, found.headers, json.load(found)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def test_a_server_tells_clients_to_come_back_until_its_database_is_there_again(postgresql, start_server, tmp_path):
    url = start_server(tmp_path, postgresql.url).url
    calls = [
        ("/api/2.0/mlflow/experiments/get?experiment_id=0", None),
        ("/api/2.0/mlflow/runs/create", {"experiment_id": "0"}),
    ]
    assert [answer(url, *call)[0] for call in calls] == [200, 200]
    postgresql.crash()
    for call in calls * 2:
        started = time.monotonic()
        status, headers, problem = answer(url, *call)
        assert (status, problem["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
        assert int(headers["retry-after"]) >= 1
        assert "SELECT" not in json.dumps(problem)
        assert time.monotonic() - started < 5
    postgresql.start()
    assert [answer(url, *call)[0] for call in calls] == [200, 200]
