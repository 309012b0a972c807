"""Voice: what several steps print at once, each line with the name of its step."""

from __future__ import annotations

from threading import Lock
from typing import IO


class Voice:
    """Writes whole lines; the methods may be called from any thread."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._begun: dict[str, str] = {}
        self._lock = Lock()

    def say(self, step: str, piece: str) -> None:
        """Print the lines of a piece; the beginning of one waits for its end."""
        with self._lock:
            *lines, rest = (self._begun.pop(step, "") + piece).split("\n")
            self._begun[step] = rest
            self._stream.write("".join(f"[{step}] {line}\n" for line in lines))
            self._stream.flush()

    def end(self) -> None:
        """Print what nobody has ended."""
        for step in [step for step, text in self._begun.items() if text]:
            self.say(step, "\n")
