"""RunEvent: something that happens to a run while it is watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from windlass.entities.metric import Metric
from windlass.entities.run import Run


class EventKind(StrEnum):
    """What has happened: the run as it is, told first; new points, params or tags; another status; the end."""

    RUN = "run"
    METRICS = "metrics"
    PARAMS = "params"
    TAGS = "tags"
    STATUS = "status"
    END = "end"


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that has happened to a run; `mark` is where a later watch can go on."""

    kind: EventKind
    run: Run
    metrics: tuple[Metric, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted_tags: tuple[str, ...] = ()
    mark: str | None = None
