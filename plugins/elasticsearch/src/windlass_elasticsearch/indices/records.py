"""Records; the value is JSON as a text, which comes back as it was."""

from __future__ import annotations

from windlass_elasticsearch.indices.index import HIDDEN_KEYWORD, KEYWORD, LONG, Index

RECORDS = Index("records", 1, {"collection": KEYWORD, "key": KEYWORD, "revision": LONG, "value": HIDDEN_KEYWORD})
