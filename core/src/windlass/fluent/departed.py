"""`windlass.azureml`: what articles of 2020 call, and what does it today."""

from __future__ import annotations

from typing import Any, NoReturn

from windlass.errors import Unsupported


def build_image(*_args: Any, **_options: Any) -> NoReturn:
    """Gone: deployments do it."""
    _gone("azureml.build_image")


def deploy(*_args: Any, **_options: Any) -> NoReturn:
    """Gone: deployments do it."""
    _gone("azureml.deploy")


def _gone(name: str) -> NoReturn:
    raise Unsupported(
        f"{name} has been replaced by deployments",
        hint="windlass deployments create -t azureml --name NAME -m models:/MODEL/VERSION",
    )
