"""Why each run of an experiment is kept under a policy."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from windlass.entities import LoggedModel, Run, RunStatus
from windlass.errors import Conflict
from windlass.services.garbage.used_files import UsedFiles
from windlass.services.retention.policy import RetentionPolicy
from windlass.services.runs import DELETED_BY_TAG, DELETED_TAG, PARENT_TAG

_DAY = 86_400_000


def why_kept(
    policy: RetentionPolicy,
    runs: Sequence[Run],
    *,
    models: Mapping[str, Iterable[LoggedModel]],
    used: UsedFiles,
    now: int,
) -> dict[str, str]:
    """Run ids with the reason for which each is kept; a run that is not in it may go.

    Conflict if no run has the metric. `models` are the logged models of the experiment by run, `now` is in epoch ms.
    """
    kept = _best(policy, runs)
    for run in runs:
        reason = _reason(policy, run, tuple(models.get(run.info.run_id, ())), used, now)
        if reason is not None:
            kept.setdefault(run.info.run_id, reason)
    _add_parents(kept, runs)
    return kept


def _best(policy: RetentionPolicy, runs: Sequence[Run]) -> dict[str, str]:
    if policy.best is None:
        return {}
    valued = ((policy.value_of(run), run.info) for run in runs)
    ranked = [(value, -info.start_time, info.run_id) for value, info in valued if value is not None]
    if runs and not ranked:
        # Most likely the name is wrong, and all runs would go for it.
        problem = f"no run of experiment {policy.experiment_id} has a metric {policy.metric!r} to tell the best by"
        raise Conflict(problem, hint="nothing was removed; `windlass retention set` names another one")
    reason = f"among the best {policy.best} by {policy.metric}"
    return {run_id: reason for _, _, run_id in heapq.nsmallest(policy.best, ranked)}


def _reason(
    policy: RetentionPolicy, run: Run, models: tuple[LoggedModel, ...], used: UsedFiles, now: int
) -> str | None:
    tags = run.data.tags
    if policy.days is not None and run.info.start_time > now - policy.days * _DAY:
        return f"of the last {policy.days} days"
    if not RunStatus.is_terminated(run.info.status):
        return "not ended"
    if used.by_run(run) or any(used.by_model(one) for one in models):
        return "registered"
    if any(policy.has_keep_tag(one) for one in (tags, *(model.tags for model in models))):
        return "tagged"
    # Its mark without the time: somebody took it out of the bin, and does not want it back there.
    return "restored" if DELETED_BY_TAG in tags and DELETED_TAG not in tags else None


def _add_parents(kept: dict[str, str], runs: Iterable[Run]) -> None:
    """A run in which a kept one is nested is kept, and so on upwards."""
    parents = {run.info.run_id: run.data.tags.get(PARENT_TAG, "") for run in runs}
    for run_id in list(kept):
        parent = parents.get(run_id, "")
        while parent in parents and parent not in kept:
            kept[parent] = "the parent of a kept run"
            parent = parents[parent]
