"""What is asked of Azure for a variant."""

from __future__ import annotations

from typing import Any

from windlass.interfaces import to_tags
from windlass_rest.endpoints.state import Plan

OWNER, BORN = "windlass.deployment", "windlass.born"
SHARED = "windlass.endpoint"
"""The tag of an endpoint that was made for several deployments."""
RECORD = "windlass.record."
_TAG_LENGTH, _MOST_TAGS = 256, 40


def record_tags(plan: Plan) -> dict[str, str]:
    """The tags of a deployment; InvalidValue if they do not suffice for what it remembers."""
    return {OWNER: plan.name} | to_tags(plan.record.content(), RECORD, length=_TAG_LENGTH, most=_MOST_TAGS)


def body_of_deployment(plan: Plan, *, location: str, model: str, environment: str, allow_pickle: str) -> dict[str, Any]:
    """For the deployment; its model and its environment are named by their resource ids."""
    options = plan.options
    # The second name is the one that MLflow's images read.
    variables = {
        "WINDLASS_ALLOW_PICKLE": allow_pickle,
        "MLFLOW_DEPLOYMENT_FLAVOR_NAME": plan.record.flavor,
        **options.get("environment_variables", {}),
    }
    properties = {
        "endpointComputeType": "Managed",
        "model": model,
        "instanceType": options["instance_type"],
        "environmentVariables": variables,
        "appInsightsEnabled": options["app_insights"],
        "scaleSettings": {"scaleType": "Default"},
        "requestSettings": {
            "maxConcurrentRequestsPerInstance": options["max_concurrent_requests"],
            "requestTimeout": f"PT{max(1, round(options['request_timeout']))}S",
        },
    }
    if "image" in options:
        properties["environmentId"] = environment
    sku = {"name": "Default", "capacity": options["instance_count"]}
    return {"location": location, "sku": sku, "tags": record_tags(plan), "properties": properties}


def body_of_environment(plan: Plan) -> dict[str, Any]:
    """For the environment, an image with our scoring server."""
    port = plan.options["port"]
    routes = {"livenessRoute": "/ping", "readinessRoute": "/ping", "scoringRoute": "/invocations"}
    config = {name: {"path": path, "port": port} for name, path in routes.items()}
    properties = {"image": plan.options["image"], "osType": "Linux", "inferenceConfig": config}
    return {"properties": {**properties, "tags": {OWNER: plan.name}}}
