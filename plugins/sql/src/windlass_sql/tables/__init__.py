"""The tables, one file a noun, in one MetaData."""

from __future__ import annotations

from windlass_sql.tables.experiments import experiment_tags, experiments
from windlass_sql.tables.logged_models import (
    logged_model_metrics,
    logged_model_params,
    logged_model_tags,
    logged_models,
)
from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.metrics import latest_metrics, metrics, series, summaries
from windlass_sql.tables.records import records
from windlass_sql.tables.registry import (
    aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)
from windlass_sql.tables.runs import (
    datasets,
    input_tags,
    inputs,
    model_inputs,
    model_outputs,
    params,
    run_tags,
    runs,
)
from windlass_sql.tables.settings import settings

__all__ = [
    "aliases",
    "datasets",
    "experiment_tags",
    "experiments",
    "input_tags",
    "inputs",
    "latest_metrics",
    "logged_model_metrics",
    "logged_model_params",
    "logged_model_tags",
    "logged_models",
    "metadata",
    "metrics",
    "model_inputs",
    "model_outputs",
    "model_version_tags",
    "model_versions",
    "params",
    "records",
    "registered_model_tags",
    "registered_models",
    "run_tags",
    "runs",
    "series",
    "settings",
    "summaries",
]
