"""Part files: hidden names under which a file is written until it is whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = ".windlass-"
"""How the names of all files begin that are ours and not the user's."""
_END = ".part"


def part_name(token: str | None = None) -> str:
    """A name that no listing shows, a new one without a token."""
    return f"{MARK}{token or secrets.token_hex(8)}{_END}"


def is_part(path: str) -> bool:
    """Whether a path ends in one of those names: somebody is writing there, or broke off."""
    name = path.rpartition("/")[2]
    return name.startswith(MARK) and name.endswith(_END)


@contextmanager
def arriving(destination: Path) -> Iterator[Path]:
    """A path beside a local file to write to; it takes the file's place when the block ends, and goes if it raises."""
    part = destination.with_name(part_name())
    try:
        yield part
        part.replace(destination)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
