"""Runs as a flat table: one column for each metric, param and tag."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, TextIO

from windlass.entities import Run

_FIXED = ("run_id", "experiment_id", "run_name", "status", "start_time", "end_time", "user_id", "artifact_uri")


def write_csv(runs: Iterable[Run], file: TextIO) -> None:
    """Write the runs with a line of headings; times are epoch milliseconds UTC."""
    rows = [_row(run) for run in runs]
    names = {name for row in rows for name in row} - set(_FIXED)
    writer = csv.DictWriter(file, [*_FIXED, *sorted(names)], restval="")
    writer.writeheader()
    writer.writerows(rows)


def _row(run: Run) -> dict[str, Any]:
    return {
        **{name: getattr(run.info, name) for name in _FIXED},
        **{f"metrics.{key}": value for key, value in run.data.metrics.items()},
        **{f"params.{key}": value for key, value in run.data.params.items()},
        **{f"tags.{key}": value for key, value in run.data.tags.items()},
    }
