"""Showing what is being done: a line a step, with the time that it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click


@dataclass(slots=True)
class Step:
    """A step that is being done; `result` is shown behind it when it is done."""

    text: str
    result: str = ""


@contextmanager
def step(text: str) -> Iterator[Step]:
    """Show a step while the block runs, and how it went."""
    live = sys.stderr.isatty()
    current = Step(text)
    if live:
        click.echo(f"  {click.style('…', fg='cyan')} {text}", nl=False, err=True)
    begun = time.perf_counter()
    try:
        yield current
    except BaseException:
        _finish(current, begun, click.style("✗", fg="red"), live=live)
        raise
    _finish(current, begun, click.style("✓", fg="green"), live=live)


def _finish(current: Step, begun: float, mark: str, *, live: bool) -> None:
    took = click.style(f"{time.perf_counter() - begun:.1f} s", dim=True)
    line = f"  {mark} {current.text:<46} {current.result:<26} {took}"
    click.echo(f"\r\033[K{line}" if live else line, err=True)
