"""windlass models: serve models, and try them with a request."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path

import click

from windlass.cli.extensible_group import ExtensibleGroup
from windlass.errors import InvalidValue

_ENVIRONMENTS = ("local", "virtualenv", "uv", "conda")

model_uri = click.option("-m", "--model-uri", required=True, metavar="URI", help="Such as models:/fraud@champion.")
env_manager = click.option(
    "--env-manager",
    type=click.Choice(_ENVIRONMENTS),
    default="local",
    show_default=True,
    help="The environment to load the model in; so far only this one.",
)


@click.group(cls=ExtensibleGroup)
def models() -> None:
    """Serve models, and try them with a request."""


@models.command()
@model_uri
@click.option("-p", "--port", type=click.IntRange(0, 65_535), default=5000, show_default=True, help="0 for a free one.")
@click.option("-h", "--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "-t",
    "--timeout",
    type=click.FloatRange(0, 86_400, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for one prediction.",
)
@click.option(
    "-w",
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="How many processes serve.",
)
@env_manager
@click.option("--no-conda", is_flag=True, hidden=True, help="What --env-manager local was called before.")
def serve(
    model_uri: str,
    port: int,
    host: str,
    timeout: float,
    workers: int,
    env_manager: str,
    no_conda: bool,  # noqa: FBT001  a switch of the command line
) -> None:
    """Answer requests with a model's predictions, until Ctrl-C."""
    del no_conda
    _only_local(env_manager)
    from windlass.sockets import listen  # noqa: PLC0415  a command imports what it needs when it runs
    from windlass_serving import server  # noqa: PLC0415  as above
    from windlass_serving.app import ServingOptions  # noqa: PLC0415  as above
    from windlass_serving.workers import run_workers  # noqa: PLC0415  as above

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with listen(host, port) as sock:
        options = ServingOptions(timeout=timeout)
        url = f"http://{host}:{sock.getsockname()[1]}"
        if workers > 1:
            click.echo(f"serving {model_uri} at {url} with {workers} processes, Ctrl-C stops it")
            sys.exit(run_workers(workers, lambda: server.serve(server.load_model(model_uri), sock, options)))
        model = server.load_model(model_uri)
        click.echo(f"serving {model_uri} at {url}, Ctrl-C stops it")
        server.serve(model, sock, options)


@models.command()
@model_uri
@click.option(
    "-i",
    "--input-path",
    type=click.Path(path_type=Path),
    help="A file with a request in the scoring server's JSON, or with CSV; standard input without.",
)
@click.option("-o", "--output-path", type=click.Path(path_type=Path), help="The file for the answer, not the screen.")
@click.option(
    "-t", "--content-type", type=click.Choice(["json", "csv"]), default="json", show_default=True, help="What it holds."
)
@env_manager
@click.option("--no-conda", is_flag=True, hidden=True, help="What --env-manager local was called before.")
def predict(
    model_uri: str,
    input_path: Path | None,
    output_path: Path | None,
    content_type: str,
    env_manager: str,
    no_conda: bool,  # noqa: FBT001  a switch of the command line
) -> None:
    """Predict what a file holds, without a server."""
    del no_conda
    _only_local(env_manager)
    # The format of models is another plugin's affair: it is reached by the name that users know.
    importlib.import_module("windlass.models").predict(
        model_uri,
        input_data=sys.stdin.read() if input_path is None else None,
        input_path=input_path,
        content_type=content_type,
        output_path=output_path,
    )


def _only_local(env_manager: str) -> None:
    if env_manager != "local":
        hint = "install the model's requirements.txt into an environment, and run this command in it"
        raise InvalidValue("env-manager", env_manager, "is not available yet", limit="local", hint=hint)
