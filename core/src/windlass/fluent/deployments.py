"""`windlass.deployments`: deploying models from Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from windlass.entities import Deployment
from windlass.errors import InvalidValue
from windlass.fluent.state import current_settings, current_workspace
from windlass.services.deployments.declared import option_text
from windlass.services.deployments.service import DeploymentService


class DeploymentClient:
    """The deployments of one target; an endpoint is named on targets that have endpoints."""

    def __init__(self, target_uri: str | None) -> None:
        self.target_uri = target_uri
        _service().target(target_uri)

    def create_deployment(
        self,
        name: str,
        model_uri: str,
        flavor: str | None = None,
        config: Mapping[str, Any] | None = None,
        endpoint: str | None = None,
    ) -> dict[str, Any]:
        """Deploy a model and return when it answers."""
        made = _service().create(
            self.target_uri, name, model_uri, flavor=flavor, config=_texts(config), endpoint=endpoint
        )
        return as_dict(made)

    def update_deployment(
        self,
        name: str,
        model_uri: str | None = None,
        flavor: str | None = None,
        config: Mapping[str, Any] | None = None,
        endpoint: str | None = None,
        *,
        canary: int | None = None,
    ) -> dict[str, Any]:
        """Replace what is deployed under the name; without `config` its options stay.

        With `canary` the new model only answers that percentage of the requests, beside the present one.
        """
        wanted = None if config is None else _texts(config)
        if canary is None:
            made = _service().update(self.target_uri, name, model_uri, flavor=flavor, config=wanted, endpoint=endpoint)
            return as_dict(made)
        if model_uri is None:
            raise InvalidValue("model_uri", None, "is missing", hint="a canary is another model than the present one")
        made = _service().start_canary(
            self.target_uri, name, model_uri, percent=canary, flavor=flavor, config=wanted, endpoint=endpoint
        )
        return as_dict(made)

    def set_canary(self, name: str, percent: int, *, endpoint: str | None = None) -> dict[str, Any]:
        """Give the canary another percentage of the requests: with 100 it is the deployment, with 0 it goes away."""
        return as_dict(_service().set_canary(self.target_uri, name, percent, endpoint=endpoint))

    def rollback_deployment(self, name: str, *, to: int | None = None, endpoint: str | None = None) -> dict[str, Any]:
        """Deploy the version before the present one again, or the one that the change of number `to` brought."""
        return as_dict(_service().rollback(self.target_uri, name, to=to, endpoint=endpoint))

    def delete_deployment(
        self, name: str, config: Mapping[str, Any] | None = None, endpoint: str | None = None
    ) -> None:
        """Take the deployment down; nothing happens if it is missing."""
        del config
        _service().delete(self.target_uri, name, endpoint=endpoint)

    def list_deployments(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """All deployments of the target."""
        return [as_dict(one) for one in _service().list(self.target_uri, endpoint=endpoint)]

    def get_deployment(self, name: str, endpoint: str | None = None) -> dict[str, Any]:
        """The deployment as it is now."""
        return as_dict(_service().get(self.target_uri, name, endpoint=endpoint))

    def predict(self, deployment_name: str | None = None, inputs: Any = None, endpoint: str | None = None) -> Any:
        """The deployment's predictions; takes a table, an array, or a request of the scoring server.

        An endpoint without a deployment shares the request out itself.
        """
        name = _named(deployment_name, endpoint)
        return _service().predict(self.target_uri, name, to_payload(inputs), endpoint=endpoint)

    def explain(self, deployment_name: str | None = None, df: Any = None, endpoint: str | None = None) -> Any:
        """Why the deployment predicts what it predicts for these inputs; Unsupported on targets that cannot say."""
        name = _named(deployment_name, endpoint)
        return _service().explain(self.target_uri, name, to_payload(df), endpoint=endpoint)

    def create_endpoint(self, name: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make an endpoint without deployments."""
        return asdict(_service().endpoints(self.target_uri).create_endpoint(name, _texts(config)))

    def update_endpoint(self, endpoint: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Change the options of an endpoint."""
        return asdict(_service().endpoints(self.target_uri).update_endpoint(endpoint, _texts(config)))

    def delete_endpoint(self, endpoint: str) -> None:
        """Remove an endpoint with its deployments; nothing happens if it is missing."""
        _service().delete_endpoint(self.target_uri, endpoint)

    def list_endpoints(self) -> list[dict[str, Any]]:
        """All endpoints of the target."""
        return [asdict(one) for one in _service().endpoints(self.target_uri).list_endpoints()]

    def get_endpoint(self, endpoint: str) -> dict[str, Any]:
        """The endpoint as it is now."""
        return asdict(_service().endpoints(self.target_uri).get_endpoint(endpoint))


def get_deploy_client(target_uri: str | None = None) -> DeploymentClient:
    """A client for a target, named as `NAME` or `NAME:/…`."""
    return DeploymentClient(target_uri or current_settings().deployment_target)


def run_local(
    target: str,
    name: str,
    model_uri: str,
    flavor: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Run a model on this machine in the way of a target, to try it."""
    return as_dict(_service().run_local(target, name, model_uri, flavor=flavor, config=_texts(config)))


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
    return asdict(deployment) | {"status": str(deployment.status)}


def _texts(config: Mapping[str, Any] | None) -> dict[str, str]:
    """The options as the texts that targets take."""
    return {key: option_text(value) for key, value in (config or {}).items()}


def _named(name: str | None, endpoint: str | None) -> str:
    if not name and endpoint is None:
        raise InvalidValue("deployment_name", name, "is missing", hint="name a deployment, or its endpoint")
    return name or ""


def _service() -> DeploymentService:
    return current_workspace().deployments
