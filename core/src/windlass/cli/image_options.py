"""The options of commands that make images of models, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from windlass.cli.session import workspace
from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.interfaces.deployment_record import may_execute
from windlass.services.model_image.context import ImageContext
from windlass.services.model_image.recipe import ImageRecipe

F = TypeVar("F", bound=Callable[..., Any])
_INSTALLERS = {"uv": "uv", "virtualenv": "pip", "local": "pip", "none": "none"}
_JAVA = "default-jre-headless"

_OPTIONS = (
    click.option(
        "--env-manager",
        type=click.Choice([*_INSTALLERS, "conda"]),
        default="uv",
        show_default=True,
        help="What installs the model's requirements: uv, or pip for virtualenv and local; none if the base has all.",
    ),
    click.option("--base-image", default="", help="The image to begin with; python:X.Y-slim of the model without."),
    click.option("--index-url", default="", metavar="URL", help="The package index, without a password."),
    click.option("--ca-file", type=click.Path(path_type=Path), help="The certificates that the index is trusted by."),
    click.option("--wheels", type=click.Path(path_type=Path), help="A directory of wheels to prefer."),
    click.option("--system-package", "system_packages", multiple=True, help="A package of Debian's; repeatable."),
    click.option("-r", "--requirement", "requirements", multiple=True, help="To be installed, too; repeatable."),
    click.option("--install-java", is_flag=True, help="Install a Java, which Spark's models need."),
    click.option("--install-mlflow", is_flag=True, help="Install MLflow, which code in the model may import."),
)


def image_options(command: F) -> F:
    """The options that say how an image is made."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def chosen_context(model_uri: str | None, given: dict[str, Any]) -> Iterator[ImageContext]:
    """What to build an image from, for a model or without one, with the files at hand for the time of the block."""
    allowed = Settings.load().allow_pickle
    if model_uri is None:
        yield ImageContext.of(None, _recipe(given, execute=allowed == "true"))
        return
    stores = workspace()
    resolved = stores.model_versions.resolve(model_uri)
    recipe = _recipe(given, execute=may_execute(resolved, allow_pickle=allowed))
    with stores.artifacts.fetched(resolved) as path:
        yield ImageContext.of(path, recipe)


def _recipe(given: dict[str, Any], *, execute: bool) -> ImageRecipe:
    if given["env_manager"] == "conda":
        hint = "choose uv, or name a base image that has all with --env-manager none"
        raise Unsupported("images are not made with conda", hint=hint)
    java = (_JAVA,) if given["install_java"] else ()
    mlflow = ("mlflow",) if given["install_mlflow"] else ()
    return ImageRecipe(
        base_image=given["base_image"],
        install=_INSTALLERS[given["env_manager"]],
        index_url=given["index_url"],
        ca_file=given["ca_file"],
        wheels=given["wheels"],
        system_packages=(*given["system_packages"], *java),
        requirements=(*given["requirements"], *mlflow),
        may_execute=execute,
    )
