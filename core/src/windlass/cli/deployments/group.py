"""The commands about single deployments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from windlass.cli.deployments import options as opt
from windlass.cli.deployments.endpoints import ENDPOINT_COMMANDS
from windlass.cli.deployments.plans import apply, plan
from windlass.cli.deployments.showing import show_changes, show_deployment, show_deployments, show_latest
from windlass.cli.output import output_option, plain, show_json, show_many
from windlass.cli.session import workspace
from windlass.errors import InvalidValue


@click.group()
def deployments() -> None:
    """Deploy models to targets, change them safely, and ask them."""


@deployments.command()
@opt.target
@opt.name
@opt.model_uri
@opt.flavor
@opt.config
@opt.endpoint
@opt.checks
@output_option
def create(
    target: str | None,
    name: str,
    model_uri: str,
    flavor: str | None,
    config: dict[str, str],
    endpoint: str | None,
    output: str,
    **check: Any,
) -> None:
    """Deploy a model, and return when it answers.

    It is asked for a prediction then; if that fails, it is deleted again.
    """
    made = workspace().deployments.create(
        target, name, model_uri, flavor=flavor, config=config, endpoint=endpoint, check=opt.health_check(**check)
    )
    show_deployment(made, output)


@deployments.command()
@opt.target
@opt.name
@click.option("-m", "--model-uri", metavar="URI", help="The new model; the present one anew without.")
@opt.flavor
@opt.config
@opt.endpoint
@click.option(
    "--canary",
    type=click.IntRange(1, 99),
    metavar="PERCENT",
    help="Let the new model answer only a part of the requests, beside the present one.",
)
@opt.checks
@output_option
def update(
    target: str | None,
    name: str,
    model_uri: str | None,
    flavor: str | None,
    config: dict[str, str],
    endpoint: str | None,
    canary: int | None,
    output: str,
    **check: Any,
) -> None:
    """Replace what is deployed under a name.

    It is asked for a prediction then; if that fails, the present model is deployed again. Without -C its options stay.
    """
    service, given = workspace().deployments, opt.health_check(**check)
    what: dict[str, Any] = {"flavor": flavor, "config": config or None, "endpoint": endpoint}
    if canary is None:
        made = service.update(target, name, model_uri, check=given, **what)
    elif model_uri is None:
        raise InvalidValue("model-uri", None, "is missing", hint="a canary is another model: name it with -m")
    else:
        made = service.start_canary(target, name, model_uri, percent=canary, check=given, **what)
    show_deployment(made, output)


@deployments.command()
@opt.target
@opt.name
@opt.endpoint
@click.argument("percent", type=click.IntRange(0, 100))
@output_option
def canary(target: str | None, name: str, endpoint: str | None, percent: int, output: str) -> None:
    """Give a canary PERCENT of the requests: 100 makes it the deployment, 0 takes it away."""
    show_deployment(workspace().deployments.set_canary(target, name, percent, endpoint=endpoint), output)


@deployments.command()
@opt.target
@opt.name
@opt.endpoint
@click.option("--to", type=click.IntRange(1), metavar="CHANGE", help="What this change brought, see `history`.")
@opt.checks
@output_option
def rollback(target: str | None, name: str, endpoint: str | None, to: int | None, output: str, **check: Any) -> None:
    """Deploy the version before the present one again."""
    service = workspace().deployments
    made = service.rollback(target, name, to=to, endpoint=endpoint, check=opt.health_check(**check))
    show_deployment(made, output)


@deployments.command()
@opt.target
@opt.name
@click.option("-C", "--config", multiple=True, hidden=True, help="What other programs pass; it has no meaning here.")
@opt.endpoint
def delete(target: str | None, name: str, config: tuple[str, ...], endpoint: str | None) -> None:
    """Take a deployment down; nothing happens if it is missing."""
    del config
    workspace().deployments.delete(target, name, endpoint=endpoint)
    click.echo(f"deleted {name}")


@deployments.command()
@opt.target
@opt.name
@opt.endpoint
@output_option
def get(target: str | None, name: str, endpoint: str | None, output: str) -> None:
    """Show one deployment as it is now."""
    show_deployment(workspace().deployments.get(target, name, endpoint=endpoint), output)


@deployments.command("list")
@click.option("-t", "--target", metavar="TARGET", help="Ask this target what it has; without, what is known of all.")
@opt.endpoint
@output_option
def list_(target: str | None, endpoint: str | None, output: str) -> None:
    """List the deployments of a target, or what was deployed from here to any."""
    service = workspace().deployments
    if target is None and endpoint is None:
        show_latest(service.recorded(), output)
    else:
        show_deployments(service.list(target, endpoint=endpoint), output)


@deployments.command()
@opt.target
@opt.name
@opt.endpoint
@click.option("--max-results", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@output_option
def history(target: str | None, name: str, endpoint: str | None, max_results: int, output: str) -> None:
    """Show who changed a deployment, when, and how it ended; newest first."""
    found = workspace().deployments.history(target, name, endpoint=endpoint, max_results=max_results)
    show_changes(found, output, nothing="no changes are known")


@deployments.command()
@opt.target
@opt.name
@opt.endpoint
@click.option("--follow", is_flag=True, help="Go on with what it prints, until Ctrl-C.")
def logs(target: str | None, name: str, endpoint: str | None, follow: bool) -> None:  # noqa: FBT001  a switch
    """Show what a deployment prints."""
    for line in workspace().deployments.logs(target, name, endpoint=endpoint, follow=follow):
        click.echo(line)


@deployments.command()
@opt.target
@click.option("--name", help="The deployment's name; only --endpoint for one that shares its requests out itself.")
@opt.endpoint
@opt.input_path
@opt.output_path
def predict(
    target: str | None, name: str | None, endpoint: str | None, input_path: Path, output_path: Path | None
) -> None:
    """Send a request to a deployment and print its answer."""
    payload = opt.read_request(input_path, "input-path")
    _write(workspace().deployments.predict(target, _name(name, endpoint), payload, endpoint=endpoint), output_path)


@deployments.command()
@opt.target
@click.option("--name", help="The deployment's name; only --endpoint for one that shares its requests out itself.")
@opt.endpoint
@opt.input_path
@opt.output_path
def explain(
    target: str | None, name: str | None, endpoint: str | None, input_path: Path, output_path: Path | None
) -> None:
    """Ask why a deployment answers a request as it does."""
    payload = opt.read_request(input_path, "input-path")
    _write(workspace().deployments.explain(target, _name(name, endpoint), payload, endpoint=endpoint), output_path)


@deployments.command("run-local")
@opt.target
@opt.name
@opt.model_uri
@opt.flavor
@opt.config
@output_option
def run_local(
    target: str | None, name: str, model_uri: str, flavor: str | None, config: dict[str, str], output: str
) -> None:
    """Run a model on this machine in the way of a target, to try it."""
    made = workspace().deployments.run_local(target, name, model_uri, flavor=flavor, config=config)
    show_deployment(made, output)


@deployments.command("help")
@opt.target
@output_option
def help_(target: str | None, output: str) -> None:
    """Say which options a target has for -C."""
    found = workspace().deployments.target(target).options()
    rows = [{"option": one.name, "value": one.values(), "meaning": one.meaning} for one in found]
    show_many(rows, output, nothing="this target has no options")


def _name(name: str | None, endpoint: str | None) -> str:
    if name is None and endpoint is None:
        raise InvalidValue("name", None, "is missing", hint="name the deployment with --name, or its --endpoint")
    return name or ""


def _write(answer: Any, output_path: Path | None) -> None:
    if output_path is None:
        show_json(answer)
    else:
        output_path.write_text(json.dumps(plain(answer)), encoding="utf-8")
        click.echo(f"wrote {output_path}")


for _command in (plan, apply, *ENDPOINT_COMMANDS):
    deployments.add_command(_command)
