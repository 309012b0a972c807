"""Versions of registered models; `home` is the `uid` of the model, whose name stands here to be searched.

A document is written under the number of the change of its model that it comes from, never under an older one. One of
which `gone` is true is that of a deleted version: it keeps older changes from bringing it back.
"""

from __future__ import annotations

from windlass_elasticsearch.indices.index import BOOLEAN, HIDDEN_KEYWORD, KEYED, KEYWORD, LONG, Index, texts

MODEL_VERSIONS = Index(
    "model-versions",
    1,
    {
        **texts("name", "run_id", "source", "model_id", "current_stage", "status", "description", "user_id"),
        "home": KEYWORD,
        "version": LONG,
        "creation_timestamp": LONG,
        "last_updated_timestamp": LONG,
        "run_link": HIDDEN_KEYWORD,
        "status_message": HIDDEN_KEYWORD,
        "tags": KEYED,
        "gone": BOOLEAN,
    },
)
