"""Containers: the deployments of one Docker."""

from __future__ import annotations

from collections.abc import Iterator

import docker

from windlass.errors import AlreadyExists, NotFound
from windlass_docker.building import remove_image
from windlass_docker.faults import translated
from windlass_docker.serve.labels import Remembered
from windlass_docker.serve.naming import DEPLOYMENT_LABEL, Naming
from windlass_docker.serve.options import ServeOptions
from windlass_docker.serve.server_container import ServerContainer


class Containers:
    """Containers that carry our label, of one namespace.

    That of a deployment has a name of its own; one with another name is what a change that was cut off has left.
    """

    def __init__(self, client: docker.DockerClient, naming: Naming) -> None:
        self.client = client
        self.naming = naming

    def deployed(self) -> Iterator[ServerContainer]:
        """Those that are deployments."""
        return (one for one in self._labelled(DEPLOYMENT_LABEL) if self._is_deployment(one))

    def get(self, name: str) -> ServerContainer:
        """The container of a deployment; NotFound if there is none."""
        for one in self._of(name):
            if self._is_deployment(one):
                return one
        known = ", ".join(sorted(one.remembered.record.name for one in self.deployed())) or "none"
        raise NotFound(f"there is no deployment {name!r} on this Docker (known: {known})")

    def check_free(self, name: str) -> None:
        """Refuse a name that is taken, and remove what a creation that was cut off has left."""
        try:
            with translated("look for the name"):
                found = self.client.containers.get(self.naming.container(name))
        except NotFound:
            self.clear_leftovers(name)
            return
        if (found.labels or {}).get(DEPLOYMENT_LABEL) != self.naming.label(name):
            raise AlreadyExists(
                f"there is a container {found.name!r} that is something else", hint="choose another name"
            )
        hint = f"`windlass deployments update -t {self.naming.target} --name {name} -m …` changes it"
        raise AlreadyExists(f"the deployment {name!r} exists on this Docker", hint=hint)

    def clear_leftovers(self, name: str) -> None:
        """Remove what a change that was cut off has left."""
        for one in self._of(name):
            if not self._is_deployment(one):
                self._remove(one)

    def delete(self, name: str) -> None:
        """Remove all there is of a deployment."""
        for one in self._of(name):
            self._remove(one)

    def forget_image(self, container: ServerContainer) -> None:
        """Remove the image of a container that is gone, unless it was to be kept."""
        remembered = container.remembered
        if remembered.image and not ServeOptions.parse(remembered.record.config).keep_image:
            remove_image(self.client, remembered.image)

    def _remove(self, container: ServerContainer) -> None:
        container.remove()
        self.forget_image(container)

    def _of(self, name: str) -> Iterator[ServerContainer]:
        return self._labelled(f"{DEPLOYMENT_LABEL}={self.naming.label(name)}")

    def _is_deployment(self, container: ServerContainer) -> bool:
        return container.name == self.naming.container(container.remembered.record.name)

    def _labelled(self, label: str) -> Iterator[ServerContainer]:
        with translated("list its containers"):
            found = self.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        for one in found:
            remembered, said = Remembered.of(one.attrs), (one.labels or {}).get(DEPLOYMENT_LABEL)
            if remembered is not None and said == self.naming.label(remembered.record.name):
                yield ServerContainer(one, remembered)
