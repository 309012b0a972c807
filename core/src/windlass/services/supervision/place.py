"""JobPlace: the directory of a supervised project, through which its supervisor and the others speak."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_JOB, _RESULT, _LOG = "job.json", "result.json", "output.log"


@dataclass(frozen=True, slots=True)
class JobPlace:
    """The directory of a job: what to do, what was printed, and how it ended. Workers may keep files in it, too."""

    directory: Path

    @property
    def job(self) -> Path:
        """What to do."""
        return self.directory / _JOB

    @property
    def log(self) -> Path:
        """What was printed."""
        return self.directory / _LOG

    def clear(self) -> None:
        """Make the directory; what an earlier job of the same run has left is replaced."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for file in self.directory.iterdir():
            file.unlink()
        self.log.touch(mode=0o600)

    def status(self) -> str | None:
        """How it ended; None if nobody has written that down."""
        try:
            return str(json.loads((self.directory / _RESULT).read_text(encoding="utf-8"))["status"])
        except FileNotFoundError:
            return None

    def end(self, status: str) -> None:
        """Write down how it ended, in one step; what it was to do is of no use then."""
        scratch = self.directory / f".{_RESULT}.new"
        scratch.write_text(json.dumps({"status": status}), encoding="utf-8")
        scratch.replace(self.directory / _RESULT)
        self.job.unlink(missing_ok=True)
