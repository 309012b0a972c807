"""Change: a deployment that is made, or replaced by its next version, as a whole or not at all."""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import AlreadyExists, Conflict, WindlassError
from windlass.interfaces import DeploymentRecord
from windlass.services.model_image.context import ImageContext
from windlass_docker.building import build_image, remove_image
from windlass_docker.connection import is_here
from windlass_docker.serve.address import Address
from windlass_docker.serve.containers import Containers
from windlass_docker.serve.context_archive import archived
from windlass_docker.serve.labels import Remembered
from windlass_docker.serve.options import ServeOptions
from windlass_docker.serve.server_container import ServerContainer

_NAME_TAKEN = "already in use"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be deployed, how, and where it is to answer."""

    containers: Containers
    record: DeploymentRecord
    options: ServeOptions
    address: Address

    def create(self, model: Path) -> None:
        """Start the first container."""
        with self._image(model) as image, self._made(self._name, image, self.address) as made:
            made.start(self.options.timeout)

    def replace(self, old: ServerContainer, model: Path) -> None:
        """Start a container in the place of another one, which is put back if that fails.

        One port belongs to one container. So the new one is first tried on another port, and then started on the right
        one when the old one has let go of it; in between nobody answers.
        """
        with self._image(model) as image:
            if old.is_running and old.remembered.url == self.address.url:
                self._try(image)
                with self._made(self._spare_name(), image, self.address) as new:
                    self._swap(old, new)
            else:
                with self._made(self._spare_name(), image, self.address) as new:
                    new.start(self.options.timeout)
                    self._take_name(old, new)
        try:
            old.remove()
            self.containers.forget_image(old)
        except WindlassError as error:
            # The change is made; what could not be tidied up goes with the next one.
            _log.warning("after the change of %r: %s", self.record.name, error.message)

    def _try(self, image: str) -> None:
        """See whether it starts at all; on another machine no free port is known, so there it is not tried."""
        if is_here(self.containers.client):
            elsewhere = Address.free(self.address)
            with self._made(self._spare_name(), image, elsewhere) as trial:
                trial.start(self.options.timeout)
                trial.remove()

    def _swap(self, old: ServerContainer, new: ServerContainer) -> None:
        try:
            old.stop()
            new.start(self.options.timeout)
            self._take_name(old, new)
        except BaseException:
            with contextlib.suppress(WindlassError):
                new.remove()
            old.start(self.options.timeout)
            raise

    def _take_name(self, old: ServerContainer, new: ServerContainer) -> None:
        old.rename(self._spare_name())
        try:
            new.rename(self._name)
        except BaseException:
            old.rename(self._name)
            raise

    @contextmanager
    def _image(self, model: Path) -> Iterator[str]:
        """An image with the model, which is gone again if the block fails."""
        slug = re.sub(r"[^a-z0-9]+", "-", self._name.removeprefix("windlass-").lower()).strip("-")
        tag = f"windlass-models/{slug}:{secrets.token_hex(6)}"
        context = ImageContext.of(model, self.options.recipe(may_execute=self.record.may_execute))
        client, options = self.containers.client, self.options
        with archived(context) as archive:
            build_image(client, archive, tag, timeout=options.build_timeout, network=options.build_network)
        try:
            yield tag
        except BaseException:
            with contextlib.suppress(WindlassError):
                remove_image(client, tag)
            raise

    @contextmanager
    def _made(self, name: str, image: str, address: Address) -> Iterator[ServerContainer]:
        """A container that is not started yet, and is gone again if the block fails."""
        token = secrets.token_hex(8)
        remembered = Remembered(record=self.record, image=image, url=address.url, token=token)
        try:
            made = ServerContainer.make(
                self.containers.client,
                name,
                remembered,
                labels=remembered.labels(self.containers.naming),
                options=self.options,
                address=address,
            )
        except Conflict as error:
            if _NAME_TAKEN in error.message:
                raise AlreadyExists(f"there is a container {name!r} meanwhile") from error
            raise
        try:
            yield made
        except BaseException:
            with contextlib.suppress(WindlassError):
                made.remove()
            raise

    @property
    def _name(self) -> str:
        return self.containers.naming.container(self.record.name)

    def _spare_name(self) -> str:
        return f"{self._name}.{secrets.token_hex(4)}"
