"""Server-sent events: what happens to a run, told while it happens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar

from litestar.serialization import encode_json

from windlass.entities import EventKind, RunEvent
from windlass.errors import WindlassError
from windlass.services.run_watch import POLL_SECONDS, RunWatch
from windlass.wire.metric import encode_metric
from windlass.wire.run import encode_run, encode_run_info
from windlass.wire.scalars import encode_pairs
from windlass_server.streams import StreamAnswer, wait
from windlass_server.threads import in_thread

HEARTBEAT = 15.0
"""Seconds of silence after which a comment shows that the stream is alive."""
_RETRY_MS = 3000
_TYPE = "text/event-stream"
_log = logging.getLogger(__name__)


class EventStream(StreamAnswer):
    """The events of one run until it ends; no thread is taken while nothing happens."""

    media_types: ClassVar[tuple[str, ...]] = (_TYPE,)
    endless = True

    def __init__(self, watch: RunWatch) -> None:
        super().__init__(_TYPE, [("cache-control", "no-store"), ("x-accel-buffering", "no")])
        self._watch = watch
        self._first = watch.poll()

    async def pieces(self, ended: asyncio.Event) -> AsyncIterator[bytes]:
        """The events, with heartbeats where there are none."""
        yield f"retry: {_RETRY_MS}\n\n".encode()
        news, told = self._first, time.monotonic()
        while True:
            if news:
                told = time.monotonic()
                yield b"".join(map(encode_event, news))
            elif time.monotonic() - told >= HEARTBEAT:
                told = time.monotonic()
                yield b": heartbeat\n\n"
            # More may be waiting behind many points; the pause is for when there is nothing.
            more = any(one.kind is EventKind.METRICS for one in news)
            if self._watch.ended or ended.is_set() or (not more and await wait(ended, POLL_SECONDS)):
                return
            try:
                news = await in_thread(self._watch.poll)
            except WindlassError as error:
                # The client connects again and learns then what is wrong.
                _log.warning("a stream of events ends: %s", error)
                return


def encode_event(event: RunEvent) -> bytes:
    """An event as it is sent."""
    mark = b"" if event.mark is None else f"id: {event.mark}\n".encode()
    return mark + f"event: {event.kind}\ndata: ".encode() + encode_json(_data(event)) + b"\n\n"


def _data(event: RunEvent) -> Mapping[str, Any]:
    match event.kind:
        case EventKind.RUN:
            return {"run": encode_run(event.run)}
        case EventKind.METRICS:
            return {"metrics": [encode_metric(one) for one in event.metrics]}
        case EventKind.PARAMS:
            return {"params": encode_pairs(event.params)}
        case EventKind.TAGS:
            return {"tags": encode_pairs(event.tags), "deleted": list(event.deleted_tags)}
        case EventKind.STATUS | EventKind.END:
            return {"run_info": encode_run_info(event.run.info)}
