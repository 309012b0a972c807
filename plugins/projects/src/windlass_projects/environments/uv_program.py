"""The program uv."""

from __future__ import annotations

import contextlib
import shutil

import uv

from windlass.errors import MissingDependency


def uv_program() -> str:
    """Where uv is; MissingDependency if it is nowhere."""
    with contextlib.suppress(FileNotFoundError):
        return str(uv.find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise MissingDependency("environments need the program uv", hint="pip install uv, or --env-manager local")
    return found
