"""DockerTarget: each deployment is a container with a scoring server, and an image with its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment
from windlass.errors import Unavailable
from windlass.interfaces import (
    DeploymentRecord,
    DeploymentRequest,
    DeploymentTarget,
    TargetOption,
    check_deployment_name,
)
from windlass_docker.connection import connected, host_of, is_here
from windlass_docker.faults import translated
from windlass_docker.serve.address import Address
from windlass_docker.serve.change import Change
from windlass_docker.serve.containers import Containers
from windlass_docker.serve.naming import Naming
from windlass_docker.serve.options import OPTIONS, ServeOptions
from windlass_rest.rest import Rest
from windlass_rest.scoring import ask

_MARGIN = 10.0


class DockerTarget(DeploymentTarget):
    """Containers that carry our label, on the Docker that DOCKER_HOST names."""

    def __init__(self, naming: Naming, *, allow_pickle: str = "owned") -> None:
        self._naming = naming
        self._allow_pickle = allow_pickle

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The Docker of the environment, and the namespace that the target names."""
        return cls(Naming.of_target(target), allow_pickle=settings.allow_pickle)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Build an image, start a container, and return when it answers."""
        name, options = check_deployment_name(request.name), ServeOptions.parse(request.config)
        record = DeploymentRecord.new(request, allow_pickle=self._allow_pickle)
        with connected() as client:
            containers = Containers(client, self._naming)
            containers.check_free(name)
            address = Address.choose(client, options)
            Change(containers, record, options, address).create(request.model_path)
            return containers.get(name).deployment(self._naming.target)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Try a container with the new model beside the present one, and put it in its place."""
        name, options = check_deployment_name(request.name), ServeOptions.parse(request.config)
        with connected() as client:
            containers = Containers(client, self._naming)
            old = containers.get(name)
            record = DeploymentRecord.new(request, allow_pickle=self._allow_pickle).since(old.remembered.record)
            address = Address.choose(client, options, port=old.port_at(options.host))
            containers.clear_leftovers(name)
            Change(containers, record, options, address).replace(old, request.model_path)
            return containers.get(name).deployment(self._naming.target)

    def delete(self, name: str) -> None:
        """Remove the container, and the images that were built for it unless somebody else uses them."""
        check_deployment_name(name)
        with connected() as client:
            Containers(client, self._naming).delete(name)

    def get(self, name: str) -> Deployment:
        """The deployment, as its container is."""
        with connected() as client:
            return Containers(client, self._naming).get(name).deployment(self._naming.target)

    def list(self) -> list[Deployment]:
        """All deployments of this Docker."""
        with connected() as client:
            found = [one.deployment(self._naming.target) for one in Containers(client, self._naming).deployed()]
        return sorted(found, key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The server's answer; Unavailable if it is not running."""
        with connected() as client:
            found = Containers(client, self._naming).get(name)
        if not found.is_running:
            hint = f"start it again with `docker start {self._naming.container(name)}`, or update it"
            raise Unavailable(f"the deployment {name!r} is not running", hint=hint)
        timeout = ServeOptions.parse(found.remembered.record.config).request_timeout + _MARGIN
        rest = Rest.open(found.remembered.url, Settings(), name=f"the deployment {name!r}", timeout=timeout)
        try:
            return ask(rest, "/invocations", payload)
        finally:
            rest.close()

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """What the container has printed."""
        self.get(name)
        return self._lines(name, follow=follow)

    def address(self, target: str) -> str:  # noqa: ARG002  it was opened for this target
        """The machine of the daemon, and the namespace there."""
        with connected() as client, translated("say its name"):
            machine = client.info().get("Name") if is_here(client) else None
            return "/".join(filter(None, (f"docker:{machine or host_of(client)}", self._naming.namespace)))

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _lines(self, name: str, *, follow: bool) -> Iterator[str]:
        with connected() as client, translated("show the log"):
            yield from Containers(client, self._naming).get(name).lines(follow=follow)
