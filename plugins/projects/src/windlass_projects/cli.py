"""windlass run: an entry point of a project, until it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from windlass.cli.options import key_values
from windlass.uri import redact
from windlass_projects.interruption import interrupt_when_asked_to_end


def docker_arguments(
    _context: click.Context, _parameter: click.Parameter, values: Sequence[str]
) -> dict[str, bool | list[str]]:
    """Read repeated `NAME[=VALUE]`; one without a value is a switch."""
    arguments: dict[str, bool | list[str]] = {}
    for text in values:
        name, equals, value = text.partition("=")
        before = arguments.get(name)
        arguments[name] = [*(before if isinstance(before, list) else ()), value] if equals else True
    return arguments


@click.command()
@click.argument("uri")
@click.option("-e", "--entry-point", default="main", show_default=True, help="A declared one, or a .py or .sh file.")
@click.option("-v", "--version", metavar="VERSION", help="A branch, a tag or a commit of a git repository.")
@click.option(
    "-P",
    "--param-list",
    "parameters",
    multiple=True,
    callback=key_values,
    metavar="KEY=VALUE",
    help="A parameter of the entry point; repeatable.",
)
@click.option("--experiment-name", help="The experiment of the run, made if it is missing.")
@click.option("--experiment-id", help="The experiment of the run, by its id.")
@click.option("-b", "--backend", default="local", show_default=True, help="Where it runs.")
@click.option("-c", "--backend-config", metavar="FILE|JSON", help="Options of the backend, JSON or a file with it.")
@click.option(
    "-A",
    "--docker-args",
    multiple=True,
    callback=docker_arguments,
    metavar="NAME[=VALUE]",
    help="An argument of `docker run` for a project in a container, such as gpus=all or t; repeatable.",
)
@click.option("--build-image", is_flag=True, help="Build an image with the project in it.")
@click.option("--skip-image-build", is_flag=True, help="Take the image as it is, with the code that is in it.")
@click.option(
    "--env-manager",
    metavar="NAME",
    help="Who makes the environment: uv (without this option), virtualenv, conda, mamba, micromamba or one of "
    "a plugin; local takes what is installed here.",
)
@click.option(
    "--storage-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where files that parameters name by URI are fetched to, and stay.",
)
@click.option("--run-id", help="A run that exists, to be used instead of a new one.")
@click.option("--run-name", help="The name of the run.")
@click.option("--force", "force_all", is_flag=True, help="Run all steps, also those in which nothing has changed.")
@click.option("--force-step", "force", multiple=True, metavar="STEP", help="Run this step in any case; repeatable.")
def run(uri: str, *, force_all: bool, **options: Any) -> None:
    """Run an entry point of a project and show what it prints.

    URI is a directory, a .zip file (also behind HTTP) or a git repository (https, ssh, file), with #DIRECTORY for a
    project that is not at its top. Ctrl-C cancels the project with all its processes. Should this program itself be
    killed, the project goes on and its end is recorded.
    """
    from windlass_projects import api  # noqa: PLC0415  a command imports what it needs when it runs
    from windlass_projects.following import follow  # noqa: PLC0415  the same

    interrupt_when_asked_to_end()
    if force_all:
        options["force"] = True
    submitted = api.run(uri, synchronous=False, **options)
    click.echo(f"run {submitted.run_id} of {redact(uri)}", err=True)
    follow(submitted, lambda piece: click.echo(piece, nl=False))
    click.echo(f"run {submitted.run_id} {submitted.get_status()}", err=True)
