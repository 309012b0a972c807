"""Finding the interpreter that a project asks for among those of this machine."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from windlass.errors import MissingDependency, Unavailable
from windlass_projects.environments.uv_program import uv_program

_PATIENCE = 60.0


@cache
def find_python(wanted: str | None) -> str:
    """The path of a Python of a version or specifier, this one without; MissingDependency if there is none."""
    if wanted is None:
        return sys.executable
    try:
        done = subprocess.run(  # noqa: S603  uv with one argument
            [uv_program(), "python", "find", "--no-project", "--no-python-downloads", wanted],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"looking for Python {wanted} did not end within {_PATIENCE:g} seconds") from None
    if done.returncode != 0:
        raise MissingDependency(
            f"there is no Python {wanted} on this machine",
            hint="install it, or use --env-manager uv, which fetches it",
        )
    return done.stdout.strip()
