"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Command, hookimpl


@hookimpl
def windlass_commands() -> list[Command]:
    """The command that starts the server."""
    return [Command("server", "windlass_server.cli:server", "Serve the HTTP API to clients.")]
