"""Traces: a span for every request, sent by OpenTelemetry's protocol where its own variables say so."""

from __future__ import annotations

import os
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

from windlass import __version__
from windlass.errors import MissingDependency

_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_FAILED = 500


def traced(app: ASGIApp) -> ASGIApp:
    """The application with a span around every request, or itself where no collector is named.

    MissingDependency if one is named and OpenTelemetry is not installed.
    """
    if not any(os.environ.get(name) for name in _VARIABLES):
        return app
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  optional
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415  optional
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  optional
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  optional
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"{_VARIABLES[0]} is set, and the package {error.name!r} is missing",
            hint="pip install 'windlass-server[otel]'",
        ) from error
    name = os.environ.get("OTEL_SERVICE_NAME", "windlass")
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name, SERVICE_VERSION: __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(app, provider.get_tracer("windlass", __version__))


class Tracing:
    """A span around every request, below the one that the client's `traceparent` header names."""

    def __init__(self, app: ASGIApp, tracer: Any) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Pass the request on within a span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.propagate import extract  # noqa: PLC0415  optional, see `traced`
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415  optional, see `traced`

        parent = extract({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
        method = scope["method"]
        with self._tracer.start_as_current_span(method, context=parent, kind=SpanKind.SERVER) as span:

            async def watch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _FAILED:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            await self._app(scope, receive, watch)
            route = scope.get("path_template")
            span.update_name(f"{method} {route}" if route else method)
            span.set_attributes({"http.request.method": method, "url.path": scope["path"]})
            if route:
                span.set_attribute("http.route", str(route))
