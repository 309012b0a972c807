"""TakingBack: what is to be undone if a change fails half-way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from windlass.interfaces import Step, take_back

_PATIENCE = 30.0


@dataclass(slots=True)
class TakingBack:
    """Undoes the last step first if the block fails; a cluster that is out of reach gets half a minute to come back."""

    _steps: list[Step] = field(default_factory=list)

    def later(self, what: str, undo: Callable[[], object]) -> None:
        """Remember how to undo what is done next, which may be done even if the answer gets lost."""
        self._steps.append((what, undo))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            take_back(error, self._steps[::-1], patience=_PATIENCE)
