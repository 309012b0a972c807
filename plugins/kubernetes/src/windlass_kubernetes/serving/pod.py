"""The pods that serve a model, as the API has them."""

from __future__ import annotations

import math
from typing import Any

from windlass_kubernetes.serving.options import PodOptions
from windlass_kubernetes.serving.supply import PORT, Supply

_FINISH = 10


def pod_spec(options: PodOptions, supply: Supply, *, container: str = "model") -> dict[str, Any]:
    """What runs in a pod; fields without a value are left out."""
    pulled = [{"name": name} for name in options.image_pull_secrets]
    chosen = {
        "serviceAccountName": options.service_account,
        "nodeSelector": dict(options.node_selector),
        "imagePullSecrets": pulled,
    }
    return {
        "containers": [_container(options, supply, container)],
        "volumes": [dict(one) for one in supply.volumes],
        # Who has been let in is answered.
        "terminationGracePeriodSeconds": math.ceil(options.drain_seconds + options.request_timeout) + _FINISH,
        **{name: value for name, value in chosen.items() if value},
    }


def _container(options: PodOptions, supply: Supply, name: str) -> dict[str, Any]:
    ping = {"httpGet": {"path": "/ping", "port": PORT}, "timeoutSeconds": 5}
    sources = [*options.secrets, *([supply.secret_variables] if supply.secret_variables else [])]
    chosen = {
        "imagePullPolicy": options.image_pull_policy,
        "resources": options.resources(),
        "envFrom": [{"secretRef": {"name": one}} for one in sources],
        "lifecycle": _lifecycle(options),
    }
    return {
        "name": name,
        "image": options.image,
        "command": list(supply.command),
        "env": [{"name": name, "value": value} for name, value in supply.variables.items()],
        "ports": [{"name": "http", "containerPort": PORT}],
        "volumeMounts": [dict(one) for one in supply.mounts],
        # A model may take its time to load, and is then to answer at once.
        "startupProbe": {**ping, "periodSeconds": 1, "failureThreshold": math.ceil(options.timeout) + 1},
        "readinessProbe": {**ping, "periodSeconds": 2},
        "livenessProbe": {**ping, "periodSeconds": 10, "failureThreshold": 6},
        **{name: value for name, value in chosen.items() if value},
    }


def _lifecycle(options: PodOptions) -> dict[str, Any]:
    """Before it ends, a pod answers for a while: who leads requests to it hears of its end at the same time."""
    if not options.drain_seconds:
        return {}
    sleep = f"import time; time.sleep({options.drain_seconds:g})"
    return {"preStop": {"exec": {"command": ["python", "-c", sleep]}}}
