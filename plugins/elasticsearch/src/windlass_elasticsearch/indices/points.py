"""Points of metrics, sorted on disk as they are read: `series` stands for a run and a key.

`rank` is the kind of a number and missing for NaN, so that a search for the least or the greatest finds NaN last.
`measured` is true if there is a data set or a logged model, for which the whole document must be read.
"""

from __future__ import annotations

from windlass_elasticsearch.indices.index import BOOLEAN, BYTE, HIDDEN_KEYWORD, KEYWORD, LONG, Index, number

ORDER = ("step", "timestamp", "kind", "value")

POINTS = Index(
    "points",
    1,
    {
        "series": KEYWORD,
        "run": KEYWORD,
        "step": LONG,
        "timestamp": LONG,
        **number(),
        "rank": BYTE,
        "measured": BOOLEAN,
        "model_id": HIDDEN_KEYWORD,
        "dataset_name": HIDDEN_KEYWORD,
        "dataset_digest": HIDDEN_KEYWORD,
    },
    {"sort": {"field": ["series", *ORDER], "order": ["asc"] * (1 + len(ORDER))}},
)
