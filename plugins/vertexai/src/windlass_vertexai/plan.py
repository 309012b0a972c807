"""What is asked of Vertex AI for a variant."""

from __future__ import annotations

import json
from typing import Any

from windlass.interfaces import ModelRecord
from windlass_rest.endpoints.state import Plan

OWNER, BORN = "windlass-deployment", "windlass-born"


def labels(plan: Plan) -> dict[str, str]:
    """The labels of all that is made."""
    return {**plan.options.get("labels", {}), OWNER: plan.name, BORN: plan.variant}


def body_of_model(plan: Plan, *, place: str, allow_pickle: str) -> dict[str, Any]:
    """For models:upload; the record of the deployment is the model's description."""
    # The second name is the one that MLflow's images read.
    variables = {
        "WINDLASS_ALLOW_PICKLE": allow_pickle,
        "MLFLOW_DEPLOYMENT_FLAVOR_NAME": plan.record.flavor,
        **plan.options.get("env", {}),
    }
    return {
        "displayName": f"{plan.name} {plan.variant}",
        "description": json.dumps(plan.record.content()),
        "labels": labels(plan),
        "artifactUri": place,
        "containerSpec": {
            "imageUri": plan.options["image"],
            "env": [{"name": name, "value": value} for name, value in variables.items()],
            "ports": [{"containerPort": plan.options["port"]}],
            "predictRoute": "/invocations",
            "healthRoute": "/ping",
        },
    }


def record_of(model: dict[str, Any]) -> ModelRecord | None:
    """The record in a model's description; None where there is none."""
    try:
        return ModelRecord.of_content(json.loads(model.get("description") or ""))
    except ValueError:
        return None


def body_of_deployed(plan: Plan, *, model: str) -> dict[str, Any]:
    """The deployed model in deployModel."""
    options = plan.options
    machine = {"machineType": options["machine_type"]}
    if "accelerator_type" in options:
        machine |= {
            "acceleratorType": options["accelerator_type"],
            "acceleratorCount": options["accelerator_count"],
        }
    least = options["min_replica_count"]
    return {
        "model": model,
        "displayName": plan.variant,
        "enableAccessLogging": options["access_logging"],
        "dedicatedResources": {
            "machineSpec": machine,
            "minReplicaCount": least,
            "maxReplicaCount": options.get("max_replica_count", least),
        },
        **({"serviceAccount": options["service_account"]} if "service_account" in options else {}),
    }
