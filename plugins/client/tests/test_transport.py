"""What the client sends, when it tries again, and what it raises, against a server that follows a script."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from windlass.config import Settings
from windlass.entities import Experiment, Metric, ModelOutput
from windlass.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    Unauthenticated,
    Unavailable,
    Unsupported,
    WindlassError,
)
from windlass.interfaces import RunBatch
from windlass.uri import Uri
from windlass_client.artifact_repository import HttpArtifactRepository
from windlass_client.tracking_store import HttpTrackingStore
from windlass_client.transport import Transport

EXPERIMENT = {"experiment": {"experiment_id": "1", "name": "n"}}


class Scripted(ThreadingHTTPServer):
    """Answers with the next of its `answers` (status, headers, body; None breaks the connection) and keeps requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = []
        self.requests = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        answer = self.server.answers.pop(0)
        if answer is None:
            self.close_connection = True
            return
        status, headers, content = answer
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = len(data) != int({"content-length": len(data), **headers}["content-length"])

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815  the names that the base class calls

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    scripted = Scripted()
    thread = threading.Thread(target=scripted.serve_forever, args=(0.01,))
    thread.start()
    yield scripted
    scripted.shutdown()
    thread.join()
    scripted.server_close()


@pytest.fixture
def open_store(server):
    opened = []

    def open_with(url=None, **changes):
        settings = replace(Settings(http_timeout=5.0, http_retries=2), **changes)
        opened.append(HttpTrackingStore.open(Uri.parse(url or server.url), settings))
        return opened[-1]

    yield open_with
    for store in opened:
        store.close()


def ok(body):
    return (200, {}, body)


def error(status, code, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (status, sent, {"error_code": code, "message": "m"})


def test_a_read_is_tried_again_when_the_server_is_busy(server, open_store):
    server.answers = [error(503, "TEMPORARILY_UNAVAILABLE"), (502, {}, b"bad gateway"), ok(EXPERIMENT)]
    assert open_store().experiments.get("1").name == "n"
    assert len(server.requests) == 3


def test_retry_after_is_honoured(server, open_store, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    server.answers = [error(429, "REQUEST_LIMIT_EXCEEDED", retry_after="7"), ok(EXPERIMENT)]
    open_store().experiments.get("1")
    assert 7 in slept


def test_a_read_is_tried_again_when_the_connection_breaks(server, open_store):
    server.answers = [None, ok(EXPERIMENT)]
    assert open_store().experiments.get("1").name == "n"


def test_making_something_is_not_repeated_when_it_may_have_happened(server, open_store):
    server.answers = [None, ok({"experiment_id": "1"})]
    with pytest.raises(Unavailable):
        open_store().experiments.create(Experiment("0", "n", ""))
    assert len(server.requests) == 1
    server.requests.clear()
    server.answers = [(502, {}, b"bad gateway"), ok({"experiment_id": "1"})]
    with pytest.raises(Unavailable, match="502"):
        open_store().experiments.create(Experiment("0", "n", ""))
    assert len(server.requests) == 1


def test_making_something_is_repeated_when_it_was_refused(server, open_store):
    server.answers = [error(503, "TEMPORARILY_UNAVAILABLE"), ok({"experiment_id": "1"}), ok(EXPERIMENT)]
    assert open_store().experiments.create(Experiment("0", "n", "")).experiment_id == "1"


def test_giving_up_raises_what_the_server_said(server, open_store):
    server.answers = [error(503, "TEMPORARILY_UNAVAILABLE")] * 3
    with pytest.raises(Unavailable, match=r"^m$"):
        open_store().experiments.get("1")


def test_nobody_listening_is_unavailable_with_the_address(open_store):
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:9 cannot be reached") as caught:
        open_store("http://127.0.0.1:9", http_retries=0).experiments.get("1")
    assert "object at 0x" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(404, "RESOURCE_DOES_NOT_EXIST"), NotFound),
        (error(400, "RESOURCE_ALREADY_EXISTS"), AlreadyExists),
        (error(400, "INVALID_PARAMETER_VALUE"), InvalidValue),
        (error(404, "ENDPOINT_NOT_FOUND"), Unsupported),
        ((401, {}, b"who are you"), Unauthenticated),
        ((404, {}, b"<html>no such endpoint</html>"), Unsupported),
        ((500, {}, b"<html>oops</html>"), WindlassError),
        ((200, {}, b"<html>a proxy's page</html>"), WindlassError),
        ((200, {}, b"[]"), WindlassError),
    ],
)
def test_what_the_server_says_comes_out_as_an_error(server, open_store, answer, kind):
    server.answers = [answer]
    with pytest.raises(WindlassError) as caught:
        open_store().experiments.get("1")
    assert type(caught.value) is kind


