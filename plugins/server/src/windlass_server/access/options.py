"""The options of `windlass server` that are about who may do what."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import click

from windlass.config import Settings, parse_names
from windlass.errors import InvalidValue

F = TypeVar("F", bound=Callable[..., Any])
_PERMISSIONS = ["NO_PERMISSIONS", "READ", "USE", "EDIT", "MANAGE"]
_BASIC_AUTH = "basic-auth"
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--auth/--no-auth", default=None, help="Ask who is asking, and let everybody do what was granted."),
    click.option("--app-name", type=click.Choice([_BASIC_AUTH]), help="The same as --auth, as MLflow calls it."),
    click.option(
        "--default-permission",
        type=click.Choice(_PERMISSIONS, case_sensitive=False),
        help="What an account may do where nothing was granted; READ without.",
    ),
    click.option(
        "--audit",
        type=click.Choice(["changes", "all"]),
        help="What the audit log keeps; `all` has what runs log as well. `changes` without.",
    ),
    click.option(
        "--allowed-artifact-locations",
        metavar="URI,…",
        help="Where clients, other than administrators, may let the server keep and find files.",
    ),
    click.option(
        "--trusted-proxies",
        metavar="ADDRESS,…",
        help="Addresses or networks of proxies whose word on the client and the user counts.",
    ),
    click.option(
        "--auth-proxy-header",
        metavar="NAME",
        help="The header in which a trusted proxy names the user that it let in, such as X-Remote-User.",
    ),
    click.option(
        "--static-prefix", metavar="PATH", help="The path below which a proxy shows the server, such as /windlass."
    ),
    click.option("--oidc-issuer", metavar="URL", help="The OpenID Connect provider that vouches for users."),
    click.option("--oidc-client-id", metavar="ID", help="The server's client id at that provider."),
)


def access_options(command: F) -> F:
    """Add the options; the command gets their values, None where one was not given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def with_access(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings with the options that were given in place of variables; InvalidValue where they need another."""
    changes = {name: value for name, value in given.items() if value is not None}
    if changes.pop("app_name", None):
        changes["auth"] = True
    for name in ("allowed_artifact_locations", "trusted_proxies"):
        if name in changes:
            changes[name] = parse_names(name, changes[name])
    if "static_prefix" in changes and not changes["static_prefix"].startswith("/"):
        raise InvalidValue("static_prefix", changes["static_prefix"], "must begin with a slash")
    chosen = replace(settings, **changes)
    if not chosen.auth and (chosen.auth_proxy_header or chosen.oidc_issuer):
        raise InvalidValue(
            "auth", False, "is off, though the settings say how users sign in", hint="start the server with --auth"
        )
    return chosen


def ask_for_password(username: str) -> str | None:
    """Ask on the terminal for the password of the first administrator; None where nobody can answer."""
    if not sys.stdin.isatty():
        return None
    click.echo(f"This server has no administrator yet. Choose a password for {username!r}.")
    answer: str = click.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    return answer
