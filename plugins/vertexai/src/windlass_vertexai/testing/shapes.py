"""What Google's published API, version 1, says of the requests that are made here."""

from __future__ import annotations

from windlass_rest.testing.double import Route
from windlass_rest.testing.shapes import Anything, Texts, Whole

PROJECT, REGION = "our-project", "europe-west4"
TOP = f"projects/{PROJECT}/locations/{REGION}"

PORT = {"containerPort!": int}
CONTAINER = {
    "imageUri!": str,
    "command": [str],
    "args": [str],
    "env": [{"name!": str, "value!": str}],
    "ports": [PORT],
    "grpcPorts": [PORT],
    "predictRoute": str,
    "healthRoute": str,
    "deploymentTimeout": str,
    "sharedMemorySizeMb": str,
    "startupProbe": Anything,
    "healthProbe": Anything,
}
MODEL = {
    "displayName!": str,
    "description": str,
    "versionDescription": str,
    "versionAliases": [str],
    "labels": Texts,
    "artifactUri": str,
    "containerSpec": CONTAINER,
    "explanationSpec": Anything,
    "predictSchemata": Anything,
    "metadata": Anything,
    "encryptionSpec": Anything,
}
MACHINE = {
    "machineType": str,
    "acceleratorType": ("NVIDIA_TESLA_T4", "NVIDIA_L4", "NVIDIA_TESLA_V100", "NVIDIA_TESLA_A100"),
    "acceleratorCount": int,
}
DEPLOYED = {
    "model!": str,
    "id": str,
    "displayName": str,
    "dedicatedResources": {
        "machineSpec!": MACHINE,
        "minReplicaCount!": int,
        "maxReplicaCount": int,
        "autoscalingMetricSpecs": Anything,
        "spot": bool,
    },
    "automaticResources": Anything,
    "serviceAccount": str,
    "disableContainerLogging": bool,
    "enableAccessLogging": bool,
    "explanationSpec": Anything,
    "disableExplanations": bool,
}
ENDPOINT = {
    "displayName!": str,
    "description": str,
    "labels": Texts,
    "network": str,
    "encryptionSpec": Anything,
    "dedicatedEndpointEnabled": bool,
    "privateServiceConnectConfig": Anything,
}
_E = f"/v1/{TOP}/endpoints"
_M = f"/v1/{TOP}/models"
_LIST = ("filter", "pageToken", "pageSize")

ROUTES = (
    Route(method="POST", path="/token", answer="token", body=bytes, free=True),
    Route(
        method="POST",
        path=f"{_M}:upload",
        answer="upload_model",
        body={"model!": MODEL, "modelId": str, "parentModel": str, "serviceAccount": str},
    ),
    Route(method="GET", path=_M, answer="list_models", query=_LIST),
    Route(method="GET", path=f"{_M}/{{id}}", answer="get_model"),
    Route(method="DELETE", path=f"{_M}/{{id}}", answer="delete_model"),
    Route(method="POST", path=_E, answer="create_endpoint", body=ENDPOINT, query=("endpointId",)),
    Route(method="GET", path=_E, answer="list_endpoints", query=_LIST),
    Route(
        method="POST",
        path=f"{_E}/{{id}}:deployModel",
        answer="deploy",
        body={"deployedModel!": DEPLOYED, "trafficSplit": Whole},
    ),
    Route(
        method="POST",
        path=f"{_E}/{{id}}:undeployModel",
        answer="undeploy",
        body={"deployedModelId!": str, "trafficSplit": Whole},
    ),
    Route(method="POST", path=f"{_E}/{{id}}:rawPredict", answer="predict", body=bytes),
    Route(method="GET", path=f"{_E}/{{id}}/operations", answer="list_operations", query=_LIST),
    Route(method="GET", path=f"{_M}/{{id}}/operations", answer="list_operations", query=_LIST),
    Route(method="GET", path=f"/v1/{TOP}/operations/{{id}}", answer="get_operation"),
    Route(method="GET", path=f"{_E}/{{id}}", answer="get_endpoint"),
    Route(
        method="PATCH",
        path=f"{_E}/{{id}}",
        answer="patch_endpoint",
        body={"trafficSplit": Whole, "description": str, "displayName": str, "labels": Texts},
        query=("updateMask!",),
    ),
    Route(method="DELETE", path=f"{_E}/{{id}}", answer="delete_endpoint"),
)
