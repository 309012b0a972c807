"""Rollout: waiting for the pods of a new revision, which says what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from windlass.errors import Unavailable
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.pod_log import last_words
from windlass_kubernetes.pods import hopeless, obstacle
from windlass_kubernetes.serving.names import labels

_PAUSE = 0.3
_OUT_OF_REACH = 60.0
_HINTS = {
    "CrashLoopBackOff": "does `windlass models predict` work with the model, and has the image what it needs?",
    "Unschedulable": "reserve less, or add nodes: -C cpus=…, -C memory=…, -C node_selector=…",
}


class NotDeployed(Unavailable):
    """A model that does not answer on the cluster, with what its pods say."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """The pods of one revision of a deployment, which has `timeout` seconds."""

    cluster: Cluster
    name: str
    revision: str
    timeout: float

    def wait(self, is_done: Callable[[], bool]) -> None:
        """Return when it is done; NotDeployed with the reason if it cannot be, or takes too long."""
        deadline = time.monotonic() + self.timeout
        seen = time.monotonic()
        while True:
            try:
                if is_done():
                    return
                self._look()
                seen = time.monotonic()
            except NotDeployed:
                raise
            except Unavailable:
                if time.monotonic() > min(deadline, seen + _OUT_OF_REACH):
                    raise
            if time.monotonic() > deadline:
                raise self._late()
            time.sleep(_PAUSE)

    def failed(self, reason: str, pod: Object | None = None) -> NotDeployed:
        """The error with the reason, and the last that the pod has printed."""
        said = last_words(self.cluster, pod) if pod else ""
        text = f"the deployment {self.name!r} did not start on Kubernetes: {reason}"
        hint = next((hint for word, hint in _HINTS.items() if reason.startswith(word)), None)
        return NotDeployed(f"{text}\n{said}" if said else text, hint=hint)

    def _look(self) -> None:
        for pod in self._pods():
            if reason := hopeless(pod):
                raise self.failed(reason, pod)

    def _late(self) -> NotDeployed:
        pods = self._pods()
        for pod in pods:
            if reason := obstacle(pod):
                return self.failed(f"{reason} (after {self.timeout:g} seconds)", pod)
        what = "its pods are not ready" if pods else "it has no pods"
        return self.failed(f"{what} after {self.timeout:g} seconds", pods[0] if pods else None)

    def _pods(self) -> list[Object]:
        return self.cluster.list("Pod", labels(self.name, self.revision))


def has_rolled_out(deployment: Object, rollout: Rollout) -> bool:
    """Whether all pods of a Deployment are of its newest revision and answer."""
    status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
    for condition in status.get("conditions") or []:
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            raise rollout.failed(f"{condition.get('reason')}: {condition.get('message')}")
    if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
        return False
    counts = [status.get(one, 0) for one in ("replicas", "updatedReplicas", "availableReplicas")]
    return all(one == wanted for one in counts)
