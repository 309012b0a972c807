"""Task: what the supervisor on the cluster is told, in a file of the job's package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "windlass-task.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A command to run in a directory of the package; `grace` is seconds between asking it to end and ending it.

    In the command and its variables `marker` stands for the directory of the unpacked package. `python` is what the
    project asks for.
    """

    run_id: str
    tracking_uri: str
    directory: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    marker: str
    grace: float
    python: str | None = None

    def text(self) -> str:
        """How it is written down."""
        return json.dumps({**asdict(self), "command": list(self.command)})

    @classmethod
    def read(cls, root: Path) -> Task:
        """The task of an unpacked package."""
        content: dict[str, Any] = json.loads((root / FILE).read_text(encoding="utf-8"))
        return cls(**{**content, "command": tuple(content["command"])})
