"""Following: showing what a project prints until it has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from windlass.services.projects import SubmittedProject
from windlass_projects.errors import ProjectFailed

_TAIL = 4000


def follow(submitted: SubmittedProject, show: Callable[[str], Any]) -> None:
    """Show what the project prints until it has ended; ProjectFailed with the end of that if it did not succeed."""
    tail = ""
    try:
        for piece in submitted.logs():
            show(piece)
            tail = (tail + piece)[-_TAIL:]
        succeeded = submitted.wait()
    except BaseException:
        submitted.cancel()
        raise
    if succeeded:
        return
    lines = "\n".join(f"  {line}" for line in tail.splitlines()[-20:]) or "  (nothing)"
    what = f"the project's run {submitted.run_id} ended {submitted.get_status()}"
    raise ProjectFailed(f"{what}; the end of what it printed:\n{lines}")
