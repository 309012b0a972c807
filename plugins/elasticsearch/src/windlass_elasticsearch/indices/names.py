"""Names that are taken: the id of a document says which, `target` whose it is; see `windlass_elasticsearch.names`."""

from __future__ import annotations

from windlass_elasticsearch.indices.index import HIDDEN_KEYWORD, KEYWORD, Index

NAMES = Index("names", 1, {"kind": KEYWORD, "name": HIDDEN_KEYWORD, "target": KEYWORD, "token": HIDDEN_KEYWORD})
