"""OsProcess: a process of this machine, told apart from a later one with the same number."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class OsProcess:
    """A process; `born` says when it began, so that another one with its number is never taken for it."""

    pid: int
    born: str

    @classmethod
    def start(cls, command: Sequence[str], *, log: Path, environ: Mapping[str, str], give: int) -> OsProcess:
        """Start a process that outlives this one: in its own session, writing to `log`, with the descriptor `give`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        pid = os.posix_spawn(
            command[0],
            list(command),
            dict(environ),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, give, give),
            ],
            setsid=True,
        )
        return cls(pid, _birth(pid))

    @property
    def is_alive(self) -> bool:
        """Whether this very process runs."""
        with contextlib.suppress(ChildProcessError):
            # A child of ours that has ended stays in the table until someone asks.
            os.waitpid(self.pid, os.WNOHANG)
        return bool(self.born) and _birth(self.pid) == self.born

    def stop(self, patience: float) -> None:
        """Ask the process to end, and after `patience` seconds end it; nothing happens if it has ended."""
        self._signal(signal.SIGTERM)
        if not self._ends_within(patience):
            # Workers belong to the process's session and go with it.
            self._signal(signal.SIGKILL)
            self._ends_within(patience)

    def _ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _signal(self, sig: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self.is_alive:
                if sig == signal.SIGKILL:
                    os.killpg(self.pid, sig)
                else:
                    os.kill(self.pid, sig)


def _birth(pid: int) -> str:
    """When a process began, in a form that differs for any other; empty if it does not run."""
    if not _PROC.joinpath("self", "stat").exists():
        return _birth_by_ps(pid)
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name in parentheses may hold anything; state, threads and start are the 1st, 18th and 20th field after it.
    fields = stat.rpartition(")")[2].split()
    # A process whose first thread has ended holds its port until the others have, too.
    if fields[0] == "X" or (fields[0] == "Z" and int(fields[17]) <= 1):
        return ""
    boot = _PROC.joinpath("sys", "kernel", "random", "boot_id")
    return f"{boot.read_text(encoding='ascii').strip() if boot.exists() else ''}:{fields[19]}"


def _birth_by_ps(pid: int) -> str:
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)  # noqa: S603  fixed command
    state, _, started = found.stdout.strip().partition(" ")
    return "" if not state or state.startswith("Z") else started.strip()
