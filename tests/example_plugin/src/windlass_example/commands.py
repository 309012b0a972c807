"""A command."""

from __future__ import annotations

import click


@click.command()
def hello() -> None:
    """Say hello."""
    click.echo("hello from a plugin")
