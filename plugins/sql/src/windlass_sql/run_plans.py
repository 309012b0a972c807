"""Run plans: how the runs of a page are found without looking at all that there are.

Each plan gives the same rows, sorted by the same keys, so pages may be found by different ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from windlass.search.cursor import SortValue
from windlass_sql.driving import Driver, drivers, rarest
from windlass_sql.ordering import in_order
from windlass_sql.phases import Phases
from windlass_sql.searching import Search, Source
from windlass_sql.tables import runs
from windlass_sql.values import Values, is_place

FEW = 10
"""So many experiments are searched one by one, each along its indexes."""


def find_runs(search: Search, after: Sequence[SortValue] | None, limit: int) -> Sequence[Any]:
    """The first runs of the query's experiments behind `after`."""
    ids = search.query.experiment_ids
    if not ids or len(ids) > FEW:
        return search.read(Source(runs, (runs.c.experiment_id.in_(ids),)), search.keys, limit=limit, after=after)
    found = [row for experiment_id in ids for row in _find_in(search, experiment_id, after, limit)]
    return found if len(ids) == 1 else in_order(found, search.keys)[:limit]


def _find_in(search: Search, experiment_id: str, after: Sequence[SortValue] | None, limit: int) -> Sequence[Any]:
    candidates = drivers(search)
    ordered = [one for one in candidates if one.keeps_order] if is_place(search.keys) else []
    if ordered and len(candidates) == 1:
        return _follow(search, ordered[0], experiment_id, after, limit)
    if candidates and (rare := rarest(search, candidates, experiment_id)) is not None:
        driver, count = rare
        if not count:
            return []
        if ordered and driver.keeps_order:
            return _follow(search, driver, experiment_id, after, limit)
        return search.read(driver.values.source(experiment_id), search.keys, limit=limit, after=after)
    if ordered:
        return _follow(search, ordered[0], experiment_id, after, limit)
    return _look_through(search, experiment_id, after, limit)


def _look_through(search: Search, experiment_id: str, after: Sequence[SortValue] | None, limit: int) -> Sequence[Any]:
    """In the order of the answer, until there are enough."""
    lead = search.query.order_by[0].field if search.query.order_by else None
    if lead is not None and (values := Values.of(search.connection, lead)) is not None:
        return Phases(search, values, experiment_id).read(after, limit)
    here = runs.c.experiment_id == experiment_id
    return search.read(Source(runs, (here,)), search.keys, limit=limit, after=after)


def _follow(
    search: Search, driver: Driver, experiment_id: str, after: Sequence[SortValue] | None, limit: int
) -> Sequence[Any]:
    """Along the entries of a term that stand in the order of the answer."""
    values = driver.values
    return search.read(values.source(experiment_id), values.placed(search.keys), limit=limit, after=after)
