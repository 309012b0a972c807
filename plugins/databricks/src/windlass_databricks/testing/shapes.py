"""What Databricks' published API says of the requests that are made here."""

from __future__ import annotations

from windlass_rest.testing.double import Route
from windlass_rest.testing.shapes import Anything, Texts

_UC = "/api/2.0/mlflow/unity-catalog"
_SERVING = "/api/2.0/serving-endpoints"

TAG = {"key!": str, "value": str}
SERVED_ENTITY = {
    "name": str,
    "entity_name!": str,
    "entity_version!": str,
    "workload_size": ("Small", "Medium", "Large", "XLarge"),
    "workload_type": ("CPU", "GPU_SMALL", "GPU_MEDIUM", "GPU_LARGE", "MULTIGPU_MEDIUM"),
    "scale_to_zero_enabled": bool,
    "environment_vars": Texts,
    "instance_profile_arn": str,
    "min_provisioned_throughput": int,
    "max_provisioned_throughput": int,
}
ROUTE = {"served_model_name!": str, "traffic_percentage!": int}
CAPTURE = {"catalog_name": str, "schema_name": str, "table_name_prefix": str, "enabled": bool}
RATE_LIMIT = {"calls!": int, "key": ("user", "endpoint"), "renewal_period!": ("minute",)}
CONFIG = {
    "served_entities!": [SERVED_ENTITY],
    "traffic_config": {"routes": [ROUTE]},
    "auto_capture_config": CAPTURE,
}
GATEWAY = {
    "fallback_config": Anything,
    "guardrails": Anything,
    "inference_table_config": Anything,
    "rate_limits": [Anything],
    "usage_tracking_config": {"enabled": bool},
}
ENDPOINT = {
    "name!": str,
    "config!": CONFIG,
    "tags": [TAG],
    "rate_limits": [RATE_LIMIT],
    "ai_gateway": GATEWAY,
    "budget_policy_id": str,
    "description": str,
    "email_notifications": Anything,
    "route_optimized": bool,
}
_VERSION = {"name!": str, "version!": str}

ROUTES = (
    Route(method="POST", path="/oidc/v1/token", answer="token", body=bytes, free=True),
    Route(method="GET", path=f"{_UC}/registered-models/get", answer="get_model", query=("name!",)),
    Route(
        method="POST",
        path=f"{_UC}/registered-models/create",
        answer="create_model",
        body={"name!": str, "description": str, "tags": [TAG]},
    ),
    Route(method="DELETE", path=f"{_UC}/registered-models/delete", answer="delete_model", body={"name!": str}),
    Route(
        method="POST",
        path=f"{_UC}/model-versions/create",
        answer="create_version",
        body={"name!": str, "source!": str, "run_id": str, "description": str, "tags": [TAG]},
    ),
    Route(method="POST", path=f"{_UC}/model-versions/finalize", answer="finalize_version", body=_VERSION),
    Route(method="GET", path=f"{_UC}/model-versions/get", answer="get_version", query=("name!", "version!")),
    Route(
        method="GET",
        path=f"{_UC}/model-versions/search",
        answer="search_versions",
        query=("filter", "max_results", "page_token"),
    ),
    Route(method="DELETE", path=f"{_UC}/model-versions/delete", answer="delete_version", body=_VERSION),
    Route(method="PUT", path="/api/2.0/fs/files/Models/{place+}", answer="upload", body=bytes, query=("overwrite",)),
    Route(method="GET", path=_SERVING, answer="list_endpoints"),
    Route(method="POST", path=_SERVING, answer="create_endpoint", body=ENDPOINT),
    Route(method="GET", path=f"{_SERVING}/{{name}}", answer="get_endpoint"),
    Route(method="DELETE", path=f"{_SERVING}/{{name}}", answer="delete_endpoint"),
    Route(method="PUT", path=f"{_SERVING}/{{name}}/config", answer="configure", body=CONFIG),
    Route(
        method="PATCH",
        path=f"{_SERVING}/{{name}}/tags",
        answer="tag",
        body={"add_tags": [TAG], "delete_tags": [str]},
    ),
    Route(
        method="PUT",
        path=f"{_SERVING}/{{name}}/rate-limits",
        answer="limit",
        body={"rate_limits": [RATE_LIMIT]},
    ),
    Route(method="PUT", path=f"{_SERVING}/{{name}}/ai-gateway", answer="govern", body=GATEWAY),
    Route(method="GET", path=f"{_SERVING}/{{name}}/served-models/{{variant}}/logs", answer="logs"),
    Route(method="GET", path=f"{_SERVING}/{{name}}/served-models/{{variant}}/build-logs", answer="build_logs"),
    Route(method="POST", path="/serving-endpoints/{name}/invocations", answer="invoke", body=bytes),
)
