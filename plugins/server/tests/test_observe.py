from __future__ import annotations

import io
import json
import logging
from dataclasses import replace

import pytest

from windlass.errors import MissingDependency
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.observe.observer import Observation
from windlass_server.observe.request_id import current_request, request_id
from windlass_server.observe.request_log import configure_logging, request_log
from windlass_server.observe.tracing import traced
from windlass_server.options import ServerOptions


def test_every_answer_has_a_request_id(api):
    first, second = (api.send("GET", "/health").headers["x-request-id"] for _ in range(2))
    assert first != second


def test_an_id_that_a_proxy_gave_is_kept(api):
    assert api.send("GET", "/health", x_request_id="abc-1.2").headers["x-request-id"] == "abc-1.2"
    assert api.send("GET", "/no/such/path", x_request_id="abc").headers["x-request-id"] == "abc"


@pytest.mark.parametrize("given", [b"", b"a b", b"x" * 65, b"a\x01", "ü".encode()])
def test_an_id_that_could_forge_a_log_line_is_replaced(given):
    assert request_id([(b"x-request-id", given)]).isalnum()


def test_pages_carry_the_headers_that_keep_browsers_in_check(api):
    page = api.send("GET", "/health").headers
    assert page["x-frame-options"] == "SAMEORIGIN"
    assert "default-src 'self'" in page["content-security-policy"]
    for headers in (page, api.ask("GET", "/experiments/get", {"experiment_id": "0"}).headers):
        assert headers["x-content-type-options"] == "nosniff"


def test_metrics_count_requests_by_route_and_not_by_path(api):
    run_id = api.run()
    for path in (f"/logged-models/m-{run_id}", "/logged-models/m-2"):
        assert api.ask("GET", path).status == 404
    assert api.send("GET", "/no/such/path").status == 404
    assert api.send("MKCOL", "/no/such/path").status in {404, 405}
    answer = api.send("GET", "/metrics")
    text = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    route = 'method="GET",route="/api/2.0/mlflow/logged-models/{model_id}",status="404"'
    assert f"windlass_requests_total{{{route}}} 2.0" in text
    assert 'route="unknown"' in text
    assert 'method="other"' in text
    assert run_id not in text
    assert "process_resident_memory_bytes" in text
    assert 'windlass_request_seconds_bucket{le="0.005"' in text


def test_below_a_prefix_routes_have_their_names_too(settings, workspace, connect):
    with BackgroundServer(create_app(replace(settings, static_prefix="/ml"), workspace)) as server:
        client = connect(server.port)
        assert client.ask("GET", "/logged-models/m-1", prefix="/ml/api/2.0/mlflow").status == 404
        route = 'method="GET",route="/api/2.0/mlflow/logged-models/{model_id}",status="404"'
        assert route in client.send("GET", "/ml/metrics").body.decode()


def test_the_log_names_the_client_and_not_the_proxy(settings, workspace, connect, lines):
    behind = replace(settings, trusted_proxies=("127.0.0.1",))
    with BackgroundServer(create_app(behind, workspace, options=ServerOptions(access_log=True))) as server:
        assert connect(server.port).send("GET", "/version", x_forwarded_for="198.51.100.1").status == 200
        assert [one["client"] for one in lines() if one.get("path") == "/version"] == ["198.51.100.1"]


def test_a_server_whose_database_answers_is_ready(api):
    assert api.send("GET", "/ready").body == b"OK"


@pytest.fixture
def lines():
    """What is logged as JSON, a list of objects once `read` is called."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging("json", "info", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def _fail():
    raise ValueError("broken")


def observed(**values):
    return Observation(**{"request_id": "r1", "method": "GET", "path": "/x", "client": "127.0.0.1", **values})


def test_only_failures_and_slow_requests_are_logged_by_default(lines):
    watch = request_log(everything=False)
    for one in (observed(status=200), observed(status=404), observed(status=500), observed(status=200, seconds=9.0)):
        watch(one)
    assert [(line["level"], line["status"]) for line in lines()] == [("WARNING", 500), ("INFO", 200)]


def test_a_line_of_the_log_names_its_request(lines):
    request_log(everything=True)(observed(status=200, seconds=0.25, sent=7, route="/x/{id}"))
    token = current_request.set("r2")
    try:
        _fail()
    except ValueError:
        logging.getLogger("anything").exception("it %s", "failed")
    finally:
        current_request.reset(token)
    first, second = lines()
    assert (first["request_id"], first["route"], first["seconds"], first["sent"]) == ("r1", "/x/{id}", 0.25, 7)
    assert (second["request_id"], second["message"], second["level"]) == ("r2", "it failed", "ERROR")
    assert "ValueError: broken" in second["exception"]


def test_lines_for_people_end_with_the_request():
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure_logging("text", "info", stream)
        request_log(everything=True)(observed(status=200))
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert stream.getvalue().endswith("INFO GET /x 200 0.0 ms 0 bytes to 127.0.0.1 [r1]\n")


def test_without_a_collector_there_is_no_tracing():
    async def app(scope, receive, send):
        raise AssertionError

    assert traced(app) is app


def test_a_collector_without_opentelemetry_is_said(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(MissingDependency, match="OTEL_EXPORTER_OTLP_ENDPOINT") as caught:
        traced(lambda *_: None)
    assert "windlass-server[otel]" in caught.value.hint
