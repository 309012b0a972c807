"""windlass grants: say who may do what."""

from __future__ import annotations

import click

from windlass.cli.output import output_option, show_many
from windlass.wire import grant as wire
from windlass_server.commands.send import send

_PERMISSIONS = ["DENY", "NO_PERMISSIONS", "READ", "USE", "EDIT", "MANAGE"]


@click.group()
def grants() -> None:
    """Say who may do what with experiments and registered models."""


@grants.command()
@click.argument("permission", type=click.Choice(_PERMISSIONS, case_sensitive=False))
@click.option("-x", "--experiment", metavar="ID|PATTERN", help="An experiment by id, or experiments by name.")
@click.option("-m", "--model", metavar="NAME|PATTERN", help="Registered models by name; `*` is a wild card.")
@click.option("-u", "--user", "username", metavar="NAME", help="The account.")
@click.option("-g", "--group", metavar="NAME", help="The group.")
def create(permission: str, experiment: str | None, model: str | None, username: str | None, group: str | None) -> None:
    """Give an account or a group a permission, such as EDIT.

    Each permission includes those before it; DENY outweighs all others.
    """
    if (experiment is None) == (model is None):
        raise click.UsageError("name either --experiment or --model")
    made = send(
        wire.CreateGrant(
            resource_type="experiment" if experiment is not None else "registered_model",
            resource=experiment if experiment is not None else str(model),
            permission=permission,
            username=username,
            group=group,
        )
    )["grant"]
    click.echo(f"granted {made['permission']} on {made['resource_type']} {made['resource']} ({made['id']})")


@grants.command("list")
@click.option("-u", "--user", "username", metavar="NAME", help="Those of an account, without those of its groups.")
@click.option("-g", "--group", metavar="NAME", help="Those of a group.")
@click.option("--type", "resource_type", type=click.Choice(["experiment", "registered_model"]), help="On these.")
@click.option("--resource", metavar="ID|PATTERN", help="On this, as it was granted.")
@output_option
def list_(
    username: str | None, group: str | None, resource_type: str | None, resource: str | None, output: str
) -> None:
    """List what was granted."""
    asked = wire.ListGrants(username=username, group=group, resource_type=resource_type, resource=resource)
    rows = [
        {
            "id": one["id"],
            "who": one["username"] or f"group {one['group']}",
            "permission": one["permission"],
            "type": one["resource_type"],
            "resource": one["resource"],
        }
        for one in send(asked)["grants"]
    ]
    show_many(rows, output, nothing="no grants")


@grants.command()
@click.argument("grant_id", type=int)
def delete(grant_id: int) -> None:
    """Take a permission back, named by its id."""
    send(wire.DeleteGrant(id=grant_id))
    click.echo(f"deleted grant {grant_id}")
