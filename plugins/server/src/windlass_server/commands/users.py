"""windlass users: manage the accounts of a server."""

from __future__ import annotations

import sys
from typing import Any

import click

from windlass.cli.output import output_option, show_many, when
from windlass.config import Settings
from windlass.wire import user as wire
from windlass_server.commands.send import send


@click.group()
def users() -> None:
    """Manage the accounts of a server.

    With a server as tracking URI this asks the server, as the administrator that WINDLASS_USERNAME and
    WINDLASS_PASSWORD, or WINDLASS_TOKEN, name; with a database it works on that. A server that runs sees a change
    within two seconds.
    """


@users.command("list")
@output_option
def list_(output: str) -> None:
    """List all accounts."""
    show_many([_row(one) for one in send(wire.ListUsers())["users"]], output, nothing="no accounts")


@users.command()
@click.argument("username")
@click.option("--admin", is_flag=True, help="An administrator, who may do everything.")
@click.option("--service", is_flag=True, help="No password: only tokens let it in.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create(username: str, *, admin: bool, service: bool, password_stdin: bool) -> None:
    """Make an account; asks for its password."""
    password = None if service else _password(from_stdin=password_stdin)
    send(wire.CreateAccount(username=username, password=password, is_admin=admin))
    click.echo(f"created account {username}")


@users.command()
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def set_password(username: str, *, password_stdin: bool) -> None:
    """Give an account another password, also your own or a forgotten one of an administrator."""
    settings = Settings.load()
    # Whoever changes the own password shows that it is the own one.
    current = settings.password if username == settings.username else None
    password = _password(from_stdin=password_stdin)
    send(wire.UpdateUserPassword(username=username, password=password, current_password=current))
    click.echo(f"changed the password of {username}")


@users.command()
@click.argument("username")
@click.option("--revoke", is_flag=True, help="No longer, instead.")
def make_admin(username: str, *, revoke: bool) -> None:
    """Make an account an administrator."""
    send(wire.UpdateUserAdmin(username=username, is_admin=not revoke))
    click.echo(f"{username} is {'no longer ' if revoke else ''}an administrator")


@users.command()
@click.argument("username")
def disable(username: str) -> None:
    """Lock an account out, with its tokens and sessions."""
    send(wire.UpdateAccount(username=username, is_disabled=True))
    click.echo(f"disabled {username}")


@users.command()
@click.argument("username")
def enable(username: str) -> None:
    """Let a disabled account in again."""
    send(wire.UpdateAccount(username=username, is_disabled=False))
    click.echo(f"enabled {username}")


@users.command()
@click.argument("username")
def delete(username: str) -> None:
    """Remove an account with its tokens and permissions."""
    send(wire.DeleteUser(username=username))
    click.echo(f"deleted account {username}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _row(one: dict[str, Any]) -> dict[str, Any]:
    kind = "service" if one["is_service"] else one["origin"].partition(" ")[0]
    return {
        "name": one["username"],
        "kind": kind,
        "admin": "yes" if one["is_admin"] else "",
        "stage": "disabled" if one["is_disabled"] else "active",
        "groups": one["groups"],
        "created": when(one["created"]),
    }
