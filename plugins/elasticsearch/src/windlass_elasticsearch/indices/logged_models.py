"""Logged models, with the latest points that runs measured of them.

A model that was measured before it was made has a document of which `gone` is true. `measured_by` are the ids of all
runs that ever measured it: they may have a point in their journal that has yet to come here. The `scopes` of a metric
say which data set was measured, see `windlass_elasticsearch.scopes`, and `newest` for which of them it is the newest
point of its key.
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

LOGGED_MODELS = Index(
    "logged-models",
    1,
    {
        **texts("model_id", "experiment_id", "name", "model_type", "status", "source_run_id", "artifact_location"),
        "uid": KEYWORD,
        "home": KEYWORD,
        "status_message": HIDDEN_KEYWORD,
        "lifecycle_stage": KEYWORD,
        "creation_timestamp": LONG,
        "last_updated_timestamp": LONG,
        "metrics": nested(
            {
                "key": KEYWORD,
                **number(),
                "step": LONG,
                "timestamp": LONG,
                "run_id": KEYWORD,
                "dataset_name": HIDDEN_KEYWORD,
                "dataset_digest": HIDDEN_KEYWORD,
                "scopes": KEYWORD,
                "newest": KEYWORD,
            }
        ),
        "params": KEYED,
        "tags": KEYED,
        "measured_by": KEYWORD,
        "gone": BOOLEAN,
        "journal": HIDDEN,
        "pending": BOOLEAN,
    },
)
