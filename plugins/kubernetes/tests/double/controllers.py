"""Controllers: what makes pods of Deployments and Jobs, and clears away what belongs to nobody."""

from __future__ import annotations

import copy
import hashlib
import json
import secrets
import time
from datetime import UTC, datetime

from refusals import Refusal
from store import now


def is_ready(pod):
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions) and is_there(pod)


def is_there(pod):
    return not pod["metadata"].get("deletionTimestamp")


class Controllers:
    def __init__(self, store, faults):
        self.store, self.faults = store, faults
        self._progress = {}

    def look(self):
        self.store.collect()
        for one in self.store.list("deployments"):
            self._deployment(one)
        for one in self.store.list("jobs"):
            self._job(one)

    def make_pod(self, owner, template, labels):
        """A pod of an owner; what a quota or an admission refuses is returned."""
        metadata = template.get("metadata") or {}
        namespace, name = owner["metadata"]["namespace"], f"{owner['metadata']['name'][:50]}-{secrets.token_hex(3)}"
        reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "controller": True}
        reference |= {field: owner["metadata"][field] for field in ("name", "uid")}
        content = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "labels": {**(metadata.get("labels") or {}), **labels},
                "ownerReferences": [reference],
            },
            "spec": copy.deepcopy(template["spec"]),
        }
        try:
            self.faults.meet(namespace, "POST", "pods", None)
            self.store.create(namespace, "pods", content)
        except Refusal as refusal:
            return str(refusal)
        return None

    def _deployment(self, one):
        spec, namespace = one["spec"], one["metadata"]["namespace"]
        mark = hashlib.sha1(json.dumps(spec["template"], sort_keys=True).encode()).hexdigest()[:10]
        uid = one["metadata"]["uid"]
        pods = [pod for pod in self.store.list("pods", namespace) if owner_of(pod) == uid and is_there(pod)]
        new = [pod for pod in pods if pod["metadata"]["labels"].get("pod-template-hash") == mark]
        old = [pod for pod in pods if pod not in new]
        wanted, refused = spec.get("replicas", 1), None
        if len(new) < wanted and len(pods) < wanted + 1:
            refused = self.make_pod(one, spec["template"], {"pod-template-hash": mark})
        ready = [pod for pod in pods if is_ready(pod)]
        for pod in [pod for pod in old if not is_ready(pod)]:
            self._end(pod)
        if old and len(ready) > wanted:
            self._end(next((pod for pod in old if is_ready(pod)), old[0]))
        if not old and len(new) > wanted:
            self._end(new[-1])
        self._tell(one, pods, new, ready, mark, refused)

    def _tell(self, one, pods, new, ready, mark, refused):
        spec, generation = one["spec"], one["metadata"]["generation"]
        done = len(new) == len(pods) == len(ready) == spec.get("replicas", 1)
        seen = (mark, len(new), len(ready))
        uid = one["metadata"]["uid"]
        if self._progress.get(uid, (None, 0))[0] != seen or done:
            self._progress[uid] = (seen, time.monotonic())
        late = time.monotonic() - self._progress[uid][1] > spec.get("progressDeadlineSeconds", 600)
        conditions = [{"type": "Progressing", "status": "False" if late else "True"}]
        if refused:
            conditions.append(
                {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refused}
            )
        status = {"observedGeneration": generation, "replicas": len(pods), "updatedReplicas": len(new)}
        status |= {"readyReplicas": len(ready), "availableReplicas": len(ready), "conditions": conditions}
        self.store.set_status(one, status)

    def _job(self, one):
        status = copy.deepcopy(one.get("status") or {})
        if any(condition["type"] in {"Complete", "Failed"} for condition in status.get("conditions") or []):
            return
        uid, namespace = one["metadata"]["uid"], one["metadata"]["namespace"]
        pods = [pod for pod in self.store.list("pods", namespace) if owner_of(pod) == uid]
        phases = [(pod.get("status") or {}).get("phase") for pod in pods]
        status.setdefault("startTime", now())
        limit = one["spec"].get("activeDeadlineSeconds")
        age = datetime.now(UTC).timestamp() - datetime.fromisoformat(status["startTime"]).timestamp()
        if limit is not None and age >= limit:
            status |= {"failed": 1, "conditions": [_condition("Failed", "DeadlineExceeded", "Job was active too long")]}
            for pod in pods:
                self._end(pod)
        elif "Failed" in phases:
            status |= {"failed": 1, "conditions": [_condition("Failed", "BackoffLimitExceeded", "too many attempts")]}
        elif "Succeeded" in phases:
            status |= {"succeeded": 1, "conditions": [_condition("Complete", "", "")]}
        elif not [pod for pod in pods if is_there(pod)]:
            labels = {"job-name": one["metadata"]["name"], "controller-uid": uid}
            self.make_pod(one, one["spec"]["template"], labels)
        self.store.set_status(one, status)

    def _end(self, pod):
        if is_there(pod):
            self.store.delete(*pod["key"])


def owner_of(one):
    return next((owner["uid"] for owner in one["metadata"].get("ownerReferences") or []), None)


def _condition(kind, reason, message):
    return {"type": kind, "status": "True", "reason": reason, "message": message}
