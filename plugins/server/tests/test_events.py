"""Server-sent events of a run."""

from __future__ import annotations

import http.client
import json
import time

import pytest

from windlass.services.run_watch import RunWatch
from windlass_server import event_stream, streams
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer


class Listener:
    """Reads events from a stream of its own connection."""

    def __init__(self, port, run_id, mark=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Last-Event-ID": mark} if mark else {}
        self.connection.request("GET", f"/api/windlass/v1/runs/{run_id}/events", headers=headers)
        self.answer = self.connection.getresponse()

    def block(self):
        """The fields of the next event, None at the end; a comment has the name ''."""
        fields = {}
        while (line := self.answer.readline().decode()) not in {"\n", ""}:
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value
        return fields or None

    def event(self, *kinds):
        """The next event of these kinds, its data and its id."""
        while (found := self.block()) is not None:
            if found.get("event") in kinds:
                return found["event"], json.loads(found["data"]), found.get("id")
        return None

    def close(self):
        self.connection.close()


@pytest.fixture
def listen(running):
    opened = []

    def open_one(run_id, mark=None):
        opened.append(Listener(running.port, run_id, mark))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(event_stream, "POLL_SECONDS", 0.05)


def log(api, run_id, *points, **rest):
    metrics = [{"key": key, "value": value, "timestamp": 1, "step": step} for key, value, step in points]
    api.do("POST", "/runs/log-batch", {"run_id": run_id, "metrics": metrics, **rest})


def test_a_run_is_told_first_and_then_what_happens_to_it_until_it_ends(api, experiment, listen):
    run_id = api.run(experiment)
    log(api, run_id, ("loss", 0.5, 1))
    stream = listen(run_id)
    assert stream.answer.headers["content-type"] == "text/event-stream"
    _, told, _ = stream.event("run")
    assert told["run"]["data"]["metrics"] == [{"key": "loss", "value": 0.5, "timestamp": 1, "step": 1}]
    log(api, run_id, ("loss", 0.4, 2), ("loss", "NaN", 3), params=[{"key": "p", "value": "1"}])
    seen = dict(stream.event("metrics", "params")[:2] for _ in range(2))
    assert [one["value"] for one in seen["metrics"]["metrics"]] == [0.4, "NaN"]
    assert seen["params"] == {"params": [{"key": "p", "value": "1"}]}
    log(api, run_id, tags=[{"key": "t", "value": "v"}])
    assert stream.event("tags")[1] == {"tags": [{"key": "t", "value": "v"}], "deleted": []}
    api.do("POST", "/runs/delete-tag", {"run_id": run_id, "key": "t"})
    assert stream.event("tags")[1] == {"tags": [], "deleted": ["t"]}
    api.do("POST", "/runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 9})
    assert stream.event("status")[1]["run_info"]["status"] == "FINISHED"
    assert stream.event("end")[1]["run_info"]["end_time"] == 9
    assert stream.block() is None


def test_a_stream_goes_on_behind_the_last_event(api, experiment, listen):
    run_id = api.run(experiment)
    first = listen(run_id)
    first.event("run")
    log(api, run_id, ("m", 1.0, 1))
    _, _, mark = first.event("metrics")
    first.close()
    log(api, run_id, ("m", 2.0, 2), ("n", 7.0, 1))
    again = listen(run_id, mark)
    points = [one["value"] for _ in range(2) for one in again.event("metrics")[1]["metrics"]]
    assert sorted(points) == [2.0, 7.0]


@pytest.mark.parametrize("mark", ["nonsense", "eJyrVspWslJQMlTSUVDKBQAcTgPV", "x" * 9000])
def test_a_mark_that_cannot_be_read_is_none(api, experiment, listen, mark):
    run_id = api.run(experiment)
    log(api, run_id, ("m", 1.0, 1))
    api.do("POST", "/runs/update", {"run_id": run_id, "status": "FINISHED"})
    stream = listen(run_id, mark)
    assert [stream.block().get("event") for _ in range(3)] == [None, "run", "end"]


def test_many_points_come_in_several_events_and_none_is_missing(api, experiment, listen):
    run_id = api.run(experiment)
    stream = listen(run_id)
    stream.event("run")
    for start in range(0, 3000, 1000):
        log(api, run_id, *(("m", float(step), step) for step in range(start, start + 1000)))
    steps = []
    while len(steps) < 3000:
        steps += [one["step"] for one in stream.event("metrics")[1]["metrics"]]
    assert steps == list(range(3000))


def test_silence_is_broken_by_heartbeats(api, experiment, listen, monkeypatch):
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.1)
    stream = listen(api.run(experiment))
    stream.event("run")
    assert stream.block() == {"": "heartbeat"}


def test_a_run_that_is_not_there_is_a_plain_error(api, listen):
    stream = listen("f" * 32)
    assert (stream.answer.status, json.loads(stream.answer.read())["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_there_are_only_so_many_streams(api, experiment, listen, monkeypatch):
    monkeypatch.setattr(streams, "MOST_STREAMS", 1)
    run_id = api.run(experiment)
    first = listen(run_id)
    first.event("run")
    refused = listen(run_id)
    assert (refused.answer.status, refused.answer.headers["retry-after"]) == (503, "5")
    first.close()
    deadline = time.monotonic() + 10
    while listen(run_id).answer.status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_stops_ends_its_streams(settings, workspace):
    with BackgroundServer(create_app(settings, workspace)) as server:
        run = workspace.runs.create("0")
        stream = Listener(server.port, run.info.run_id)
        stream.event("run")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
        assert stream.block() is None
        stream.close()


def test_idle_streams_take_no_thread(api, experiment, listen, workspace):
    run_id = api.run(experiment)
    opened = [listen(run_id) for _ in range(60)]
    for one in opened:
        one.event("run")
    began = time.monotonic()
    api.do("GET", "/runs/get", {"run_id": run_id})
    assert time.monotonic() - began < 5
    assert RunWatch(workspace.tracking.runs, run_id).poll()[0].run.info.run_id == run_id
