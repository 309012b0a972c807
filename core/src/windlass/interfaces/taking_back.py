"""Taking back what was made for a change of a deployment that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from windlass.errors import WindlassError

Step = tuple[str, Callable[[], None]]
"""What a step takes back, in words, and the step."""


def take_back(error: BaseException, steps: Sequence[Step]) -> None:
    """Do the steps, whatever becomes of each; the error's hint tells what could not be taken back."""
    left = [f"{what} ({reason})" for what, reason in ((what, _failure(step)) for what, step in steps) if reason]
    if left and isinstance(error, WindlassError):
        told = f"this is left, and goes with the next change or deletion of the deployment: {'; '.join(left)}"
        error.hint = f"{error.hint}; {told}" if error.hint else told


def _failure(step: Callable[[], None]) -> str | None:
    try:
        step()
    except WindlassError as error:
        return error.message
    return None
