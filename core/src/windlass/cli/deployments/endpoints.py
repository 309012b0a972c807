"""The commands about endpoints, which some targets have."""

from __future__ import annotations

import click

from windlass.cli.deployments import options as opt
from windlass.cli.deployments.showing import endpoint_row, show_endpoint
from windlass.cli.output import output_option, show_json, show_many
from windlass.cli.session import workspace

_endpoint = click.option("--endpoint", required=True, help="The endpoint's name.")


@click.command("create-endpoint")
@opt.target
@_endpoint
@opt.config
@output_option
def create_endpoint(target: str | None, endpoint: str, config: dict[str, str], output: str) -> None:
    """Make an endpoint without deployments."""
    show_endpoint(workspace().deployments.endpoints(target).create_endpoint(endpoint, config), output)


@click.command("update-endpoint")
@opt.target
@_endpoint
@opt.config
@output_option
def update_endpoint(target: str | None, endpoint: str, config: dict[str, str], output: str) -> None:
    """Change the options of an endpoint, such as how it shares out requests."""
    show_endpoint(workspace().deployments.endpoints(target).update_endpoint(endpoint, config), output)


@click.command("delete-endpoint")
@opt.target
@_endpoint
def delete_endpoint(target: str | None, endpoint: str) -> None:
    """Remove an endpoint with its deployments; nothing happens if it is missing."""
    workspace().deployments.delete_endpoint(target, endpoint)
    click.echo(f"deleted {endpoint}")


@click.command("get-endpoint")
@opt.target
@_endpoint
@output_option
def get_endpoint(target: str | None, endpoint: str, output: str) -> None:
    """Show one endpoint as it is now."""
    show_endpoint(workspace().deployments.endpoints(target).get_endpoint(endpoint), output)


@click.command("list-endpoints")
@opt.target
@output_option
def list_endpoints(target: str | None, output: str) -> None:
    """List the endpoints of a target."""
    found = workspace().deployments.endpoints(target).list_endpoints()
    if output == "json":
        show_json(found)
    else:
        show_many([endpoint_row(one) for one in found], output, nothing="no endpoints")


ENDPOINT_COMMANDS = (create_endpoint, update_endpoint, delete_endpoint, get_endpoint, list_endpoints)
