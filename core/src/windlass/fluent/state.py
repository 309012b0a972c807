"""Which store is current, and which run is active in this thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from windlass.config import Settings, fingerprint
from windlass.services.workspace import Workspace
from windlass.uri import Uri


class _Chosen:
    """What the program has set by hand; it goes before the environment."""

    tracking_uri: str | None = None
    registry_uri: str | None = None
    experiment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Active:
    """A run that is being logged to, and the workspace in which it began and stays."""

    run_id: str
    workspace: Workspace


class _Thread(threading.local):
    """The active runs of one thread, innermost last, and the last one that was."""

    def __init__(self) -> None:
        self.runs: list[Active] = []
        self.last: Active | None = None

    @property
    def run_id(self) -> str | None:
        """The id of the innermost active run."""
        return self.runs[-1].run_id if self.runs else None


_chosen = _Chosen()
_thread = _Thread()


def chosen() -> _Chosen:
    """What the program has set by hand."""
    return _chosen


def thread() -> _Thread:
    """The runs of this thread."""
    return _thread


def current_settings() -> Settings:
    """The settings in force."""
    return _settings(_chosen.tracking_uri, _chosen.registry_uri, fingerprint())


def current_workspace() -> Workspace:
    """The workspace of the current tracking and registry URIs."""
    return _workspace(current_settings())


def workspace_for(tracking_uri: str | None, registry_uri: str | None) -> Workspace:
    """The workspace of given URIs, with the current ones where none is given."""
    settings = current_settings()
    if tracking_uri is not None:
        # Another store brings its own registry, unless one is named.
        settings = replace(settings, tracking_uri=tracking_uri, registry_uri=registry_uri)
    elif registry_uri is not None:
        settings = replace(settings, registry_uri=registry_uri)
    return _workspace(settings)


def set_tracking_uri(uri: str | Path) -> None:
    """Keep runs there from now on; a directory means the SQLite file in it."""
    _chosen.tracking_uri = str(Uri.parse(str(uri)).text) if str(uri) else None
    _chosen.experiment_id = None


def get_tracking_uri() -> str:
    """Where runs are kept."""
    settings = current_settings()
    return settings.tracking_uri or settings.default_tracking_uri


def is_tracking_uri_set() -> bool:
    """Whether someone has said where runs are kept."""
    return current_settings().tracking_uri is not None


def set_registry_uri(uri: str | Path) -> None:
    """Keep registered models there from now on."""
    _chosen.registry_uri = str(uri) or None


def get_registry_uri() -> str:
    """Where registered models are kept."""
    return current_settings().registry_uri or get_tracking_uri()


@lru_cache(maxsize=8)
def _settings(tracking_uri: str | None, registry_uri: str | None, _environment: tuple[object, ...]) -> Settings:
    settings = Settings.load()
    return replace(
        settings,
        tracking_uri=tracking_uri or settings.tracking_uri,
        registry_uri=registry_uri or settings.registry_uri,
    )


@lru_cache(maxsize=32)
def _workspace(settings: Settings) -> Workspace:
    # Stays open for the life of the process: clients and runs may still refer to it.
    return Workspace.open(settings)
