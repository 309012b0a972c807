"""Experiments.

`uid` tells an experiment from an earlier one of the same id; `deletions` counts how often it was deleted, for the
runs, see `windlass_elasticsearch.visibility`. A document of which `gone` is true is one that is being made or purged.
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
    texts,
)

EXPERIMENTS = Index(
    "experiments",
    1,
    {
        **texts("experiment_id", "name"),
        "uid": KEYWORD,
        "artifact_location": HIDDEN_KEYWORD,
        "lifecycle_stage": KEYWORD,
        "deletions": LONG,
        "creation_time": LONG,
        "last_update_time": LONG,
        "tags": KEYED,
        "gone": BOOLEAN,
        "claim": HIDDEN,
        "journal": HIDDEN,
        "pending": BOOLEAN,
    },
)
