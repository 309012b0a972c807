"""Registered models, by an id of their own, which stays when the name changes.

All changes of a model and its versions are writes of its document, which `changes` counts. `numbers` has those of its
versions by stage, and `last_version` the highest that there ever was.
"""

from __future__ import annotations

from windlass_elasticsearch.indices.index import BOOLEAN, HIDDEN, KEYED, KEYWORD, LONG, Index, texts

REGISTERED_MODELS = Index(
    "registered-models",
    1,
    {
        **texts("name", "description"),
        "uid": KEYWORD,
        "creation_timestamp": LONG,
        "last_updated_timestamp": LONG,
        "tags": KEYED,
        "changes": LONG,
        "last_version": LONG,
        "aliases": HIDDEN,
        "numbers": HIDDEN,
        "gone": BOOLEAN,
        "claim": HIDDEN,
        "journal": HIDDEN,
        "pending": BOOLEAN,
    },
)
