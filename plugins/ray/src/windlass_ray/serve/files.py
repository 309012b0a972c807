"""ModelFiles: how a model's files reach the nodes of a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windlass.config import Settings
from windlass.errors import NotFound, WindlassError
from windlass.model_uri import is_model_uri
from windlass.services.workspace import Workspace
from windlass_ray.dashboard import Dashboard
from windlass_ray.package import packed
from windlass_ray.serve.options import ServeOptions

_DIRECTORY = "model"
_REQUIREMENTS = "requirements.txt"
_OURS = ("windlass", "mlflow")
_HINT = "name a directory that all nodes share, or a URI: -C storage=s3://bucket/models"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the model is for the nodes, what Ray has to prepare there, and what we must remove afterwards."""

    place: str
    runtime_env: Mapping[str, Any]
    stored: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Brings files to one cluster and takes them away."""

    dashboard: Dashboard
    settings: Settings

    @contextmanager
    def placed(self, path: Path, options: ServeOptions, *, name: str, resolved_uri: str) -> Iterator[Placed]:
        """Bring a model's files there; what was stored outside of the cluster goes if the block fails."""
        environment = self._environment(path, options, resolved_uri)
        if options.storage is None:
            yield self._packed(path, environment)
            return
        place = f"{options.storage}/{name}"
        try:
            with Workspace.open(self.settings) as workspace:
                workspace.artifacts.upload(place, path)
            yield Placed(place, environment, place)
        except BaseException:
            self.remove(place)
            raise

    def remove(self, place: str | None) -> None:
        """Remove what was stored outside of the cluster; what is gone or out of reach stays as it is."""
        if place is None:
            return
        with contextlib.suppress(WindlassError, OSError), Workspace.open(self.settings) as workspace:
            workspace.artifacts.delete(place)

    def _packed(self, path: Path, environment: Mapping[str, Any]) -> Placed:
        with packed({_DIRECTORY: path}, hint=_HINT, what="model") as package:
            package.upload(self.dashboard)
            return Placed(_DIRECTORY, {**environment, "working_dir": package.uri})

    def _environment(self, path: Path, options: ServeOptions, resolved_uri: str) -> dict[str, Any]:
        """The nodes see a copy in a directory, so they are told that the model comes from the configured store."""
        allow = self.settings.allow_pickle
        owned = allow == "owned" and is_model_uri(resolved_uri)
        found: dict[str, Any] = {"env_vars": {"WINDLASS_ALLOW_PICKLE": "true" if owned else allow}}
        if options.environment == "model":
            found["uv"] = {"packages": _requirements(path), "uv_check": False}
        return found


def _requirements(path: Path) -> list[str]:
    """What the model asks for besides us: the nodes have our release already."""
    file = path / _REQUIREMENTS
    if not file.is_file():
        raise NotFound(f"the model has no {_REQUIREMENTS}", hint="deploy it without -C environment=model")
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#") and not line.lower().startswith(_OURS)]