def test_credentials_are_sent(server, open_store):
    basic = "Basic " + base64.b64encode("üser:pass:word".encode("latin-1")).decode()
    in_url = "Basic " + base64.b64encode(b"me:s@crd").decode()
    for url, changes, expected in (
        (None, {"username": "üser", "password": "pass:word"}, basic),
        (None, {"token": "abc"}, "Bearer abc"),
        (server.url.replace("://", "://me:s%40crd@"), {"token": "abc"}, in_url),
        (None, {}, None),
    ):
        server.answers = [ok(EXPERIMENT)]
        open_store(url, **changes).experiments.get("1")
        assert server.requests[-1][2].get("authorization") == expected


def test_a_password_is_in_no_message(open_store):
    with pytest.raises(Unavailable) as caught:
        open_store("http://me:secret@127.0.0.1:9", http_retries=0).experiments.get("1")
    assert "secret" not in str(caught.value)


def test_a_url_without_a_host_is_refused():
    with pytest.raises(InvalidValue, match="URL with a host"):
        Transport("http:///path", Settings())


def test_a_path_in_the_url_is_kept(server, open_store):
    server.answers = [ok(EXPERIMENT)]
    open_store(f"{server.url}/behind/a/proxy/").experiments.get("1")
    assert server.requests[0][1].startswith("/behind/a/proxy/api/2.0/mlflow/experiments/get?")


def test_one_metric_goes_by_its_own_request_and_a_batch_goes_whole(server, open_store):
    runs = open_store().runs
    server.answers = [ok({})] * 2
    runs.log("r", RunBatch(metrics=[Metric("m", float("nan"), 1)]))
    runs.log("r", RunBatch(metrics=[Metric("m", 1.0, step) for step in range(2500)], params={"p": "1"}))
    first, second = server.requests
    assert first[1].endswith("/runs/log-metric")
    assert json.loads(first[3])["value"] == "NaN"
    assert second[1].endswith("/runs/log-batch")
    assert len(json.loads(second[3])["metrics"]) == 2500


def test_a_mixed_batch_is_one_request_and_several_where_the_server_is_mlflow(server, open_store):
    runs = open_store().runs
    batch = RunBatch(params={"p": "1"}, model_outputs=[ModelOutput("m-1")])
    server.answers = [ok({})]
    runs.log("r", batch)
    assert [request[1] for request in server.requests] == ["/api/windlass/v1/runs/log"]
    server.requests.clear()
    server.answers = [(404, {}, b"<html>Not Found</html>"), ok({}), ok({})]
    runs.log("r", batch)
    paths = [request[1].rpartition("/")[2] for request in server.requests]
    assert paths == ["log", "log-batch", "outputs"]


def events(*told):
    """A stream of events that breaks off behind these."""
    text = "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in told)
    return (200, {"content-type": "text/event-stream"}, text.encode())


def test_what_happens_while_a_stream_is_broken_is_told_afterwards(server, open_store, monkeypatch):
    monkeypatch.setattr("windlass_client.event_stream._PAUSE", 0.0)

    def run(status, params, tags):
        info = {"run_id": "r", "experiment_id": "0", "status": status}
        pairs = [[{"key": key, "value": value} for key, value in one.items()] for one in (params, tags)]
        return {"run": {"info": info, "data": {"params": pairs[0], "tags": pairs[1]}}}

    tagged = {"tags": [{"key": "new", "value": "1"}], "deleted": ["old"]}
    server.answers = [
        events(("run", run("RUNNING", {}, {"old": "1"})), ("tags", tagged)),
        events(("run", run("FINISHED", {"p": "1"}, {"new": "2"})), ("end", {})),
    ]
    told = list(open_store().runs.stream_run("r"))
    assert [one.kind for one in told] == ["run", "tags", "params", "tags", "status", "end"]
    assert (told[2].params, told[3].tags, told[3].deleted_tags) == ({"p": "1"}, {"new": "2"}, ())
    assert told[4].run.info.status == "FINISHED"


def test_a_download_that_breaks_off_leaves_nothing(server, tmp_path):
    settings = replace(Settings(http_retries=0, http_timeout=5.0), tracking_uri=server.url)
    server.answers = [(200, {"content-length": "100"}, b"half")]
    repository = HttpArtifactRepository.open(Uri.parse("mlflow-artifacts:/a"), settings)
    with repository, pytest.raises(Unavailable, match="broke"):
        repository.get_file("file", tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_files_are_with_the_tracking_server_or_with_the_host_that_is_named(server):
    settings = replace(Settings(), tracking_uri="sqlite:///x.db")
    with pytest.raises(InvalidValue, match="tracking server"):
        HttpArtifactRepository.open(Uri.parse("mlflow-artifacts:/a"), settings)
    server.answers = [ok({"files": [{"path": "b", "is_dir": False, "file_size": 3}]})]
    uri = Uri.parse(server.url.replace("http:", "mlflow-artifacts:") + "/root/dir")
    with HttpArtifactRepository.open(uri, settings) as repository:
        assert [one.path for one in repository.list("sub")] == ["sub/b"]
    assert server.requests[0][1] == "/api/2.0/mlflow-artifacts/artifacts?path=root%2Fdir%2Fsub"
