"""windlass sagemaker build-and-push-container: an image for endpoints, in ECR."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import click

import windlass
from windlass.cli.image_options import chosen_context, image_options
from windlass.errors import InvalidValue

_NAME = re.compile(r"[a-z0-9]+([._/-][a-z0-9]+)*(:[\w][\w.-]{0,127})?")


@click.command("build-and-push-container")
@click.option("--build/--no-build", default=True, show_default=True, help="Build the image.")
@click.option("--push/--no-push", default=True, show_default=True, help="Push it to ECR.")
@click.option(
    "-c",
    "--container",
    default="mlflow-pyfunc",
    show_default=True,
    help="The image and its repository in ECR, with :TAG; the tag is the release of Windlass without.",
)
@click.option("-m", "--model-uri", metavar="URI", help="A model that it is to hold; without, it serves any.")
@click.option("--network", help="The network that building uses, such as host.")
@click.option("--region-name", default=None, help="The region; that of the AWS configuration without.")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 86_400),
    default=3600.0,
    show_default=True,
    help="Seconds that building, and pushing, may take each.",
)
@image_options
def build_and_push_container(
    container: str,
    model_uri: str | None,
    network: str | None,
    region_name: str | None,
    timeout: float,
    build: bool,  # noqa: FBT001  a switch of the command line
    push: bool,  # noqa: FBT001  as above
    **given: Any,
) -> None:
    """Build the image that endpoints of SageMaker start, and push it to ECR."""
    name = _tagged(container)
    if build:
        _build(name, model_uri, given, network=network, timeout=timeout)
    if push:
        click.echo(f"pushed {_push(name, region_name, timeout)}")
    elif not build:
        raise InvalidValue("push", push, "leaves nothing to be done without --build")


def _build(name: str, model_uri: str | None, given: dict[str, Any], *, network: str | None, timeout: float) -> None:
    from windlass_sagemaker.docker_program import docker_program, run_docker  # noqa: PLC0415  when it runs

    docker_program()
    with tempfile.TemporaryDirectory(prefix="windlass-sagemaker-") as scratch:
        directory = Path(scratch) / "image"
        with chosen_context(model_uri, given) as context:
            context.write(directory)
        chosen = [] if network is None else ["--network", network]
        run_docker("build", *chosen, "--tag", name, str(directory), timeout=timeout)


def _push(name: str, region: str | None, timeout: float) -> str:
    from windlass_sagemaker.address import Address  # noqa: PLC0415  a command imports what it needs when it runs
    from windlass_sagemaker.clients import Clients  # noqa: PLC0415  as above
    from windlass_sagemaker.docker_program import docker_program, run_docker  # noqa: PLC0415  as above
    from windlass_sagemaker.ecr import EcrRepository  # noqa: PLC0415  as above

    docker_program()
    repository, _, tag = name.partition(":")
    place = EcrRepository.open(Clients(Address.parse(f"sagemaker:/{region or ''}")), repository)
    image = f"{place.uri}:{tag}"
    run_docker("tag", name, image, timeout=timeout)
    signing_in = ("login", "--username", place.user, "--password-stdin", place.registry)
    run_docker(*signing_in, timeout=timeout, typed=place.password)
    run_docker("push", image, timeout=timeout)
    return image


def _tagged(container: str) -> str:
    if not _NAME.fullmatch(container):
        limit = "lower-case letters and digits with . _ - / between them, and :TAG"
        raise InvalidValue("container", container, "is no name of an image", limit=limit)
    return container if ":" in container else f"{container}:{windlass.__version__}"
