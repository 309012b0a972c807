"""References: names in braces within texts of a project's file, such as `{rate}` or `{steps.prepare.run_id}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter

from windlass.errors import InvalidValue

RESULTS = ("run_id", "artifact_uri")
"""What a step may know of another one, as `{steps.NAME.RESULT}`."""
_HINT = "write {{ and }} for braces that name nothing"


def names_in(text: str, where: str) -> list[str]:
    """The names in a text, each as often as it appears; InvalidValue if the text cannot be read."""
    return [name for _, name in _pieces(text, where) if name is not None]


def fill(text: str, values: Mapping[str, str], *, where: str) -> str:
    """The text with the value of each name; a value is never read again. InvalidValue names what is unknown."""
    filled = []
    for plain, name in _pieces(text, where):
        filled.append(plain)
        if name is None:
            continue
        if name not in values:
            raise InvalidValue(where, f"{{{name}}}", "is not known", limit=", ".join(sorted(values)) or "none")
        filled.append(values[name])
    return "".join(filled)


def result_name(step: str, result: str) -> str:
    """The name of a result of a step."""
    return f"steps.{step}.{result}"


def step_named(name: str) -> str | None:
    """The step of a name such as `steps.prepare.run_id`; None for a parameter's name."""
    parts = name.split(".")
    return parts[1] if len(parts) == len(("steps", "name", "result")) and parts[0] == "steps" else None


def _pieces(text: str, where: str) -> Iterator[tuple[str, str | None]]:
    try:
        for plain, name, form, conversion in Formatter().parse(text):
            if form or conversion or name == "":
                raise InvalidValue(where, text, "may only have names in braces", hint=_HINT)
            yield plain, name
    except ValueError as error:
        raise InvalidValue(where, text, f"cannot be read ({error})", hint=_HINT) from None
