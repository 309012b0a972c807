"""Metrics for Prometheus: how many requests, how long they took, and what the process needs."""

from __future__ import annotations

import os
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from windlass import __version__
from windlass_server.observe.observer import Observation

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the directory in which the processes of one server share their numbers."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_Key = tuple[str, str, int]


class RequestMetrics:
    """Counts requests by method, route and status; a watcher of the observer."""

    def __init__(self) -> None:
        self._shared = bool(os.environ.get(SHARED))
        self._registry = CollectorRegistry()
        if not self._shared:
            ProcessCollector(registry=self._registry)
            PlatformCollector(registry=self._registry)
        labels = ("method", "route", "status")
        self._requests = Counter("windlass_requests", "Requests.", labels, registry=self._registry)
        self._seconds = Histogram(
            "windlass_request_seconds",
            "Time to answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._bytes = Counter("windlass_sent_bytes", "Bytes of answers.", registry=self._registry)
        information = Gauge(
            "windlass_info", "The release.", ("version",), registry=self._registry, multiprocess_mode="mostrecent"
        )
        information.labels(__version__).set(1)
        self._known: dict[_Key, tuple[Callable[[], None], Callable[[float], None]]] = {}

    def __call__(self, observation: Observation) -> None:
        """Count a request."""
        method = observation.method if observation.method in _METHODS else "other"
        key = (method, observation.route, observation.status)
        if key not in self._known:
            # Looking up the labels again and again would cost more than counting.
            seconds = self._seconds.labels(*key[:2])
            self._known[key] = (self._requests.labels(*key).inc, seconds.observe)
        count, observe = self._known[key]
        count()
        observe(observation.seconds)
        self._bytes.inc(observation.sent)

    def text(self) -> bytes:
        """Everything in Prometheus' text format; of all processes, where several share a port."""
        if not self._shared:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library says nothing
        return generate_latest(registry)
