"""EntryPoint: a command of a project, and the parameters that it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from windlass.errors import InvalidValue
from windlass_projects.step import Step, read_steps

TYPES = ("string", "float", "path", "uri")
MAX_PARALLEL = 64
_PARALLEL = 4


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; without a default it must be given."""

    name: str
    type: str = "string"
    default: str | None = None

    def check(self, value: str) -> None:
        """Refuse what is not of the parameter's type."""
        if self.type == "float":
            _check_float(self.name, value)
        if self.type == "uri" and not _looks_like_uri(value):
            raise InvalidValue(f"parameter {self.name}", value, "must be a URI", hint="such as s3://bucket/data.csv")


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A command of a project, as a template with `{parameter}` in it.

    `words` replaces the template where there is none: a file of the project, or one of its scripts. An `open` entry
    point takes parameters that it does not declare, as `--name value`. One with `steps` has no command of its own;
    at most `parallel` of them run at once.
    """

    name: str
    template: str = ""
    words: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    open: bool = True
    steps: Mapping[str, Step] = field(default_factory=dict)
    parallel: int = _PARALLEL

    @classmethod
    def read(cls, name: str, content: Any, where: str) -> EntryPoint:
        """An entry point as a project's file declares it."""
        place = f"{where}: entry point {name}"
        if not isinstance(content, Mapping) or ("steps" in content) == isinstance(content.get("command"), str):
            raise InvalidValue(place, content, "must have a command, a text, or steps")
        declared = content.get("parameters")
        if not isinstance(declared or {}, Mapping):
            raise InvalidValue(f"{place}: parameters", declared, "must map names to types")
        parameters = {str(key): _parameter(str(key), one, where) for key, one in (declared or {}).items()}
        if "steps" not in content:
            return cls(name, content["command"], (), parameters, open=not parameters)
        steps, parallel = read_steps(content["steps"], place), _parallel(content.get("parallel", _PARALLEL), place)
        return cls(name, "", (), parameters, open=False, steps=steps, parallel=parallel)

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """The given values with the defaults; InvalidValue for what is missing, unknown or of another type."""
        declared = self.parameters
        known = ", ".join(sorted(declared)) or "none"
        missing = sorted(one.name for one in declared.values() if one.default is None and one.name not in given)
        if missing:
            hint = " ".join(f"-P {name}=…" for name in missing)
            raise InvalidValue("parameters", ", ".join(missing), f"of entry point {self.name} must be given", hint=hint)
        unknown = sorted(given.keys() - declared.keys())
        if unknown and not self.open:
            problem = f"unknown to entry point {self.name}"
            raise InvalidValue("parameters", ", ".join(unknown), problem, limit=known)
        values = {name: str(one.default) for name, one in declared.items() if one.default is not None} | dict(given)
        for name, value in values.items():
            if "\x00" in value or "\x00" in name:
                raise InvalidValue(f"parameter {name}", value, "must not contain NUL")
            if name in declared:
                declared[name].check(value)
        return values


def _parameter(name: str, content: Any, where: str) -> Parameter:
    fields = content if isinstance(content, Mapping) else {"type": content}
    kind, default = fields.get("type", "string"), fields.get("default")
    if kind not in TYPES:
        raise InvalidValue(f"{where}: type of parameter {name}", kind, "is not known", limit=", ".join(TYPES))
    if isinstance(default, (Mapping, list)):
        raise InvalidValue(f"{where}: default of parameter {name}", default, "must be a text or a number")
    return Parameter(name, kind, None if default is None else str(default))


def _parallel(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_PARALLEL:
        raise InvalidValue(f"{place}: parallel", value, "must be a number of steps", limit=f"1 … {MAX_PARALLEL}")
    return value


def _check_float(name: str, value: str) -> None:
    try:
        math.isnan(float(value))
    except ValueError:
        raise InvalidValue(f"parameter {name}", value, "must be a number") from None


def _looks_like_uri(value: str) -> bool:
    scheme, colon, rest = value.partition(":")
    plain = scheme.replace("+", "").replace("-", "").replace(".", "")
    return bool(colon and rest) and plain.isalnum() and scheme[:1].isalpha()
