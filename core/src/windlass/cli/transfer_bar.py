"""The progress bar of files that move, on terminals."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from windlass.services.transfers import Progress


@contextmanager
def transfer_bar(label: str) -> Iterator[Progress | None]:
    """What a transfer tells how far it is, for the time of the block; None where no terminal would show it."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def move(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        yield move
