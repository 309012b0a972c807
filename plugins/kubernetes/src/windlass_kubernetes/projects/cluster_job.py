"""ClusterJob: one Job with its pod, from its making to its end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from windlass.errors import Unavailable, WindlassError
from windlass.services.supervision.cancellation import Cancelled
from windlass.services.supervision.work import Assignment
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.pod_log import stream
from windlass_kubernetes.pods import failure, has_started, hopeless, obstacle
from windlass_kubernetes.projects.template import RUN

_PAUSE = 0.5
_OUT_OF_REACH = 600.0
_LAST_WORDS = 30.0
_EXTRA = 30.0


@dataclass(slots=True)
class ClusterJob:
    """A Job that was made; what its command prints goes to the output of the assignment."""

    cluster: Cluster
    name: str
    uid: str
    assignment: Assignment
    _pod: Object | None = None
    _said: str = ""
    _seen: int = 0
    _reader: threading.Thread | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    def follow(self) -> str | None:
        """Wait for the end, and say why it failed; None if it succeeded. Cancelled when it was ended on demand."""
        try:
            return self._wait()
        except Cancelled:
            self._end()
            raise
        finally:
            self._ended.set()
            if self._reader is not None:
                self._reader.join(_LAST_WORDS)

    def _wait(self) -> str | None:
        """A cluster that is out of reach for ten minutes counts as gone."""
        seen = time.monotonic()
        while True:
            try:
                ended, problem = self._look()
                if ended:
                    return problem
                seen = time.monotonic()
            except Unavailable as error:
                if time.monotonic() - seen > _OUT_OF_REACH:
                    return error.message
            self.assignment.cancellation.sleep(_PAUSE)

    def _end(self) -> None:
        """Ask the command to end, and return when it has, or the node does not end it."""
        try:
            self.cluster.delete("Job", self.name, uid=self.uid)
            self.cluster.gone("Pod", {"job-name": self.name}, timeout=self.assignment.job.grace + _EXTRA)
        except WindlassError as error:
            self.assignment.say(str(error))

    def _look(self) -> tuple[bool, str | None]:
        """Whether it has ended, and why it failed if it has."""
        job = self.cluster.find("Job", self.name)
        if job is None or job["metadata"]["uid"] != self.uid:
            return True, "somebody has removed the Job"
        pod = self._look_for_pod()
        status = job.get("status") or {}
        for condition in status.get("conditions") or []:
            if condition["status"] == "True" and condition["type"] in {"Complete", "Failed"}:
                return True, None if condition["type"] == "Complete" else self._why(condition, pod)
        if self._pod is not None and (pod is None or pod["metadata"].get("deletionTimestamp")):
            # The Job would begin anew with another one, which this run cannot have.
            return True, f"somebody has removed the pod {self._pod['metadata']['name']}"
        if pod is not None and (reason := hopeless(pod)) and not has_started(pod):
            return True, reason
        return False, None

    def _look_for_pod(self) -> Object | None:
        pods = self.cluster.list("Pod", {"job-name": self.name})
        if self._pod is not None:
            uid = self._pod["metadata"]["uid"]
            return next((one for one in pods if one["metadata"]["uid"] == uid), None)
        if not pods:
            return None
        pod = pods[0]
        if has_started(pod):
            self._pod = pod
            self._reader = threading.Thread(target=self._copy, args=(pod,), daemon=True)
            self._reader.start()
        elif (reason := obstacle(pod)) and reason != self._said:
            self._said = reason
            self.assignment.say(f"waiting: {reason}")
        return pod

    def _why(self, condition: Any, pod: Object | None) -> str:
        if condition.get("reason") == "DeadlineExceeded":
            return "the command was ended because it took longer than its timeout"
        return f"the command failed: {failure(pod)}" if pod else str(condition.get("message"))

    def _copy(self, pod: Object) -> None:
        """Copy what it prints; after a lost connection from where it was. How the project ends is told by the Job."""
        give_up = float("inf")
        while time.monotonic() < give_up:
            had_ended = self._ended.is_set()
            try:
                self._copy_from(pod, self._seen)
                lost = False
            except (WindlassError, OSError) as error:
                lost = isinstance(error, Unavailable)
            if had_ended and not lost:
                return
            if self._ended.wait(_PAUSE):
                give_up = min(give_up, time.monotonic() + _LAST_WORDS)

    def _copy_from(self, pod: Object, skip: int) -> None:
        container = pod["spec"]["containers"][0]["name"]
        for piece in stream(self.cluster, pod["metadata"]["name"], container):
            fresh, skip = piece[skip:], max(0, skip - len(piece))
            self.assignment.output.write(fresh)
            self._seen += len(fresh)


def remove_run(cluster: Cluster, run_id: str) -> None:
    """Remove what there is for a run, whatever runs there."""
    for kind in ("Job", "Secret"):
        for one in cluster.list(kind, {RUN: run_id}):
            cluster.delete(kind, one["metadata"]["name"], uid=one["metadata"]["uid"])
