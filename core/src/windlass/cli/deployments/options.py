"""The options that several commands about deployments take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from windlass.cli.options import duration, key_values
from windlass.errors import InvalidValue
from windlass.services.deployments.check import HealthCheck
from windlass.services.document_file import read_document

F = TypeVar("F", bound=Callable[..., Any])

target = click.option(
    "-t", "--target", metavar="TARGET", help="The target, such as local; or WINDLASS_DEPLOYMENT_TARGET."
)
name = click.option("--name", required=True, help="The deployment's name.")
endpoint = click.option("--endpoint", help="The endpoint that it belongs to, on targets that have endpoints.")
model_uri = click.option("-m", "--model-uri", required=True, metavar="URI", help="Such as models:/fraud@champion.")
flavor = click.option("-f", "--flavor", help="The flavor to serve; python_function without.")
config = click.option(
    "-C",
    "--config",
    multiple=True,
    callback=key_values,
    metavar="KEY=VALUE",
    help="An option of the target, see `windlass deployments help -t TARGET`; repeatable.",
)
input_path = click.option(
    "-I",
    "--input-path",
    required=True,
    type=click.Path(path_type=Path),
    help='A JSON file with a request, such as {"dataframe_split": {"columns": [...], "data": [...]}}.',
)
output_path = click.option(
    "-O", "--output-path", type=click.Path(path_type=Path), help="The file for the answer, instead of the screen."
)


def checks(command: F) -> F:
    """The options that say how health is checked after a change."""
    for option in (
        click.option("--no-check", is_flag=True, help="Do not ask the deployment anything after the change."),
        click.option(
            "--check-for",
            callback=duration,
            metavar="DURATION",
            help="Keep checking for so long, such as 2m; once without.",
        ),
        click.option(
            "--check",
            "check_path",
            type=click.Path(path_type=Path),
            help="A JSON file with a request that must be answered; the model's own example without.",
        ),
    ):
        command = option(command)
    return command


def health_check(check_path: Path | None, check_for: int, *, no_check: bool) -> HealthCheck | None:
    """What the options ask for; None for no check."""
    if not no_check:
        return HealthCheck(None if check_path is None else read_request(check_path, "check"), check_for / 1000)
    if check_path is not None or check_for:
        raise InvalidValue("no-check", True, "cannot be combined with --check or --check-for")
    return None


def read_request(path: Path, field: str) -> Mapping[str, Any]:
    """A request in the scoring server's JSON form, from a file."""
    found = read_document(path, field=field)
    if not isinstance(found, Mapping):
        raise InvalidValue(field, str(path), "must hold a JSON object", hint='such as {"instances": [[1, 2]]}')
    return found
