"""windlass groups: manage groups of accounts."""

from __future__ import annotations

import click

from windlass.cli.output import output_option, show_many
from windlass.wire import group as wire
from windlass_server.commands.send import send


@click.group()
def groups() -> None:
    """Manage groups of accounts, which have permissions together."""


@groups.command("list")
@output_option
def list_(output: str) -> None:
    """List all groups with their members."""
    found = send(wire.ListGroups())["groups"]
    rows = [{"name": one["name"], "members": one["members"], "description": one["description"]} for one in found]
    show_many(rows, output, nothing="no groups")


@groups.command()
@click.argument("name")
@click.option("--description", default="", help="What it is for.")
def create(name: str, description: str) -> None:
    """Make a group."""
    send(wire.CreateGroup(name=name, description=description))
    click.echo(f"created group {name}")


@groups.command()
@click.argument("name")
def delete(name: str) -> None:
    """Remove a group with its permissions; its members stay."""
    send(wire.DeleteGroup(name=name))
    click.echo(f"deleted group {name}")


@groups.command()
@click.argument("name")
@click.argument("username")
def add(name: str, username: str) -> None:
    """Put an account into a group."""
    send(wire.AddGroupMember(name=name, username=username))
    click.echo(f"{username} is in {name}")


@groups.command()
@click.argument("name")
@click.argument("username")
def remove(name: str, username: str) -> None:
    """Take an account out of a group."""
    send(wire.RemoveGroupMember(name=name, username=username))
    click.echo(f"{username} is no longer in {name}")
