"""Series: the numbers under which the points of one metric of one run are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import sqlalchemy as sa

from windlass_sql import dialect
from windlass_sql.children import chunks
from windlass_sql.tables import series

Series = tuple[int, int | None, int | None]
"""A number, and the step and timestamp up to which its points are summarised, if they are."""

_COLUMNS = (series.c.series_id, series.c.summarised_step, series.c.summarised_timestamp)
_ONE = sa.select(*_COLUMNS).where(series.c.run_id == sa.bindparam("run_id"), series.c.key == sa.bindparam("key"))
_MANY = sa.select(series.c.key, *_COLUMNS).where(
    series.c.run_id == sa.bindparam("run_id"), series.c.key.in_(sa.bindparam("keys", expanding=True))
)


def find_series(connection: sa.Connection, run_id: str, key: str) -> Series | None:
    """The series of a metric; None if it was never logged."""
    return _find(connection, run_id, [key]).get(key)


def make_series(connection: sa.Connection, run_id: str, keys: Sequence[str]) -> dict[str, Series]:
    """The series of each key of the run, which is locked: a key that is new gets one."""
    found = _find(connection, run_id, keys)
    if missing := [key for key in keys if key not in found]:
        connection.execute(series.insert(), [{"run_id": run_id, "key": key} for key in missing])
        found |= _find(connection, run_id, missing)
    return found


def _find(connection: sa.Connection, run_id: str, keys: Sequence[str]) -> dict[str, Series]:
    if len(keys) == 1:
        # The way of a single logged number.
        row = dialect.first_row(connection, _ONE, run_id=run_id, key=keys[0])
        return {} if row is None else {keys[0]: cast("Series", row)}
    found: dict[str, Series] = {}
    for some in chunks(keys):
        rows = connection.execute(_MANY, {"run_id": run_id, "keys": some})
        found.update((key, (number, step, timestamp)) for key, number, step, timestamp in rows)
    return found
