"""Runs, with all that a search sees of them: the points of their metrics are in an index of their own.

`home` is the `uid` of the experiment, `uid` tells a run from an earlier one of the same id. Of each metric there is the
latest point, and of its whole history the least and the greatest number and the first point.
"""

from __future__ import annotations

from windlass_elasticsearch.indices.index import (
    BOOLEAN,
    HIDDEN,
    HIDDEN_KEYWORD,
    KEYED,
    KEYWORD,
    LONG,
    Index,
    nested,
    number,
    texts,
)

_METRIC = nested(
    {
        "key": KEYWORD,
        **number(),
        **number("min_"),
        **number("max_"),
        **number("first_"),
        "step": LONG,
        "timestamp": LONG,
        "first_step": LONG,
        "first_timestamp": LONG,
        "model_id": HIDDEN_KEYWORD,
        "dataset_name": HIDDEN_KEYWORD,
        "dataset_digest": HIDDEN_KEYWORD,
    }
)

RUNS = Index(
    "runs",
    1,
    {
        **texts("run_id", "run_name", "user_id", "status", "artifact_uri"),
        "uid": KEYWORD,
        "experiment_id": KEYWORD,
        "home": KEYWORD,
        "lifecycle_stage": KEYWORD,
        "seen_deletions": LONG,
        "start_time": LONG,
        "end_time": LONG,
        "has_end_time": BOOLEAN,
        "metrics": _METRIC,
        "params": KEYED,
        "tags": KEYED,
        "datasets": nested(texts("name", "digest", "context")),
        "inputs": HIDDEN,
        "measured_models": KEYWORD,
        "gone": BOOLEAN,
        "journal": HIDDEN,
        "pending": BOOLEAN,
    },
)
