"""What Azure's published API says of the requests that are made here, version 2025-12-01."""

from __future__ import annotations

from windlass_rest.testing.double import Route
from windlass_rest.testing.shapes import Anything, Texts, Whole

SUBSCRIPTION, GROUP, WORKSPACE = "00000000-1111-2222-3333-444444444444", "a-group", "a-workspace"
TOP = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    f"/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
)
_API = ("api-version!",)

IDENTITY = {
    "type!": ("None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"),
    "userAssignedIdentities": Anything,
}
SKU = {"name!": str, "capacity": int, "family": str, "size": str, "tier": ("Free", "Basic", "Standard", "Premium")}
ENDPOINT = {
    "location!": str,
    "tags": Texts,
    "kind": str,
    "identity": IDENTITY,
    "sku": SKU,
    "properties!": {
        "authMode!": ("AMLToken", "Key", "AADToken"),
        "compute": str,
        "description": str,
        "keys": Anything,
        "mirrorTraffic": Whole,
        "properties": Texts,
        "publicNetworkAccess": ("Enabled", "Disabled"),
        "traffic": Whole,
    },
}
DEPLOYMENT = {
    "location!": str,
    "tags": Texts,
    "kind": str,
    "identity": IDENTITY,
    "sku": SKU,
    "properties!": {
        "endpointComputeType!": ("Managed", "Kubernetes", "AzureMLCompute"),
        "appInsightsEnabled": bool,
        "codeConfiguration": Anything,
        "dataCollector": Anything,
        "description": str,
        "egressPublicNetworkAccess": ("Enabled", "Disabled"),
        "environmentId": str,
        "environmentVariables": Texts,
        "instanceType": str,
        "livenessProbe": Anything,
        "model": str,
        "modelMountPath": str,
        "properties": Texts,
        "readinessProbe": Anything,
        "requestSettings": {
            "maxConcurrentRequestsPerInstance": int,
            "maxQueueWait": str,
            "requestTimeout": str,
        },
        "scaleSettings": {"scaleType!": ("Default", "TargetUtilization")},
    },
}
MODEL = {
    "properties!": {
        "description": str,
        "flavors": Anything,
        "isAnonymous": bool,
        "isArchived": bool,
        "jobName": str,
        "modelType": str,
        "modelUri": str,
        "properties": Texts,
        "stage": str,
        "tags": Texts,
    }
}
_PLACE = {"path!": str, "port!": int}
ENVIRONMENT = {
    "properties!": {
        "image": str,
        "osType": ("Linux", "Windows"),
        "inferenceConfig": {"livenessRoute": _PLACE, "readinessRoute": _PLACE, "scoringRoute": _PLACE},
        "tags": Texts,
        "description": str,
        "condaFile": str,
        "build": Anything,
        "isAnonymous": bool,
        "isArchived": bool,
    }
}

_E = f"{TOP}/onlineEndpoints/{{name}}"
_D = f"{_E}/deployments/{{variant}}"
_VERSIONS = TOP + "/{kind}/{container}/versions"


def _route(method: str, path: str, answer: str, body: object = None) -> Route:
    return Route(method=method, path=path, answer=answer, body=body, query=_API)


ROUTES = (
    Route(method="POST", path="/{tenant}/oauth2/v2.0/token", answer="token", body=bytes, free=True),
    Route(method="POST", path="/score/{name}", answer="score", body=bytes, free=True),
    _route("GET", TOP, "get_workspace"),
    _route("GET", f"{TOP}/operations/{{id}}", "get_operation"),
    _route("GET", f"{TOP}/datastores", "list_datastores"),
    _route("POST", f"{TOP}/datastores/{{store}}/listSecrets", "list_secrets"),
    _route("GET", f"{TOP}/onlineEndpoints", "list_endpoints"),
    _route("GET", _E, "get_endpoint"),
    _route("PUT", _E, "put_endpoint", ENDPOINT),
    _route("DELETE", _E, "delete_endpoint"),
    _route("POST", f"{_E}/listKeys", "list_keys"),
    _route("POST", f"{_E}/token", "endpoint_token"),
    _route("GET", f"{_E}/deployments", "list_deployments"),
    _route("GET", _D, "get_deployment"),
    _route("PUT", _D, "put_deployment", DEPLOYMENT),
    _route("DELETE", _D, "delete_deployment"),
    _route(
        "POST",
        f"{_D}/getLogs",
        "get_logs",
        {"containerType": ("InferenceServer", "StorageInitializer", "ModelDataCollector"), "tail": int},
    ),
    _route("PUT", f"{TOP}/models/{{container}}/versions/{{version}}", "put_model", MODEL),
    _route("PUT", f"{TOP}/environments/{{container}}/versions/{{version}}", "put_environment", ENVIRONMENT),
    _route("GET", _VERSIONS, "list_versions"),
    _route("GET", f"{_VERSIONS}/{{version}}", "get_version"),
    _route("DELETE", f"{_VERSIONS}/{{version}}", "delete_version"),
)
