"""The journal: what makes a change of several documents atomic, though the cluster only writes single ones so.

A change has one moment at which it happens: when the document that it is about, its root, is written. What must change
elsewhere stands in the root's journal, in the same write, as steps that may be taken any number of times. They are
taken at once, and by whoever needs what they lead to if they have not been. So a process that dies in between loses
nothing and shows nothing half.

Nobody writes a root before the steps of its journal are taken; the next write then leaves them out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from windlass.errors import WindlassError
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Document, Source, new_token, replace

_log = logging.getLogger(__name__)
_REMEMBERED = 10_000

Take = Callable[[Cluster, Document, Any], None]
"""Takes a step: it gets the cluster, the root, and what the step says."""
Step = tuple[str, Any]
"""Its name, and what it says, as JSON."""


def write_down(source: Source, steps: Sequence[Step]) -> None:
    """Put steps into the journal of a root that is about to be written, instead of those that are there."""
    source.pop("journal", None)
    source["pending"] = bool(steps)
    if steps:
        source["journal"] = {"id": new_token(), "steps": [list(step) for step in steps]}


class Journal:
    """How the steps of one kind of roots are taken, by name."""

    def __init__(self, steps: Mapping[str, Take]) -> None:
        self._steps = steps
        self._taken: dict[str, None] = {}
        self._lock = threading.Lock()

    def take(self, cluster: Cluster, root: Document) -> None:
        """Take the steps of a root, unless this process has done so already."""
        journal = root.source.get("journal")
        if journal is None or journal["id"] in self._taken:
            return
        for name, said in journal["steps"]:
            self._steps[name](cluster, root, said)
        with self._lock:
            self._taken[journal["id"]] = None
            while len(self._taken) > _REMEMBERED:
                del self._taken[next(iter(self._taken))]

    def take_soon(self, cluster: Cluster, root: Document) -> bool:
        """Take the steps of a root that has just been written; if that fails, whoever needs them does it."""
        try:
            self.take(cluster, root)
            return True
        except WindlassError:
            # The change has happened and is durable: to say that it failed would be wrong.
            _log.warning("steps of %s %s wait for their next reader", root.index, root.document_id, exc_info=True)
            return False

    def clear(self, cluster: Cluster, root: Document) -> Document | None:
        """Take the steps of a root and leave its journal empty; None if somebody else wrote it meanwhile."""
        if "journal" not in root.source:
            return root
        self.take(cluster, root)
        source = dict(root.source)
        write_down(source, ())
        return replace(cluster, root, source)
