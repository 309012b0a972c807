"""Recording, while a command runs, what is installed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.services.run_artifacts import RunArtifacts
from windlass.services.workspace import Workspace
from windlass_projects.lock import EnvironmentLock

LOCK_FILE = "project/environment.txt"
"""Where a run keeps it: a requirements file, with the version of Python as its first line."""
_PATIENCE = 30.0


@contextmanager
def recording_lock(python: Path, run_id: str, say: Callable[[str], None]) -> Iterator[None]:
    """Record it beside the block; the end of the block waits half a minute for that at most."""
    thread = Thread(target=_record, args=(python, run_id, say), daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(_PATIENCE)


def _record(python: Path, run_id: str, say: Callable[[str], None]) -> None:
    try:
        lock = EnvironmentLock.of(python)
        with Workspace.open(Settings.load()) as workspace:
            text = lock.text
            RunArtifacts(workspace, run_id).log_made(LOCK_FILE, lambda file: _write(file, text))
    except WindlassError as error:
        say(f"what is installed could not be recorded: {error}")
    except Exception as error:  # noqa: BLE001  a record that cannot be made must not end the run
        say(f"what is installed could not be recorded: {type(error).__name__}: {error}")


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
