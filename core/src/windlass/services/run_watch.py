"""RunWatch: what happens to a run, as it is logged, whoever logs it.

It asks the store again and again, which sees what any process has logged. A point that arrives when a later one of its
metric is there, by step and time, is not told; the metric's history has it.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from windlass.entities import EventKind, LifecycleStage, Metric, Run, RunEvent, RunInfo, RunStatus, run_changes
from windlass.errors import NotFound
from windlass.interfaces import FollowsMetrics, RunStore

POLL_SECONDS = 1.0
"""How often a watch looks."""
_MOST_POINTS = 1000
_LONGEST_MARK = 4000

Order = tuple[int, int, bool, float]


class RunWatch:
    """Looks at one run; `poll` tells what has happened since the last time.

    With the mark of an earlier watch the points begin where that one stopped; without, or if it cannot be read, with
    what comes from now on.
    """

    def __init__(self, store: RunStore, run_id: str, mark: str | None = None) -> None:
        self._store = store
        self._run_id = run_id
        self._seen = _read_mark(mark)
        self._run: Run | None = None
        self.ended = False

    def poll(self) -> list[RunEvent]:
        """The news; NotFound if there is no such run. After the end there are none."""
        if self.ended:
            return []
        try:
            run = self._store.get(self._run_id)
        except NotFound:
            if self._run is None:
                raise
            self.ended = True
            return [RunEvent(EventKind.END, self._run)]
        before, self._run = self._run, run
        news = [RunEvent(EventKind.RUN, run)] if before is None else [*run_changes(before, run)]
        if before is None and self._seen is None:
            self._seen = {one.key: one.order for one in run.data.latest_metrics}
        news += self._points(run)
        if _is_over(run.info) and not any(one.kind is EventKind.METRICS for one in news):
            self.ended = True
            news.append(RunEvent(EventKind.END, run))
        return news

    def __iter__(self) -> Iterator[RunEvent]:
        """The news until the run ends, waiting in between."""
        while not self.ended:
            news = self.poll()
            yield from news
            if not news:
                time.sleep(POLL_SECONDS)

    def _points(self, run: Run) -> Iterator[RunEvent]:
        seen = self._seen = {} if self._seen is None else self._seen
        for latest in run.data.latest_metrics:
            known = seen.get(latest.key)
            if known is not None and latest.order <= known:
                continue
            points = _points_behind(self._store, self._run_id, latest.key, known)
            if points:
                seen[latest.key] = points[-1].order
                yield RunEvent(EventKind.METRICS, run, metrics=tuple(points), mark=_write_mark(seen))


def _points_behind(store: RunStore, run_id: str, key: str, known: Order | None) -> list[Metric]:
    after = None if known is None else (known[0], known[1], known[3] if known[2] else float("nan"))
    if isinstance(store, FollowsMetrics):
        return store.points_behind(run_id, key, after, limit=_MOST_POINTS)
    history = store.metric_history(run_id, key)
    return [one for one in history if known is None or one.order > known][:_MOST_POINTS]


def _is_over(info: RunInfo) -> bool:
    return RunStatus.is_terminated(info.status) or info.lifecycle_stage == LifecycleStage.DELETED


def _write_mark(seen: Mapping[str, Order]) -> str | None:
    """Where each metric stands, as a text that fits into a header; None where it would not."""
    packed = zlib.compress(json.dumps(seen, separators=(",", ":")).encode())
    mark = base64.urlsafe_b64encode(packed).decode()
    return mark if len(mark) <= _LONGEST_MARK else None


def _read_mark(mark: str | None) -> dict[str, Order] | None:
    if not mark or len(mark) > _LONGEST_MARK:
        return None
    try:
        unpacked = zlib.decompressobj().decompress(base64.urlsafe_b64decode(mark), 100 * _LONGEST_MARK)
        found: dict[str, Any] = json.loads(unpacked)
        return {str(key): _order(value) for key, value in found.items()}
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error, zlib.error):
        return None


def _order(value: Any) -> Order:
    step, timestamp, number, size = value
    return (_int64(step), _int64(timestamp), bool(number), float(size))


def _int64(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError(value)
    return value
