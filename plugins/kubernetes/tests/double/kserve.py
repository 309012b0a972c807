"""KServe: what its controller does with InferenceServices, in the part that is used here.

A revision is a pod. The newest one that is ready gets all requests, or the part that canaryTrafficPercent says; the
others go to the last revision that had all of them.
"""

from __future__ import annotations

import copy
import json
import random

from controllers import is_ready, is_there, owner_of

_SCALING = ("canaryTrafficPercent", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric")


class KServe:
    def __init__(self, store, node):
        self._store, self._node = store, node
        self._revisions, self._rolled, self._traffic = {}, {}, {}

    def look(self, controllers):
        for one in self._store.list("inferenceservices"):
            self._service(one, controllers)

    def pod_for(self, host):
        """The address of the pod that answers a request to a host; None for all other hosts."""
        parts = self._traffic.get(host.partition(":")[0])
        if not parts:
            return None
        pods, weights = zip(*parts, strict=True)
        return random.choices(pods, weights)[0]

    def _service(self, one, controllers):
        uid, name, space = (one["metadata"][field] for field in ("uid", "name", "namespace"))
        predictor = one["spec"]["predictor"]
        spec = {field: value for field, value in predictor.items() if field not in _SCALING}
        text, known = json.dumps(spec, sort_keys=True), self._revisions.setdefault(uid, [])
        if not known or known[-1] != text:
            known.append(text)
            self._make(one, spec, len(known), controllers)
        pods = {}
        for pod in self._store.list("pods", space):
            if owner_of(pod) == uid and is_there(pod):
                pods[int(pod["metadata"]["labels"]["number"])] = pod
        ready = [number for number, pod in pods.items() if is_ready(pod)]
        newest, percent = max(ready, default=0), predictor.get("canaryTrafficPercent", 100)
        percent = percent if newest == len(known) else 100
        if newest and percent == 100 and newest == len(known):
            self._rolled[uid] = newest
        rolled = self._rolled.get(uid, newest)
        shares = (
            {newest: percent, rolled: 100 - percent} if rolled != newest and newest == len(known) else {rolled: 100}
        )
        host = f"{name}.{space}.example.com"
        self._traffic[host] = [
            (pods[n]["status"]["podIP"], share) for n, share in shares.items() if n in ready and share
        ]
        for number, pod in pods.items():
            if number not in {len(known), *(n for n in shares)}:
                self._store.delete(*pod["key"])
        self._tell(one, host, len(known), newest)

    def _make(self, one, spec, number, controllers):
        containers = spec.get("containers") or [{"name": "runtime", "image": "windlass/test:1"}]
        pod = {"containers": copy.deepcopy(containers), "volumes": spec.get("volumes") or []}
        marks = {"serving.kserve.io/inferenceservice": one["metadata"]["name"], "number": str(number)}
        controllers.make_pod(one, {"metadata": {"labels": spec.get("labels") or {}}, "spec": pod}, marks)

    def _tell(self, one, host, newest, ready):
        name, done = one["metadata"]["name"], ready == newest
        message = "" if done else f"Revision {name}-predictor-{newest:05} is not ready"
        conditions = [{"type": "Ready", "status": "True" if done else "Unknown", "message": message}]
        revisions = {"latestCreatedRevision": f"{name}-predictor-{newest:05}"}
        if ready:
            revisions["latestReadyRevision"] = f"{name}-predictor-{ready:05}"
        status = {"observedGeneration": one["metadata"]["generation"], "conditions": conditions}
        status |= {"components": {"predictor": revisions}, **({"url": f"http://{host}"} if ready else {})}
        self._store.set_status(one, status)
