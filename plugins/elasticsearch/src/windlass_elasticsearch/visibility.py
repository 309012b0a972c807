"""Visibility: which runs are there, and which of them are deleted.

A run is not rewritten when its experiment is deleted: it counts as deleted too, unless it was restored by itself since.
So it remembers how often its experiment had been deleted when somebody last set its own stage. The `uid` of the
experiment that it was made in is its `home`; a run whose home is gone is gone with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from windlass.entities import LifecycleStage, ViewType
from windlass_elasticsearch.documents import Document, Source
from windlass_elasticsearch.numbers import NOTHING, Clause, both, either, opposite

GONE: Clause = {"term": {"gone": True}}


EXPERIMENT_FIELDS = ("uid", "gone", "lifecycle_stage", "deletions")
"""What this module looks at of an experiment."""
_TERMS = 10_000


def is_there(source: Source, experiment: Document | None) -> bool:
    """Whether what was made in an experiment is still there."""
    return not source.get("gone") and experiment is not None and _is_home(source["home"], experiment.source)


def stage_of(run: Source, experiment: Source) -> str:
    """The stage of a run, which its experiment's has a say in."""
    taken_along = (
        experiment["lifecycle_stage"] == LifecycleStage.DELETED and run["seen_deletions"] < experiment["deletions"]
    )
    return LifecycleStage.DELETED.value if taken_along else str(run["lifecycle_stage"])


def in_view(view: ViewType) -> list[Clause]:
    """The condition on what has but its own stage."""
    if view is ViewType.ALL:
        return []
    return [_has_stage(view)]


def homes(experiments: Sequence[Document | None]) -> list[str]:
    """The uids of the experiments that are there."""
    return [one.source["uid"] for one in experiments if one is not None and not one.source.get("gone")]


def runs_in_view(experiments: Sequence[Document | None], view: ViewType) -> list[Clause]:
    """The conditions on runs of these experiments."""
    there = [one.source for one in experiments if one is not None and not one.source.get("gone")]
    if view is ViewType.ALL:
        return [opposite(GONE), at_home([one["uid"] for one in there])]
    deleted = [one for one in there if one["lifecycle_stage"] == LifecycleStage.DELETED]
    others = [one["uid"] for one in there if one["lifecycle_stage"] != LifecycleStage.DELETED]
    shown = [both(at_home(others), _has_stage(view)), *(_in_deleted(one, view) for one in deleted)]
    return [opposite(GONE), either(*shown)]


def at_home(uids: Sequence[str]) -> Clause:
    """What was made in one of these experiments."""
    pieces: list[Clause] = [{"terms": {"home": list(uids[at : at + _TERMS])}} for at in range(0, len(uids), _TERMS)]
    return either(*pieces) if pieces else NOTHING


def _is_home(uid: str, experiment: Source) -> bool:
    return not experiment.get("gone") and bool(experiment["uid"] == uid)


def _has_stage(view: ViewType) -> Clause:
    stage = LifecycleStage.ACTIVE if view is ViewType.ACTIVE_ONLY else LifecycleStage.DELETED
    return {"term": {"lifecycle_stage": stage.value}}


def _in_deleted(experiment: Source, view: ViewType) -> Clause:
    active = both({"range": {"seen_deletions": {"gte": experiment["deletions"]}}}, _has_stage(ViewType.ACTIVE_ONLY))
    shown = active if view is ViewType.ACTIVE_ONLY else opposite(active)
    return both({"term": {"home": experiment["uid"]}}, shown)
