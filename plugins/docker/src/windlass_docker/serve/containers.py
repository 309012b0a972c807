"""Containers: the deployments of one Docker."""

from __future__ import annotations

from collections.abc import Iterator

import docker

from windlass.errors import AlreadyExists, NotFound
from windlass_docker.building import remove_image
from windlass_docker.faults import translated
from windlass_docker.serve.labels import DEPLOYMENT_LABEL, Remembered
from windlass_docker.serve.options import ServeOptions
from windlass_docker.serve.server_container import ServerContainer, container_name

__all__ = ["Containers", "container_name"]


class Containers:
    """Containers that carry our label.

    That of a deployment is called `windlass-NAME`; one with another name is what a change that was cut off has left.
    """

    def __init__(self, client: docker.DockerClient) -> None:
        self.client = client

    def deployed(self) -> Iterator[ServerContainer]:
        """Those that are deployments."""
        return (one for one in self._labelled(DEPLOYMENT_LABEL) if one.is_deployment)

    def get(self, name: str) -> ServerContainer:
        """The container of a deployment; NotFound if there is none."""
        for one in self._of(name):
            if one.is_deployment:
                return one
        known = ", ".join(sorted(one.remembered.record.name for one in self.deployed())) or "none"
        raise NotFound(f"there is no deployment {name!r} on this Docker (known: {known})")

    def check_free(self, name: str) -> None:
        """Refuse a name that is taken, and remove what a creation that was cut off has left."""
        try:
            with translated("look for the name"):
                found = self.client.containers.get(container_name(name))
        except NotFound:
            self.clear_leftovers(name)
            return
        if Remembered.of(found.attrs) is None:
            raise AlreadyExists(f"there is a container {found.name!r} that was not made by Windlass")
        hint = f"update it with `windlass deployments update -t docker --name {name} -m …`, or delete it first"
        raise AlreadyExists(f"the deployment {name!r} exists on this Docker", hint=hint)

    def clear_leftovers(self, name: str) -> None:
        """Remove what a change that was cut off has left."""
        for one in self._of(name):
            if not one.is_deployment:
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
        return self._labelled(f"{DEPLOYMENT_LABEL}={name}")

    def _labelled(self, label: str) -> Iterator[ServerContainer]:
        with translated("list its containers"):
            found = self.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        for one in found:
            if (remembered := Remembered.of(one.attrs)) is not None:
                yield ServerContainer(one, remembered)
