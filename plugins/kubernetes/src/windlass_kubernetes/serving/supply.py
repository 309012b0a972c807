"""Supply: how a model and what is secret get into the pods that serve it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.interfaces import DeploymentRequest
from windlass_kubernetes.package import MOUNT, Package, command, encoded
from windlass_kubernetes.reaching import tracking_credentials, tracking_uri
from windlass_kubernetes.serving.options import PodOptions

PORT = 8080
FILES = "/windlass/files"
_MODEL = "model"
_HINT = "let the pods fetch it: -C fetch=true; or put it into the image: -C model_path=/…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Secrets by name, what a pod mounts of them, the command of its container and the variables of that."""

    secrets: Mapping[str, Mapping[str, Any]]
    volumes: tuple[Mapping[str, Any], ...]
    mounts: tuple[Mapping[str, Any], ...]
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    secret_variables: str | None = None

    @classmethod
    def of(
        cls, request: DeploymentRequest, options: PodOptions, settings: Settings, *, base: str, may_execute: bool
    ) -> Self:
        """What the pods of one revision need; `base` begins the names of its Secrets."""
        package = None
        if not options.fetch and options.model_path is None:
            package = Package.of({_MODEL: request.model_path}, what="model", hint=_HINT)
        hidden = _handed_on(options) | (tracking_credentials(settings) if options.fetch else {})
        env = {"WINDLASS_ALLOW_PICKLE": "true" if may_execute else "false", "WINDLASS_HOME": f"{FILES}/home"}
        if options.fetch:
            env["WINDLASS_TRACKING_URI"] = tracking_uri(settings)
        secrets = dict(package.secrets(base)) if package else {}
        if hidden:
            secrets[f"{base}-env"] = encoded(hidden)
        place = options.model_path or (request.resolved_uri if options.fetch else f"{FILES}/{_MODEL}")
        serve = _serve(place, options)
        mounted = [{"name": "windlass-package", "mountPath": MOUNT, "readOnly": True}] if package else []
        return cls(
            secrets=secrets,
            volumes=({"name": "windlass-files", "emptyDir": {}}, *([package.volume(base)] if package else [])),
            mounts=({"name": "windlass-files", "mountPath": FILES}, *mounted),
            command=tuple(command(FILES, ".", serve) if package else serve),
            variables=env | {"PYTHONUNBUFFERED": "1"} | dict(options.env),
            secret_variables=f"{base}-env" if hidden else None,
        )


def _serve(place: str, options: PodOptions) -> list[str]:
    words = ["python", "-m", "windlass", "models", "serve", "-m", place, "-h", "0.0.0.0", "-p", str(PORT)]  # noqa: S104  the pod's own address
    return [*words, "-t", f"{options.request_timeout:g}", "-w", str(options.workers)]


def _handed_on(options: PodOptions) -> dict[str, str]:
    missing = [name for name in options.variables if name not in os.environ]
    if missing:
        raise InvalidValue("config variables", missing[0], "is not set on this machine")
    return {name: os.environ[name] for name in options.variables}
