"""What this distribution plugs in."""

from __future__ import annotations

from windlass import Command, hookimpl


@hookimpl
def windlass_commands() -> list[Command]:
    """The command `windlass quickstart`."""
    return [
        Command(
            "quickstart",
            "windlass_quickstart.command:quickstart",
            "Train, compare, register, deploy and ask a model, in half a minute.",
        )
    ]
