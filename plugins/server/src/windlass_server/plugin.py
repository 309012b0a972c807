"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Command, hookimpl


@hookimpl
def windlass_commands() -> list[Command]:
    """The command that starts the server, and those that manage who may do what with it."""
    return [
        Command("server", "windlass_server.cli:server", "Serve the HTTP API to clients."),
        Command("users", "windlass_server.commands.users:users", "Manage the accounts of a server."),
        Command("groups", "windlass_server.commands.groups:groups", "Manage groups of accounts."),
        Command("tokens", "windlass_server.commands.tokens:tokens", "Make and remove API tokens."),
        Command("grants", "windlass_server.commands.grants:grants", "Say who may do what."),
        Command("retention", "windlass_server.commands.retention:retention", "Say which runs are kept."),
        Command("audit", "windlass_server.commands.audit:audit", "Show who changed what, and check that log."),
    ]
