"""Spans, as a real collector of OpenTelemetry's protocol would get them."""

from __future__ import annotations

import asyncio

import pytest

trace = pytest.importorskip("opentelemetry.sdk.trace")

from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402

from windlass_server.observe.tracing import Tracing  # noqa: E402

PARENT = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_request_becomes_a_span_below_that_of_its_client():
    exporter = InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    async def app(scope, receive, send):
        scope["path_template"] = "/runs/{run_id}"
        await send({"type": "http.response.start", "status": 503, "headers": []})

    async def send(_message):
        pass

    header = f"00-{PARENT}-00f067aa0ba902b7-01".encode()
    scope = {"type": "http", "method": "GET", "path": "/runs/1", "headers": [(b"traceparent", header)]}
    asyncio.run(Tracing(app, provider.get_tracer("test"))(scope, None, send))
    (span,) = exporter.get_finished_spans()
    assert span.name == "GET /runs/{run_id}"
    assert f"{span.context.trace_id:032x}" == PARENT
    assert dict(span.attributes) == {
        "http.response.status_code": 503,
        "http.request.method": "GET",
        "url.path": "/runs/1",
        "http.route": "/runs/{run_id}",
    }
    assert not span.status.is_ok
