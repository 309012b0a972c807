"""TakingBack: what is to be undone if a change fails half-way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from windlass.errors import Unavailable, WindlassError

_PATIENCE = 30.0
_PAUSE = 0.5


@dataclass(slots=True)
class TakingBack:
    """Undoes the last step first if the block fails; a cluster that is out of reach gets half a minute to come back.

    What cannot be undone is told in the error's hint: what went wrong first is what the user must know.
    """

    _steps: list[tuple[str, Callable[[], object]]] = field(default_factory=list)

    def later(self, what: str, undo: Callable[[], object]) -> None:
        """Remember how to undo what is done next, which may be done even if the answer gets lost."""
        self._steps.append((what, undo))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        deadline, left = time.monotonic() + _PATIENCE, []
        while kind is not None and self._steps:
            what, undo = self._steps.pop()
            if reason := _patiently(undo, deadline):
                left.append(f"{what} ({reason})")
        if left and isinstance(error, WindlassError):
            told = f"this is left: {'; '.join(left)}"
            error.hint = f"{error.hint}; {told}" if error.hint else told


def _patiently(undo: Callable[[], object], deadline: float) -> str | None:
    """Why it could not be undone; None if it is."""
    while True:
        try:
            undo()
            return None
        except WindlassError as error:
            if not isinstance(error, Unavailable) or time.monotonic() > deadline:
                return error.message
        time.sleep(_PAUSE)
