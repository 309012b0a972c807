"""Conda's programs: conda, mamba and micromamba, and where each is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from windlass.errors import MissingDependency

PROGRAMS = ("conda", "mamba", "micromamba")
_NAMING = {"conda": "CONDA_EXE", "mamba": "MAMBA_EXE", "micromamba": "MAMBA_EXE"}
_HOME = "MLFLOW_CONDA_HOME"


def find_conda_program(name: str, environ: Mapping[str, str] | None = None) -> str:
    """The program of this name: the one that the usual variables name, else that on PATH."""
    variables = os.environ if environ is None else environ
    for place in _places(name, variables):
        if os.access(place, os.X_OK) and place.is_file():
            return str(place)
    if found := shutil.which(name, path=variables.get("PATH")):
        return found
    others = [other for other in PROGRAMS if other != name and shutil.which(other, path=variables.get("PATH"))]
    instead = "".join(f"; --env-manager {other} would work here" for other in (*others, "uv"))
    raise MissingDependency(
        f"environments of {name} need the program {name}, which is not on PATH",
        hint=f"install it, or say where it is with {_NAMING[name]}{instead}",
    )


def _places(name: str, variables: Mapping[str, str]) -> Iterator[Path]:
    """Where variables say that it is; MAMBA_EXE names mamba or micromamba, whichever initialised the shell."""
    named = Path(variables.get(_NAMING[name], ""))
    if named.name == name:
        yield named
    if home := variables.get(_HOME):
        yield Path(home) / "bin" / name
