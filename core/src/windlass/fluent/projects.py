"""`windlass.run`: running projects."""

from __future__ import annotations

import importlib
from typing import Any

from windlass.errors import MissingDependency


def run(uri: str, *args: Any, **options: Any) -> Any:
    """Run an entry point of a project; the arguments are those of `windlass.projects.run`."""
    try:
        projects = importlib.import_module("windlass.projects")
    except ModuleNotFoundError as error:
        if error.name != "windlass.projects":
            raise
        raise MissingDependency("running projects needs a plugin", hint="pip install windlass-projects") from error
    return projects.run(uri, *args, **options)
