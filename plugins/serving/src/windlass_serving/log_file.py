"""Reading the log of a server that goes on writing it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.2


def read_log(path: Path, *, follow: bool) -> Iterator[str]:
    """The lines of the file; `follow` waits for more until the file is gone."""
    rest = ""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            while True:
                while text := stream.read(1 << 16):
                    *lines, rest = (rest + text).split("\n")
                    yield from lines
                if not follow or not path.exists():
                    break
                time.sleep(_PAUSE)
    except FileNotFoundError:
        return
    if rest:
        yield rest
