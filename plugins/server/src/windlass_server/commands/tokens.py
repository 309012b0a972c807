"""windlass tokens: make and remove API tokens."""

from __future__ import annotations

from typing import Any

import click

from windlass.cli.output import output_option, show_json, show_many, when
from windlass.wire import token as wire
from windlass_server.commands.send import send


@click.group()
def tokens() -> None:
    """Make and remove API tokens, which let programs in: MLFLOW_TRACKING_TOKEN or WINDLASS_TOKEN holds one."""


@tokens.command("list")
@click.option("-u", "--user", "username", metavar="NAME", help="Those of one account.")
@output_option
def list_(username: str | None, output: str) -> None:
    """List tokens, without their secrets."""
    found = send(wire.ListTokens(username=username))["tokens"]
    show_many([_row(one) for one in found], output, nothing="no tokens")


@tokens.command()
@click.argument("name")
@click.option("-u", "--user", "username", metavar="NAME", help="The account; your own without.")
@click.option("--days", type=int, default=90, show_default=True, help="How long it lives; 0 is for ever.")
@click.option("--read-only", is_flag=True, help="It changes nothing.")
@click.option(
    "--for",
    "resources",
    multiple=True,
    metavar="TYPE:PATTERN",
    help="Only for these, as experiment:fraud-*; repeatable.",
)
@output_option
def create(
    name: str, username: str | None, days: int, *, read_only: bool, resources: tuple[str, ...], output: str
) -> None:
    """Make a token and print it, which happens only now."""
    made = send(wire.CreateToken(name=name, username=username, days=days, read_only=read_only, resources=resources))
    if output == "json":
        show_json(made)
        return
    click.echo(made["token"])
    click.echo(f"This is the token {made['about']['id']}; nobody can show it again.", err=True)


@tokens.command()
@click.argument("token_id")
def delete(token_id: str) -> None:
    """Make a token worthless, named by its id."""
    send(wire.DeleteToken(id=token_id))
    click.echo(f"deleted token {token_id}")


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "name": one["name"],
        "account": one["username"],
        "for": one["resources"] or "everything",
        "may": "read" if one["read_only"] else "write",
        "expires": when(one["expires"]),
        "last used": when(one["last_used"]),
    }
