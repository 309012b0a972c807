"""ClusterJob: one job of a Ray cluster."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.errors import NotFound, Unavailable
from windlass_ray.dashboard import Dashboard, cause_of

_PATH = "/api/jobs/"
ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED"})


@dataclass(frozen=True, slots=True)
class JobState:
    """What the cluster says of a job."""

    status: str
    message: str

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """A job by its name, which the one who submits it chooses."""

    dashboard: Dashboard
    name: str

    def submit(
        self, entrypoint: str, *, runtime_env: Mapping[str, Any], metadata: Mapping[str, str], **reserved: Any
    ) -> None:
        """Have the cluster start it."""
        content = {
            "entrypoint": entrypoint,
            "submission_id": self.name,
            "runtime_env": dict(runtime_env),
            "metadata": dict(metadata),
            **reserved,
        }
        self.dashboard.send("POST", _PATH, content)

    def state(self) -> JobState:
        """How it is; NotFound if the cluster does not know it, or no more."""
        found = self.dashboard.get(f"{_PATH}{self.name}")
        return JobState(str(found.get("status")), cause_of(str(found.get("message") or "")))

    def stop(self) -> None:
        """Ask the cluster to end it; nothing happens if it has ended or is not there."""
        try:
            self.dashboard.send("POST", f"{_PATH}{self.name}/stop")
        except NotFound:
            return

    def stop_and_wait(self, seconds: float) -> None:
        """End it, and return when it is gone; Unavailable if that takes longer."""
        self.stop()
        give_up = time.monotonic() + seconds
        while True:
            try:
                if self.state().has_ended:
                    return
            except NotFound:
                return
            if time.monotonic() > give_up:
                raise Unavailable(f"the cluster has not ended the job {self.name} within {seconds:g} seconds")
            time.sleep(0.5)

    def log(self) -> str:
        """All that it has printed so far."""
        try:
            return str((self.dashboard.get(f"{_PATH}{self.name}/logs") or {}).get("logs") or "")
        except NotFound:
            return ""
