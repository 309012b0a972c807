"""`windlass.deployments`: deploying models from Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.entities import Deployment
from windlass.errors import NotFound
from windlass.fluent.state import current_settings, current_workspace


class DeploymentClient:
    """The deployments of one target."""

    def __init__(self, target_uri: str | None) -> None:
        self.target_uri = target_uri
        current_workspace().deployments.target(target_uri)

    def create_deployment(
        self,
        name: str,
        model_uri: str,
        flavor: str | None = None,
        config: Mapping[str, Any] | None = None,
        endpoint: str | None = None,
    ) -> dict[str, Any]:
        """Deploy a model and return when it answers."""
        _no_endpoint(endpoint)
        service = current_workspace().deployments
        return as_dict(service.create(self.target_uri, name, model_uri, flavor=flavor, config=_texts(config)))

    def update_deployment(
        self,
        name: str,
        model_uri: str | None = None,
        flavor: str | None = None,
        config: Mapping[str, Any] | None = None,
        endpoint: str | None = None,
    ) -> dict[str, Any]:
        """Replace what is deployed under the name."""
        _no_endpoint(endpoint)
        service = current_workspace().deployments
        wanted = None if config is None else _texts(config)
        return as_dict(service.update(self.target_uri, name, model_uri, flavor=flavor, config=wanted))

    def delete_deployment(
        self, name: str, config: Mapping[str, Any] | None = None, endpoint: str | None = None
    ) -> None:
        """Take the deployment down."""
        del config
        _no_endpoint(endpoint)
        current_workspace().deployments.delete(self.target_uri, name)

    def list_deployments(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """All deployments of the target."""
        _no_endpoint(endpoint)
        return [as_dict(one) for one in current_workspace().deployments.list(self.target_uri)]

    def get_deployment(self, name: str, endpoint: str | None = None) -> dict[str, Any]:
        """The deployment as it is now."""
        _no_endpoint(endpoint)
        return as_dict(current_workspace().deployments.get(self.target_uri, name))

    def predict(self, deployment_name: str, inputs: Any = None, endpoint: str | None = None) -> Any:
        """The deployment's predictions; takes a table, an array, or a request of the scoring server."""
        _no_endpoint(endpoint)
        return current_workspace().deployments.predict(self.target_uri, deployment_name, to_payload(inputs))


def get_deploy_client(target_uri: str | None = None) -> DeploymentClient:
    """A client for a target, named as `NAME` or `NAME:/…`."""
    return DeploymentClient(target_uri or current_settings().deployment_target)


def to_payload(inputs: Any) -> Mapping[str, Any]:
    """A request of the scoring server for these inputs."""
    if isinstance(inputs, Mapping):
        known = {"dataframe_split", "dataframe_records", "instances", "inputs"}
        return inputs if known & set(inputs) else {"inputs": inputs}
    if hasattr(inputs, "to_dict") and hasattr(inputs, "columns"):
        split = inputs.to_dict(orient="split")
        return {"dataframe_split": {"columns": split["columns"], "data": split["data"]}}
    return {"instances": inputs.tolist() if hasattr(inputs, "tolist") else inputs}


def as_dict(deployment: Deployment) -> dict[str, Any]:
    """A deployment as the dictionary that MLflow's deployment clients return."""
    return {
        "name": deployment.name,
        "target": deployment.target,
        "flavor": deployment.flavor,
        "status": str(deployment.status),
        "url": deployment.url,
        "model_uri": deployment.model_uri,
        "resolved_uri": deployment.resolved_uri,
        "creation_timestamp": deployment.creation_timestamp,
        "last_updated_timestamp": deployment.last_updated_timestamp,
        "config": dict(deployment.config),
        "details": dict(deployment.details),
    }


def _texts(config: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: str(value) for key, value in (config or {}).items()}


def _no_endpoint(endpoint: str | None) -> None:
    if endpoint is not None:
        raise NotFound(f"there is no endpoint {endpoint!r}: this target has none")
