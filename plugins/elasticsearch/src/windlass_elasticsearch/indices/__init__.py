"""The indices, one a file; one that is listed in ALL is made, checked and upgraded with the others."""

from __future__ import annotations

from windlass_elasticsearch.indices.experiments import EXPERIMENTS
from windlass_elasticsearch.indices.index import Index
from windlass_elasticsearch.indices.logged_models import LOGGED_MODELS
from windlass_elasticsearch.indices.model_versions import MODEL_VERSIONS
from windlass_elasticsearch.indices.names import NAMES
from windlass_elasticsearch.indices.points import POINTS
from windlass_elasticsearch.indices.records import RECORDS
from windlass_elasticsearch.indices.registered_models import REGISTERED_MODELS
from windlass_elasticsearch.indices.runs import RUNS

ALL = (EXPERIMENTS, RUNS, POINTS, LOGGED_MODELS, REGISTERED_MODELS, MODEL_VERSIONS, RECORDS, NAMES)

__all__ = [
    "ALL",
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODEL_VERSIONS",
    "NAMES",
    "POINTS",
    "RECORDS",
    "REGISTERED_MODELS",
    "RUNS",
    "Index",
]
