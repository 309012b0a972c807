"""Options and arguments that several commands take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from windlass.entities import ViewType

F = TypeVar("F", bound=Callable[..., Any])
_VIEWS: Mapping[str, ViewType] = {
    "active_only": ViewType.ACTIVE_ONLY,
    "deleted_only": ViewType.DELETED_ONLY,
    "all": ViewType.ALL,
}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = (86_400_000, 3_600_000, 60_000, 1_000)


def view_option(command: F) -> F:
    """The option `--view`."""
    option = click.option(
        "-v",
        "--view",
        type=click.Choice(list(_VIEWS)),
        default="active_only",
        show_default=True,
        callback=lambda _context, _parameter, value: _VIEWS[value],
        help="Which life-cycle stages to show.",
    )
    return option(command)


def key_values(_context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Read repeated `KEY=VALUE`; a key given twice is an error."""
    pairs: dict[str, str] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not of the form KEY=VALUE", param=parameter)
        if key in pairs:
            raise click.BadParameter(f"{key!r} is given twice", param=parameter)
        pairs[key] = value
    return pairs


def duration(_context: click.Context, parameter: click.Parameter, text: str | None) -> int:
    """Read a duration such as `1d2h30m10s` as milliseconds."""
    if not text:
        return 0
    match = _DURATION.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a duration such as 1d2h30m10s", param=parameter)
    return sum(int(count) * unit for count, unit in zip(match.groups(), _UNITS, strict=True) if count)


def names(_context: click.Context, _parameter: click.Parameter, text: str | None) -> list[str]:
    """Read a comma-separated list."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]
