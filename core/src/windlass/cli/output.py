"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_GAP = "  "
_COLOURS = {
    "FINISHED": "green",
    "READY": "green",
    "ok": "green",
    "active": "green",
    "RUNNING": "cyan",
    "CREATING": "cyan",
    "FAILED": "red",
    "KILLED": "red",
    "broken": "red",
    "STOPPED": "yellow",
    "deleted": "yellow",
    "disabled": "yellow",
}


def output_option(command: F) -> F:
    """The option `--output table|json`."""
    option = click.option(
        "--output",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="A table for people, or JSON for programs.",
    )
    return option(command)


def show_many(rows: Sequence[Mapping[str, Any]], output: str, *, nothing: str) -> None:
    """Print rows with equal keys as a table, or as a JSON list."""
    if output == "json":
        show_json(list(rows))
    elif not rows:
        click.echo(nothing, err=True)
    else:
        click.echo(table(rows))


def show_one(fields: Mapping[str, Any], output: str) -> None:
    """Print one thing field by field, or as a JSON object."""
    if output == "json":
        show_json(fields)
        return
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        click.echo(f"{click.style(name.ljust(width), bold=True)}{_GAP}{_cell(value)}")


def show_json(value: Any) -> None:
    """Print JSON that any parser reads: NaN and the infinities become texts."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows below a line of headings, as wide as they need; on a terminal the widest column gives way."""
    names = list(rows[0])
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(names)]
    widths = _fit(widths)
    head = _GAP.join(click.style(name.ljust(width), bold=True) for name, width in zip(names, widths, strict=True))
    lines = [head.rstrip()]
    for row in cells:
        painted = (_paint(_cut(cell, width).ljust(width)) for cell, width in zip(row, widths, strict=True))
        lines.append(_GAP.join(painted).rstrip())
    return "\n".join(lines)


def when(milliseconds: int | None) -> str | None:
    """A time as people read it, in their own zone."""
    if milliseconds is None:
        return None
    moment = dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def plain(value: Any) -> Any:
    """Entities and their parts as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_cell(one)}" for key, one in value.items()) or "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(one) for one in value) or "-"
    return str(value).replace("\n", " ")


def _fit(widths: list[int]) -> list[int]:
    room = shutil.get_terminal_size((10_000, 24)).columns - len(_GAP) * (len(widths) - 1)
    fitted = list(widths)
    while sum(fitted) > room and max(fitted) > 12:  # noqa: PLR2004  narrower columns say nothing
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _paint(cell: str) -> str:
    colour = _COLOURS.get(cell.strip())
    return click.style(cell, fg=colour) if colour else cell
