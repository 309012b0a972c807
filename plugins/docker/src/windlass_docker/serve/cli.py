"""windlass models build-docker: an image that serves a model."""

from __future__ import annotations

from typing import Any

import click

from windlass.cli.image_options import chosen_context, image_options


@click.command("build-docker")
@click.option("-m", "--model-uri", metavar="URI", help="Such as models:/fraud@champion; without, for any model.")
@click.option("-n", "--name", default="mlflow-pyfunc-servable", show_default=True, help="What to call the image.")
@click.option("--network", help="The network that building uses, such as host.")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 86_400),
    default=3600.0,
    show_default=True,
    help="Seconds that building may take.",
)
@image_options
def build_docker(model_uri: str | None, name: str, network: str | None, timeout: float, **given: Any) -> None:
    """Build an image that serves a model on port 8080.

    Without a model it serves the one that is mounted at /opt/ml/model, whose requirements it installs when it starts.
    """
    from windlass_docker.building import build_image  # noqa: PLC0415  a command imports what it needs when it runs
    from windlass_docker.connection import connected  # noqa: PLC0415  as above
    from windlass_docker.serve.context_archive import archived  # noqa: PLC0415  as above

    with chosen_context(model_uri, given) as context, connected() as client, archived(context) as archive:
        image = build_image(client, archive, name, timeout=timeout, network=network, say=click.echo)
    click.echo(f"{name} is built ({image.short_id}); docker run -p 127.0.0.1:8080:8080 {name}")
