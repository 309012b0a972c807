"""LogReader: what a job prints, as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable

from windlass_ray.jobs.cluster_job import ClusterJob

_SHARE = 10
_LONGEST = 30.0


class LogReader:
    """Passes on what a job prints, each piece once.

    The cluster has no request for a part of a log, and its stream ends at once on some releases. So the whole is read
    again and again, and the longer that takes the less often.
    """

    def __init__(self, job: ClusterJob, write: Callable[[str], None]) -> None:
        self._job = job
        self._write = write
        self._passed = 0
        self._next = 0.0

    def look(self) -> None:
        """Pass on what is new, unless it is too early to look again."""
        began = time.monotonic()
        if began < self._next:
            return
        self.finish()
        took = time.monotonic() - began
        self._next = began + took + min(took * _SHARE, _LONGEST)

    def finish(self) -> None:
        """Pass on all that is there."""
        text = self._job.log()
        if len(text) > self._passed:
            self._write(text[self._passed :])
            self._passed = len(text)
