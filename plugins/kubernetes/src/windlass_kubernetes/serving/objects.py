"""The objects that a deployment is made of."""

from __future__ import annotations

import math
from typing import Any

from windlass_kubernetes.cluster import Object
from windlass_kubernetes.serving.deployment_options import DeploymentOptions
from windlass_kubernetes.serving.names import REVISION, labels
from windlass_kubernetes.serving.pod import pod_spec
from windlass_kubernetes.serving.supply import Supply


def secret(name: str, part: str, content: Object, *, revision: str, owner: Object | None = None) -> dict[str, Any]:
    """A Secret of one revision of a deployment."""
    return {"metadata": _metadata(part, labels(name, revision), owner), **content}


def template(name: str, revision: str, options: DeploymentOptions, supply: Supply) -> dict[str, Any]:
    """The pods of a revision."""
    return {"metadata": {"labels": labels(name, revision)}, "spec": pod_spec(options, supply)}


def deployment(name: str, revision: str, options: DeploymentOptions, supply: Supply) -> dict[str, Any]:
    """The Deployment; it has no record as long as it does not answer."""
    return {
        "metadata": {**_metadata(name, labels(name)), "annotations": {REVISION: revision}},
        "spec": {
            "replicas": options.replicas,
            "selector": {"matchLabels": labels(name)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "progressDeadlineSeconds": math.ceil(options.timeout) + 1,
            "revisionHistoryLimit": 2,
            "template": template(name, revision, options, supply),
        },
    }


def service(name: str, options: DeploymentOptions, owner: Object) -> dict[str, Any]:
    """The Service, which leads to the pods that are ready."""
    return {
        "metadata": _metadata(name, labels(name), owner),
        "spec": {
            "type": options.service_type,
            "selector": labels(name),
            "ports": [{"name": "http", "port": options.port, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def autoscaler(name: str, options: DeploymentOptions, owner: Object) -> dict[str, Any]:
    """What changes the number of pods with the load; version 1 of it is what every server has."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return {
        "metadata": _metadata(name, labels(name), owner),
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": options.replicas,
            "maxReplicas": options.max_replicas,
            "targetCPUUtilizationPercentage": options.cpu_goal,
        },
    }


def owned_by(owner: Object) -> list[dict[str, Any]]:
    """What has an object go with another."""
    told = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    return [{**told, "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}]


def _metadata(name: str, marks: dict[str, str], owner: Object | None = None) -> dict[str, Any]:
    return {"name": name, "labels": marks, **({"ownerReferences": owned_by(owner)} if owner else {})}
