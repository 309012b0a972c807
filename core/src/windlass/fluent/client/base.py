"""What all parts of the client share: the workspace."""

from __future__ import annotations

from windlass.fluent.state import current_settings, get_tracking_uri, workspace_for
from windlass.services.workspace import Workspace


class ClientBase:
    """The stores that a client works on."""

    def __init__(self, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        settings = current_settings()
        self._tracking_uri = tracking_uri or get_tracking_uri()
        self._registry_uri = registry_uri or (self._tracking_uri if tracking_uri else settings.registry_uri)
        self._explicit = tracking_uri is not None or registry_uri is not None

    @property
    def tracking_uri(self) -> str:
        """Where runs are kept."""
        return self._tracking_uri

    @property
    def _workspace(self) -> Workspace:
        if not self._explicit:
            return workspace_for(None, None)
        return workspace_for(self._tracking_uri, self._registry_uri)
