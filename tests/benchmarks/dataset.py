"""The same runs in a database of each side, written with few statements: logging 20,000 runs to MLflow takes an hour.

Each run has 10 params, 5 metrics and 4 tags; one more run has a metric with a long history.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from windlass.config import Settings
from windlass.uri import Uri
from windlass_sql import tables
from windlass_sql.database import Database
from windlass_sql.tracking import SqlTrackingStore

HISTORY_RUN = "f" * 32
HISTORY_KEY = "loss"
PARAMS, METRICS = 10, 5
_CHUNK = 20_000
_BEGIN = 1_700_000_000_000


@dataclass(frozen=True, slots=True)
class SampleRun:
    """One run's values."""

    run_id: str
    number: int
    start_time: int
    params: list[tuple[str, str]]
    metrics: list[tuple[str, float]]
    tags: list[tuple[str, str]]


def sample_runs(count: int) -> Iterator[SampleRun]:
    """Runs that are the same every time."""
    chance = random.Random(1)
    for number in range(count):
        yield SampleRun(
            f"{number:032x}",
            number,
            _BEGIN + number * 1000,
            [(f"p{key}", str(chance.randrange(50 if key else 5))) for key in range(PARAMS)],
            [(f"m{key}", chance.random()) for key in range(METRICS)],
            [
                ("mlflow.runName", f"run-{number}"),
                ("mlflow.user", "ada"),
                ("mlflow.source.name", "train.py"),
                ("team", f"team-{number % 7}"),
            ],
        )


def fill_windlass(
    url: str, runs: int, points: int, *, sample: Callable[[int], Iterable[SampleRun]] = sample_runs
) -> None:
    """Fill an empty database of ours."""
    settings = Settings(home=Path())
    SqlTrackingStore.open(Uri.parse(url), settings).close()
    database = Database.connect(Uri.parse(url), settings)
    with database.read() as connection:
        base = connection.execute(sa.select(sa.func.coalesce(sa.func.max(tables.series.c.series_id), 0))).scalar_one()
    for some in chunks(sample(runs), _CHUNK // 10):
        with database.write() as connection:
            _insert(connection, tables.runs, (_our_run(one.run_id, one.number, one.start_time) for one in some))
            for table, name in ((tables.params, "params"), (tables.run_tags, "tags")):
                rows = ({**_our_owner(one), "key": k, "value": v} for one in some for k, v in getattr(one, name))
                _insert(connection, table, rows)
            points_of = [
                (base + one.number * METRICS + place + 1, one, *metric)
                for one in some
                for place, metric in enumerate(one.metrics)
            ]
            _insert(
                connection,
                tables.series,
                ({"series_id": s, "run_id": one.run_id, "key": k} for s, one, k, _ in points_of),
            )
            _insert(connection, tables.metrics, (_our_point(series_id=s, value=v) for s, _, _, v in points_of))
            _insert(
                connection,
                tables.latest_metrics,
                (_our_point(**_our_owner(one), key=k, value=v) for _, one, k, v in points_of),
            )
    with database.write() as connection:
        series_id = base + runs * METRICS + 1
        _insert(connection, tables.runs, [_our_run(HISTORY_RUN, runs, _BEGIN - 1)])
        _insert(connection, tables.series, [{"series_id": series_id, "run_id": HISTORY_RUN, "key": HISTORY_KEY}])
    for steps in chunks(range(points), _CHUNK):
        with database.write() as connection:
            _insert(
                connection,
                tables.metrics,
                (_our_point(series_id=series_id, step=step, timestamp=step, value=_loss(step)) for step in steps),
            )
    with database.write() as connection:
        last = _our_point(
            run_id=HISTORY_RUN,
            experiment_id="0",
            start_time=_BEGIN - 1,
            key=HISTORY_KEY,
            step=points - 1,
            timestamp=points - 1,
            value=_loss(points - 1),
        )
        _insert(connection, tables.latest_metrics, [last])
        if database.engine.dialect.name in {"sqlite", "postgresql"}:
            connection.exec_driver_sql("ANALYZE")
    database.close()


def fill_mlflow(file: Path, runs: int, points: int) -> None:
    """Fill the SQLite file of an MLflow server that has created its tables."""
    connection = sqlite3.connect(file)
    run = "INSERT INTO runs VALUES (?, ?, 'LOCAL', 'train.py', '', 'ada', 'FINISHED', ?, ?, '', 'active', ?, 0, NULL)"
    for one in sample_runs(runs):
        connection.execute(
            run, (one.run_id, f"run-{one.number}", one.start_time, one.start_time + 5, "x/" + one.run_id)
        )
        connection.executemany(
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", [(*pair, one.run_id) for pair in one.params]
        )
        connection.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", [(*pair, one.run_id) for pair in one.tags]
        )
        for table in ("metrics", "latest_metrics"):
            connection.executemany(
                f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, 1, 0, 0, ?)",
                [(*pair, one.run_id) for pair in one.metrics],
            )
    connection.execute(run, (HISTORY_RUN, "history", _BEGIN - 1, _BEGIN, "x/h"))
    for table, steps in (("metrics", range(points)), ("latest_metrics", range(points - 1, points))):
        connection.executemany(
            f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, ?, 0, ?)",
            ((HISTORY_KEY, _loss(step), step, step, HISTORY_RUN) for step in steps),
        )
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _our_run(run_id: str, number: int, start_time: int) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "experiment_id": "0",
        "run_name": f"run-{number}",
        "user_id": "ada",
        "status": "FINISHED",
        "start_time": start_time,
        "end_time": start_time + 5,
        "artifact_uri": f"mlflow-artifacts:/0/{run_id}/artifacts",
        "lifecycle_stage": "active",
    }


def _our_owner(run: SampleRun) -> dict[str, Any]:
    """What every value of a run has beside it."""
    return {"run_id": run.run_id, "experiment_id": "0", "start_time": run.start_time}


def _our_point(**values: Any) -> dict[str, Any]:
    return {"step": 0, "timestamp": 1, "kind": 0, **values}


def _loss(step: int) -> float:
    return 1.0 / (1 + step % 1000) + step % 7


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        _copy(connection, table, list(rows))
    else:
        connection.execute(table.insert(), list(rows))


def _copy(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """PostgreSQL's way for many rows, ten times as fast."""
    names = ", ".join(f'"{name}"' for name in rows[0])
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))


def chunks(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most so many values."""
    iterator = iter(values)
    take: Callable[[], list[Any]] = lambda: list(islice(iterator, size))  # noqa: E731  two words
    while chunk := take():
        yield chunk
