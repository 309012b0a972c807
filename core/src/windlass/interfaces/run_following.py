"""Following runs: abilities of run stores that spare them to be asked for everything again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from windlass.entities import Metric, RunEvent


@runtime_checkable
class FollowsMetrics(Protocol):
    """A run store that can read on from a point of a metric, without what lies before it."""

    def points_behind(self, run_id: str, key: str, after: tuple[int, int, float] | None, *, limit: int) -> list[Metric]:
        """The next points behind a step, timestamp and value, in the history's order; its first ones for None."""
        ...


@runtime_checkable
class StreamsRuns(Protocol):
    """A run store that learns by itself what happens to a run."""

    def stream_run(self, run_id: str) -> Iterator[RunEvent]:
        """The events of a run, the run as it is first, until it ends; NotFound, or Unsupported by an older server."""
        ...
