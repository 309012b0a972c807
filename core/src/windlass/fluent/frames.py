"""Search results as pandas tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from windlass.entities import LoggedModel, Run
from windlass.errors import MissingDependency


def runs_frame(runs: Sequence[Run]) -> Any:
    """One row a run; metrics are floats, params and tags texts, missing ones NaN or None; times are UTC."""
    pandas = import_pandas()
    rows = [_row(run) for run in runs]
    fixed = ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]
    names = dict.fromkeys(name for row in rows for name in row if name not in fixed)
    grouped = [name for prefix in ("metrics.", "params.", "tags.") for name in names if name.startswith(prefix)]
    frame = pandas.DataFrame({name: [row.get(name) for row in rows] for name in [*fixed, *grouped]})
    for name in ("start_time", "end_time"):
        frame[name] = pandas.to_datetime(frame[name], unit="ms", utc=True)
    for name in grouped:
        frame[name] = frame[name].astype(float if name.startswith("metrics.") else object)
    return frame


def logged_models_frame(models: Sequence[LoggedModel]) -> Any:
    """One row a logged model."""
    pandas = import_pandas()
    fields = ("model_id", "experiment_id", "name", "source_run_id", "model_type", "status", "artifact_location")
    rows = [
        {
            **{field: getattr(model, field) for field in fields},
            "creation_timestamp": model.creation_timestamp,
            "params": dict(model.params),
            "tags": dict(model.tags),
            "metrics": {metric.key: metric.value for metric in model.metrics},
        }
        for model in models
    ]
    return pandas.DataFrame(rows)


def import_pandas() -> Any:
    """The pandas package; MissingDependency if it is not installed."""
    try:
        import pandas  # noqa: PLC0415, ICN001  heavy, and not everyone has it
    except ImportError as error:
        raise MissingDependency("this answer is a table, which needs pandas", hint="pip install pandas") from error
    return pandas


def _row(run: Run) -> dict[str, Any]:
    info = run.info
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "status": info.status,
        "artifact_uri": info.artifact_uri,
        "start_time": info.start_time,
        "end_time": info.end_time,
        **{f"metrics.{key}": value for key, value in run.data.metrics.items()},
        **{f"params.{key}": value for key, value in run.data.params.items()},
        **{f"tags.{key}": value for key, value in run.data.tags.items()},
    }
