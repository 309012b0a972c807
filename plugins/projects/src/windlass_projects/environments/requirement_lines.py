"""Requirement lines: what a project requires, as arguments for `pip install` of pip or uv."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from windlass_projects.local.contents import split_option


def requirement_arguments(lines: Iterable[str], directory: Path, scratch: Path) -> list[str]:
    """Arguments that name files of the project's requirements, and a file in `scratch` with the other lines.

    Installers run in the project's directory, which paths in those lines are relative to. The files are arguments
    because pip and uv do not agree on how a path with a space is written in a line.
    """
    plain, arguments = [], []
    for line in lines:
        if (named := split_option(line)) is None:
            plain.append(line)
        else:
            arguments += [named[0], str(directory / named[1])]
    if plain:
        file = scratch / "requirements.txt"
        file.write_text("".join(f"{line}\n" for line in plain), encoding="utf-8")
        arguments += ["-r", str(file)]
    return arguments
