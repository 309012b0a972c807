"""Step: one part of an entry point that has several; each runs as a run of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from windlass.errors import InvalidValue

_KEYS = ("entry_point", "command", "parameters", "needs", "inputs", "outputs", "code")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step runs, either an entry point or a command, and what it reads and writes.

    Texts in `parameters` and `inputs` may refer to parameters of the whole and results of the steps that it `needs`.
    `inputs`, `outputs` and `code` are paths relative to the project; without `code` all of the project is its code.
    """

    name: str
    entry_point: str | None = None
    command: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    code: tuple[str, ...] = ()

    @classmethod
    def read(cls, name: str, content: Any, where: str) -> Step:
        """A step as a project's file declares it."""
        place = f"{where}: step {name}"
        if not _NAME.fullmatch(name):
            raise InvalidValue(place, name, "must be a name of letters, digits, '_' and '-'")
        if not isinstance(content, Mapping):
            raise InvalidValue(place, content, "must be a mapping", limit=", ".join(_KEYS))
        if unknown := ", ".join(sorted(map(str, content.keys() - set(_KEYS)))):
            raise InvalidValue(place, unknown, "is not known", limit=", ".join(_KEYS))
        entry_point, command = (_text(place, key, content.get(key)) for key in ("entry_point", "command"))
        if (entry_point is None) == (command is None):
            raise InvalidValue(place, dict(content), "must have either an entry_point or a command")
        return cls(
            name=name,
            entry_point=entry_point,
            command=command,
            parameters=_values(place, content.get("parameters")),
            needs=_texts(place, "needs", content.get("needs")),
            inputs=_texts(place, "inputs", content.get("inputs")),
            outputs=_paths(place, "outputs", content.get("outputs")),
            code=_paths(place, "code", content.get("code")),
        )


def read_steps(content: Any, where: str) -> dict[str, Step]:
    """The steps of an entry point as a project's file declares them."""
    if not isinstance(content, Mapping) or not content:
        raise InvalidValue(f"{where}: steps", content, "must map names to steps")
    return {str(name): Step.read(str(name), one, where) for name, one in content.items()}


def _text(place: str, key: str, value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise InvalidValue(f"{place}: {key}", value, "must be a text")
    return value


def _values(place: str, content: Any) -> dict[str, str]:
    if not isinstance(content or {}, Mapping):
        raise InvalidValue(f"{place}: parameters", content, "must map names to values")
    for name, value in (content or {}).items():
        if not isinstance(value, (str, int, float)):
            raise InvalidValue(f"{place}: parameter {name}", value, "must be a text or a number")
    return {str(name): str(value) for name, value in (content or {}).items()}


def _texts(place: str, key: str, content: Any) -> tuple[str, ...]:
    if not isinstance(content or [], list) or not all(isinstance(one, str) and one for one in content or ()):
        raise InvalidValue(f"{place}: {key}", content, "must be a list of texts")
    return tuple(dict.fromkeys(content or ()))


def _paths(place: str, key: str, content: Any) -> tuple[str, ...]:
    paths = []
    for one in _texts(place, key, content):
        path = PurePosixPath(one)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\x00" in one:
            raise InvalidValue(f"{place}: {key}", one, "must be a path inside of the project")
        paths.append(path.as_posix())
    return tuple(paths)
