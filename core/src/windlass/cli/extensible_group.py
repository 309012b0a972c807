"""ExtensibleGroup: a group of commands to which plugins add theirs."""

from __future__ import annotations

from collections.abc import Mapping

import click

from windlass.plugins import get_plugin_manager, load_object
from windlass.plugins.provider import Command


class ExtensibleGroup(click.Group):
    """A group whose own commands are at hand; one that a plugin calls `GROUP NAME` is imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), *self._added()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; None if there is none."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in self._added():
            return own
        command: click.Command = load_object(self._added()[cmd_name].target)
        return command

    def _added(self) -> Mapping[str, Command]:
        prefix = f"{self.name} "
        commands = get_plugin_manager().commands().items()
        return {name.removeprefix(prefix): one for name, one in commands if name.startswith(prefix)}
