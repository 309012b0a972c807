"""windlass deployments: deploy models to targets and ask them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from windlass.cli.options import key_values
from windlass.cli.output import output_option, plain, show_json, show_many, show_one, when
from windlass.cli.session import workspace
from windlass.entities import Deployment
from windlass.errors import InvalidValue

target = click.option(
    "-t", "--target", metavar="TARGET", help="The target, such as local; or WINDLASS_DEPLOYMENT_TARGET."
)
name = click.option("--name", required=True, help="The deployment's name.")
flavor = click.option("-f", "--flavor", help="The flavor to serve; python_function without.")
config = click.option(
    "-C",
    "--config",
    multiple=True,
    callback=key_values,
    metavar="KEY=VALUE",
    help="An option of the target, see `windlass deployments help -t TARGET`; repeatable.",
)


@click.group()
def deployments() -> None:
    """Deploy models to targets and ask them."""


@deployments.command()
@target
@name
@click.option("-m", "--model-uri", required=True, metavar="URI", help="Such as models:/fraud@champion.")
@flavor
@config
@output_option
def create(
    target: str | None, name: str, model_uri: str, flavor: str | None, config: dict[str, str], output: str
) -> None:
    """Deploy a model, and return when it answers."""
    made = workspace().deployments.create(target, name, model_uri, flavor=flavor, config=config)
    _show(made, output)


@deployments.command()
@target
@name
@click.option("-m", "--model-uri", metavar="URI", help="The new model; the present one anew without.")
@flavor
@config
@output_option
def update(
    target: str | None, name: str, model_uri: str | None, flavor: str | None, config: dict[str, str], output: str
) -> None:
    """Replace what is deployed under a name."""
    service = workspace().deployments
    _show(service.update(target, name, model_uri, flavor=flavor, config=config or None), output)


@deployments.command()
@target
@name
def delete(target: str | None, name: str) -> None:
    """Take a deployment down; nothing happens if it is missing."""
    workspace().deployments.delete(target, name)
    click.echo(f"deleted {name}")


@deployments.command()
@target
@name
@output_option
def get(target: str | None, name: str, output: str) -> None:
    """Show one deployment as it is now."""
    _show(workspace().deployments.get(target, name), output)


@deployments.command("list")
@target
@output_option
def list_(target: str | None, output: str) -> None:
    """List the deployments of a target."""
    found = workspace().deployments.list(target)
    if output == "json":
        show_json(found)
    else:
        show_many([_row(one) for one in found], output, nothing="no deployments")


@deployments.command()
@target
@name
@click.option(
    "-I",
    "--input-path",
    required=True,
    type=click.Path(path_type=Path),
    help='A JSON file with a request, such as {"dataframe_split": {"columns": [...], "data": [...]}}.',
)
@click.option(
    "-O", "--output-path", type=click.Path(path_type=Path), help="The file for the answer, instead of the screen."
)
def predict(target: str | None, name: str, input_path: Path, output_path: Path | None) -> None:
    """Send a request to a deployment and print its answer."""
    answer = workspace().deployments.predict(target, name, _read(input_path))
    if output_path is None:
        show_json(answer)
    else:
        output_path.write_text(json.dumps(plain(answer)), encoding="utf-8")
        click.echo(f"wrote {output_path}")


@deployments.command("help")
@target
@output_option
def help_(target: str | None, output: str) -> None:
    """Say which options a target has for -C."""
    options = workspace().deployments.target(target).options()
    rows = [{"option": one.name, "value": one.values(), "meaning": one.meaning} for one in options]
    show_many(rows, output, nothing="this target has no options")


def _read(path: Path) -> dict[str, Any]:
    try:
        payload = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidValue("input-path", str(path), "is no file") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidValue("input-path", str(path), f"is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise InvalidValue("input-path", str(path), "must hold a JSON object", hint='such as {"instances": [[1, 2]]}')
    return payload


def _show(one: Deployment, output: str) -> None:
    if output == "json":
        show_json(one)
    else:
        show_one(_row(one), output)


def _row(one: Deployment) -> dict[str, Any]:
    return {
        "name": one.name,
        "status": str(one.status),
        "url": one.url,
        "model": one.model_uri,
        "version": one.resolved_uri,
        "updated": when(one.last_updated_timestamp),
    }
