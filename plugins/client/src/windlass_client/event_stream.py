"""Server-sent events: what happens to a run behind a server, through connections that may break."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from windlass.entities import EventKind, Run, RunEvent, run_changes
from windlass.errors import NotFound, Unavailable
from windlass.wire.message import PREFIXES, WINDLASS
from windlass.wire.metric import decode_metric
from windlass.wire.run import decode_run, decode_run_info
from windlass.wire.run_request import WatchRun
from windlass.wire.scalars import decode_pairs
from windlass_client.transport import Transport

_PAUSE = 1.0
_TRIES = 10
_ACCEPT = {"accept": "text/event-stream"}


def stream_run(transport: Transport, run_id: str) -> Iterator[RunEvent]:
    """The events of a run until it ends; a broken connection is opened again and goes on where it stopped.

    Unavailable when it stays broken.
    """
    path = PREFIXES[WINDLASS][0] + WatchRun.endpoint.path.replace("{run_id}", quote(run_id, safe=""))
    mark: str | None = None
    run: Run | None = None
    failed = 0
    while True:
        try:
            headers = _ACCEPT if mark is None else {**_ACCEPT, "last-event-id": mark}
            for event in _events(transport.request("GET", path, headers=headers, stream=True), run):
                failed = 0
                before, run, mark = run, event.run, event.mark or mark
                if event.kind is EventKind.RUN and before is not None:
                    # A further connection begins with the run as it is; what happened without one shows in it.
                    yield from run_changes(before, run)
                else:
                    yield event
                if event.kind is EventKind.END:
                    return
        except (HTTPError, Unavailable) as error:
            failed += 1
            if failed >= _TRIES:
                raise Unavailable(f"the events of run {run_id} cannot be followed: {error}") from error
        except NotFound:
            if run is None:
                raise
            yield RunEvent(EventKind.END, run)
            return
        time.sleep(_PAUSE)


def _events(answer: urllib3.BaseHTTPResponse, run: Run | None) -> Iterator[RunEvent]:
    try:
        for fields in _blocks(_lines(answer)):
            if "event" in fields:
                event = _event(fields, run)
                run = event.run
                yield event
    finally:
        # What is left of the answer would come without end.
        answer.close()


def _lines(answer: urllib3.BaseHTTPResponse) -> Iterator[str]:
    rest = b""
    for piece in answer.stream(amt=None if answer.chunked else 1):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in whole)


def _blocks(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif fields:
            yield fields
            fields = {}


def _event(fields: Mapping[str, str], run: Run | None) -> RunEvent:
    kind, data = EventKind(fields["event"]), json.loads(fields["data"])
    known = _known(kind, data, run)
    return RunEvent(
        kind,
        known,
        metrics=tuple(decode_metric(one) for one in data.get("metrics", ())),
        params=decode_pairs(data.get("params")),
        tags=decode_pairs(data.get("tags")),
        deleted_tags=tuple(data.get("deleted", ())),
        mark=fields.get("id"),
    )


def _known(kind: EventKind, data: Mapping[str, Any], run: Run | None) -> Run:
    """The run as far as the events have told."""
    if kind is EventKind.RUN:
        return decode_run(data["run"])
    if run is None:
        raise Unavailable("the server's events do not begin with the run")
    if "run_info" in data:
        return replace(run, info=decode_run_info(data["run_info"]))
    params = {**run.data.params, **decode_pairs(data.get("params"))}
    tags = {**run.data.tags, **decode_pairs(data.get("tags"))}
    for key in data.get("deleted", ()):
        tags.pop(key, None)
    return replace(run, data=replace(run.data, params=params, tags=tags))
