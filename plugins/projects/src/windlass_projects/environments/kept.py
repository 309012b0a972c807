"""KeptEnvironment: an environment on the disk, and what is known of it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windlass.entities import ProjectEnvironment

_READY = ".windlass-ready"


@dataclass(frozen=True, slots=True)
class KeptEnvironment:
    """A directory with an environment; it is used only with the mark that says it is complete."""

    place: Path

    @property
    def key(self) -> str:
        """Its name, the digest of its contents."""
        return self.place.name

    @property
    def is_ready(self) -> bool:
        """Whether it was built to the end."""
        return self._mark.is_file()

    @property
    def manager(self) -> str | None:
        """Who made it; None if it was not built to the end."""
        return self._told.get("manager")

    @property
    def made(self) -> int | None:
        """When it was made, in epoch milliseconds; None if it was not built to the end."""
        return self._told.get("made")

    @property
    def used(self) -> int:
        """When it was last used, in epoch milliseconds; of one that was not built to the end, when it was begun."""
        for file in (self._mark, self.place):
            try:
                return int(file.stat().st_mtime * 1000)
            except FileNotFoundError:
                continue
        return 0

    @property
    def size(self) -> int:
        """Its files' bytes on the disk; those that it shares with others by hard links count, too."""
        total = 0
        for directory, _, files in os.walk(self.place):
            for name in files:
                try:
                    total += Path(directory, name).lstat().st_blocks * 512
                except FileNotFoundError:
                    continue
        return total

    def make_ready(self, wanted: ProjectEnvironment) -> None:
        """Mark it as complete, in one step."""
        told = {"manager": wanted.manager, "made": int(time.time() * 1000)}
        scratch = self._mark.with_suffix(".new")
        scratch.write_text(json.dumps(told), encoding="utf-8")
        scratch.replace(self._mark)

    def touch(self) -> None:
        """Note that it is used now."""
        os.utime(self._mark)

    def forget(self) -> None:
        """Take the mark away."""
        self._mark.unlink(missing_ok=True)

    @property
    def _mark(self) -> Path:
        return self.place / _READY

    @property
    def _told(self) -> Mapping[str, Any]:
        try:
            return dict(json.loads(self._mark.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return {}
