"""What this distribution plugs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from windlass import Command, hookimpl

if TYPE_CHECKING:
    from windlass.services.workspace import Workspace


@hookimpl
def windlass_commands() -> list[Command]:
    """The command `windlass ui`."""
    return [Command("ui", "windlass_ui.command:ui", "Start the server and open the web interface in a browser.")]


@hookimpl
def windlass_routes(workspace: Workspace) -> list[Any]:
    """The pages, for the server."""
    from windlass_ui.pages import pages  # noqa: PLC0415  the manifest stays cheap

    return pages(workspace)
