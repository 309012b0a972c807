"""The predictor of an InferenceService."""

from __future__ import annotations

from typing import Any

from windlass_kubernetes.kserve.options import KServeOptions
from windlass_kubernetes.serving.names import labels
from windlass_kubernetes.serving.pod import pod_spec
from windlass_kubernetes.serving.supply import PORT, Supply

_CONTAINER = "kserve-container"
# What Knative, which makes the pods, does not take.
_NOT_TAKEN = frozenset({"lifecycle", "startupProbe", "livenessProbe"})


def predictor(
    name: str, revision: str, options: KServeOptions, supply: Supply | None, *, percent: int | None = None
) -> dict[str, Any]:
    """With the container that the supply is for, or with a runtime of KServe's; `percent` makes it a canary."""
    chosen = {
        "minReplicas": options.min_replicas,
        "maxReplicas": options.max_replicas,
        "scaleTarget": options.scale_target,
        "canaryTrafficPercent": percent,
        "labels": labels(name, revision),
        **(_runtime(options) if supply is None else _container(options, supply)),
    }
    return {field: value for field, value in chosen.items() if value is not None}


def _container(options: KServeOptions, supply: Supply) -> dict[str, Any]:
    spec = pod_spec(options, supply, container=_CONTAINER)
    del spec["terminationGracePeriodSeconds"]
    container = {field: value for field, value in spec["containers"][0].items() if field not in _NOT_TAKEN}
    container["ports"] = [{"containerPort": PORT, "protocol": "TCP"}]
    return {**spec, "containers": [container]}


def _runtime(options: KServeOptions) -> dict[str, Any]:
    model = {
        "modelFormat": {"name": options.model_format},
        "protocolVersion": options.protocol,
        "storageUri": options.storage_uri,
        "runtime": options.runtime,
        "resources": options.resources() or None,
        "env": [{"name": name, "value": value} for name, value in options.env.items()] or None,
        "envFrom": [{"secretRef": {"name": one}} for one in options.secrets] or None,
    }
    return {
        "model": {field: value for field, value in model.items() if value is not None},
        "serviceAccountName": options.service_account,
        "nodeSelector": dict(options.node_selector) or None,
    }
