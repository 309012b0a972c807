"""Provider and Command: what a plugin's manifest returns. Data, never classes, so that a manifest costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of providers; each has one interface in `windlass.interfaces`."""

    TRACKING_STORE = "tracking_store"
    MODEL_REGISTRY = "model_registry"
    RECORD_STORE = "record_store"
    ARTIFACT_REPOSITORY = "artifact_repository"
    DEPLOYMENT_TARGET = "deployment_target"
    PROJECT_BACKEND = "project_backend"
    ENVIRONMENT_MANAGER = "environment_manager"
    MODEL_FLAVOR = "model_flavor"
    RUN_CONTEXT = "run_context"
    PYTHON_MODULE = "python_module"

    @property
    def selector(self) -> str:
        """How one of them is chosen."""
        by_scheme = {Kind.TRACKING_STORE, Kind.MODEL_REGISTRY, Kind.RECORD_STORE, Kind.ARTIFACT_REPOSITORY}
        return "scheme" if self in by_scheme else "name"


@dataclass(frozen=True, slots=True)
class Provider:
    """One implementation of an interface.

    `names` are the URI schemes or names that select it. `target` is `package.module:Class` (for a python_module just
    the module) and is imported when it is first selected. `suite` names the conformance suite that it passes, in the
    same form, for `windlass plugins check`. `install` is what to install when importing the target fails.
    """

    kind: Kind
    names: tuple[str, ...]
    target: str
    summary: str
    suite: str | None = None
    install: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the `windlass` program; `target` is `package.module:command` and is imported when it is invoked.

    A name like `models build-docker` adds it to another plugin's group, if that is one of `windlass.cli`'s
    `ExtensibleGroup`s.
    """

    name: str
    target: str
    summary: str
