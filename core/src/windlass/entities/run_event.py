"""RunEvent: something that happens to a run while it is watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def run_changes(before: Run, run: Run) -> Iterator[RunEvent]:
    """What has happened to a run between two looks at it; its points apart, which only its history has."""
    params = {key: value for key, value in run.data.params.items() if key not in before.data.params}
    if params:
        yield RunEvent(EventKind.PARAMS, run, params=params)
    old, new = before.data.tags, run.data.tags
    tags = {key: value for key, value in new.items() if old.get(key) != value}
    deleted = tuple(key for key in old if key not in new)
    if tags or deleted:
        yield RunEvent(EventKind.TAGS, run, tags=tags, deleted_tags=deleted)
    if run.info != before.info:
        yield RunEvent(EventKind.STATUS, run)
