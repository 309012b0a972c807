"""What pods say of themselves when they do not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from windlass_kubernetes.cluster import Object

_NO_IMAGE = frozenset({"ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName", "ImageInspectError"})
_NO_CONTAINER = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_CRASHES = 2


def hopeless(pod: Object) -> str | None:
    """Why a pod will not run whatever time it gets; None if it may, or does."""
    for status in _containers(pod):
        waiting = (status.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason", "")
        if reason in _NO_IMAGE:
            said = waiting.get("message") or "it cannot be fetched"
            return f"{reason}: the image {status.get('image')}: {_line(said)}"
        if reason in _NO_CONTAINER and status.get("restartCount", 0) == 0 and not _may_come(waiting):
            return f"{reason}: {_line(waiting.get('message', ''))}"
        if reason == "CrashLoopBackOff" or status.get("restartCount", 0) >= _CRASHES:
            return f"CrashLoopBackOff: {ending(status)}"
    if (pod.get("status") or {}).get("phase") == "Failed":
        return failure(pod)
    return None


def obstacle(pod: Object) -> str | None:
    """What a pod waits for; None if it does not wait."""
    for condition in (pod.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return f"{condition.get('reason', 'Unschedulable')}: {_line(condition.get('message', ''))}"
    for status in _containers(pod):
        waiting = (status.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") not in {None, "ContainerCreating", "PodInitializing"}:
            return f"{waiting['reason']}: {_line(waiting.get('message', ''))}"
    return None


def failure(pod: Object) -> str:
    """Why a pod has failed."""
    status = pod.get("status") or {}
    if status.get("reason"):
        return f"{status['reason']}: {_line(status.get('message', ''))}"
    ended = [one for one in _containers(pod) if _terminated(one).get("exitCode")]
    return ending(ended[0]) if ended else "the pod failed"


def ending(status: Mapping[str, Any]) -> str:
    """How the last process of a container ended."""
    ended = _terminated(status)
    if ended.get("reason") == "OOMKilled":
        return "it was ended because it used more memory than the container has"
    if (ended.get("reason") or "Error") not in {"Error", "Completed"}:
        return f"{ended['reason']}: {_line(ended.get('message', ''))}"
    return f"it ended with exit code {ended.get('exitCode', 'unknown')}"


def is_ready(pod: Object) -> bool:
    """Whether it answers."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")


def has_started(pod: Object) -> bool:
    """Whether one of its containers has run."""
    return any(_terminated(one) or (one.get("state") or {}).get("running") for one in _containers(pod))


def _containers(pod: Object) -> Iterator[Mapping[str, Any]]:
    status = pod.get("status") or {}
    yield from status.get("initContainerStatuses") or []
    yield from status.get("containerStatuses") or []


def _terminated(status: Mapping[str, Any]) -> Mapping[str, Any]:
    for place in ("state", "lastState"):
        if found := (status.get(place) or {}).get("terminated"):
            return dict(found)
    return {}


def _may_come(waiting: Mapping[str, Any]) -> bool:
    """Whether a node has only not heard yet of a Secret that was made with the pod."""
    return "failed to sync" in str(waiting.get("message", ""))


def _line(text: str) -> str:
    return " ".join(text.split())[:400]
