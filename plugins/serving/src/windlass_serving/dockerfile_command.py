"""windlass models generate-dockerfile: what an image is built from, to be built by whatever builds images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from windlass.cli.image_options import chosen_context, image_options


@click.command("generate-dockerfile")
@click.option("-m", "--model-uri", metavar="URI", help="Such as models:/fraud@champion; without, for any model.")
@click.option(
    "-d",
    "--output-directory",
    type=click.Path(path_type=Path),
    default="mlflow-dockerfile",
    show_default=True,
    help="A new or empty directory.",
)
@image_options
def generate_dockerfile(model_uri: str | None, output_directory: Path, **given: Any) -> None:
    """Write a Dockerfile, with all that it copies, for an image that serves a model on port 8080."""
    with chosen_context(model_uri, given) as context:
        context.write(output_directory)
    click.echo(f"{output_directory / 'Dockerfile'} is written; docker build {output_directory}")
