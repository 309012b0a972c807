"""Taking back what was made for a change of a deployment that failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from windlass.errors import Unavailable, WindlassError

Step = tuple[str, Callable[[], object]]
"""What a step takes back, in words, and the step."""
_PAUSE = 0.5


def take_back(error: BaseException, steps: Sequence[Step], *, patience: float = 0.0) -> None:
    """Do the steps, whatever becomes of each; the error's hint tells what could not be taken back.

    A service that is out of reach gets `patience` seconds in all to come back.
    """
    deadline = time.monotonic() + patience
    results = ((what, _failure(step, deadline)) for what, step in steps)
    left = [f"{what} ({reason})" for what, reason in results if reason]
    if left and isinstance(error, WindlassError):
        told = f"this is left, and goes with the next change or deletion of the deployment: {'; '.join(left)}"
        error.hint = f"{error.hint}; {told}" if error.hint else told


def _failure(step: Callable[[], object], deadline: float) -> str | None:
    while True:
        try:
            step()
        except WindlassError as error:
            if not isinstance(error, Unavailable) or time.monotonic() + _PAUSE > deadline:
                return error.message
            time.sleep(_PAUSE)
        else:
            return None
