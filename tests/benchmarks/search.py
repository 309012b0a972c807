"""What a page of a search costs as the number of runs grows: `uv run python tests/benchmarks/search.py`.

It is run on SQLite, and on PostgreSQL where one is started. Times are those of finding the rows of a page of 100 runs,
the best of some tries in milliseconds; reading what the runs have is the same work for every page.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import _pytest.outcomes
from dataset import fill_windlass

from windlass.config import Settings
from windlass.search import RUNS, Query
from windlass.testing.samples import query
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.ordering import in_view
from windlass_sql.pages import fetch_page
from windlass_sql.run_plans import find_runs
from windlass_sql.run_search import RUN_ENTITY
from windlass_sql.schema import open_database
from windlass_sql.tables import runs
from windlass_sql.testing import new_database

PAGE, TRIES, DEEP = 100, 7, 100
SEARCHES = {
    "newest": ("", []),
    "by metric": ("", ["metrics.m1 DESC"]),
    "by param, 50 values": ("", ["params.p2"]),
    "by param, 5 values, down": ("", ["params.p0 DESC"]),
    "by tag": ("", ["tags.team DESC"]),
    "by metric few have": ("", ["metrics.loss"]),
    "half, by its metric": ("metrics.m1 < 0.5", ["metrics.m1 DESC"]),
    "half, by another metric": ("metrics.m0 > 0.5", ["metrics.m1 DESC"]),
    "a seventh, by metric": ("tags.team = 'team-3'", ["metrics.m1"]),
    "a fiftieth, newest": ("params.p1 = '7'", []),
    "a fiftieth, by tag": ("params.p1 = '7'", ["tags.team"]),
    "three terms, newest": ("metrics.m0 > 0.5 AND params.p1 = '7' AND tags.team = 'team-3'", []),
    "three terms, by param": ("metrics.m0 > 0.5 AND params.p1 = '7' AND tags.team = 'team-3'", ["params.p3"]),
    "a rare metric": ("metrics.m0 < 0.0005", []),
    "one name": ("tags.`mlflow.runName` = 'run-77'", ["metrics.m1"]),
    "none": ("params.p1 = 'never'", ["params.p2"]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs=2, default=(20_000, 200_000), help="how many runs, few and many")
    few, many = parser.parse_args().runs
    for backend in ("sqlite", "postgresql"):
        try:
            report(backend, few, many)
        except _pytest.outcomes.Skipped as reason:
            print(f"{backend}: {reason}")


def report(backend: str, few: int, many: int) -> None:
    """Print what each search costs with few runs and with many, on the first page and deep down."""
    with filled(backend, few) as small, filled(backend, many) as large:
        print(f"{backend:26} {'first':>8} {'':8} {'':6} {f'page {DEEP}':>8}\n{'':26} {few:8} {many:8}  ratio {many:8}")
        for name, (text, order_by) in SEARCHES.items():
            asked = query(RUNS, text, order_by, experiment_ids=("0",), max_results=PAGE)
            before, after, deep = cost(small, asked), cost(large, asked), cost(large, asked, skipped=DEEP - 1)
            print(f"{name:26} {before:8.2f} {after:8.2f} {after / before:6.1f} {deep:8.2f}")


@contextmanager
def filled(backend: str, count: int) -> Iterator[Uri]:
    """A database with so many runs."""
    with tempfile.TemporaryDirectory() as directory:
        if backend == "sqlite":
            uri = Uri.parse(f"sqlite:///{directory}/windlass.db")
            fill_windlass(uri.text, count, 10)
            yield uri
        else:
            with new_database(backend) as uri:
                fill_windlass(uri.text, count, 10)
                yield uri


def cost(uri: Uri, asked: Query, *, skipped: int = 0) -> float:
    """The milliseconds that finding the rows takes, behind so many pages or as many as there are."""
    database = open_database(uri, Settings())
    try:
        for _ in range(skipped):
            _, token = found(database, asked)
            if token is None:
                break
            asked = replace(asked, page_token=token)
        return min(found(database, asked)[0] for _ in range(TRIES)) * 1000
    finally:
        database.close()


def found(database: Database, asked: Query) -> tuple[float, str | None]:
    """The seconds that a page takes, and the token of the next one."""
    view = in_view(runs.c.lifecycle_stage, asked.view)
    with database.read() as connection:
        began = time.perf_counter()
        _, token = fetch_page(connection, asked, RUN_ENTITY, view, page_key=b"", find=find_runs)
        return time.perf_counter() - began, token


if __name__ == "__main__":
    main()
