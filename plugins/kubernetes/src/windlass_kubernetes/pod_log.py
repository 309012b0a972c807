"""What containers have printed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from urllib3.exceptions import HTTPError

from windlass.errors import NotFound, WindlassError
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.faults import Refused, unreachable

_PIECE = 65_536
_IDLE = 3600.0


def last_words(cluster: Cluster, pod: Object, *, lines: int = 10) -> str:
    """The last lines that a pod has printed, of the process before if that has just begun anew; empty without any."""
    name = pod["metadata"]["name"]
    restarted = any(one.get("restartCount") for one in (pod.get("status") or {}).get("containerStatuses") or [])
    for previous in (True, False) if restarted else (False,):
        with contextlib.suppress(WindlassError):
            query = {"tailLines": lines, **({"previous": "true"} if previous else {})}
            text = cluster.connection.send("GET", f"{cluster.path('Pod', name)}/log", query=query).data
            if text.strip():
                return text.decode("utf-8", "replace").rstrip()
    return ""


def stream(cluster: Cluster, pod: str, container: str) -> Iterator[bytes]:
    """What a container prints from its beginning, as it comes, until it ends; Unavailable if the connection is lost."""
    query = {"follow": "true", "container": container}
    path = f"{cluster.path('Pod', pod)}/log"
    answer = cluster.connection.send("GET", path, query=query, timeout=_IDLE, stream=True)
    try:
        while piece := answer.read1(_PIECE):
            yield piece
    except HTTPError as error:
        raise unreachable(cluster.connection.url, error, _IDLE) from error
    finally:
        answer.release_conn()
        answer.close()


@dataclass(slots=True)
class Lines:
    """The lines of several pods in the order of their time, each line once."""

    cluster: Cluster
    labels: dict[str, str]
    _seen: dict[str, list[str]] = field(default_factory=dict)

    def fresh(self) -> list[str]:
        """What has come since the last call; at first all there is."""
        found: list[tuple[str, str]] = []
        for pod in self.cluster.list("Pod", self.labels):
            found += self._of(pod)
        return [line for _, line in sorted(found, key=lambda one: one[0])]

    def follow(self, *, pause: float = 1.0) -> Iterator[str]:
        """All lines as they come, until somebody stops."""
        while True:
            yield from self.fresh()
            time.sleep(pause)

    def _of(self, pod: Object) -> list[tuple[str, str]]:
        uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
        lost = [one for one in self._seen if one.startswith(uid)]
        path, query = f"{self.cluster.path('Pod', name)}/log", dict[str, Any](timestamps="true")
        restarts = sum(one.get("restartCount", 0) for one in (pod.get("status") or {}).get("containerStatuses") or [])
        if lost and self._seen[lost[0]]:
            query["sinceTime"] = self._seen[lost[0]][-1].partition(" ")[0]
        key = f"{uid}/{restarts}"
        try:
            text = self.cluster.connection.send("GET", path, query=query).data.decode("utf-8", "replace")
        except (NotFound, Refused):
            # Its container is not there yet, or not any more.
            return []
        known = self._seen.pop(lost[0], []) if lost else []
        lines = [line for line in text.splitlines() if line not in known]
        # Those of the last moment come again with the next question, which goes by whole seconds.
        self._seen[key] = (known + lines)[-1000:]
        return [(stamp, said) for stamp, _, said in (line.partition(" ") for line in lines)]
