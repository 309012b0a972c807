"""Series: the numbers under which the points of one metric of one run are kept."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from windlass_sql import dialect
from windlass_sql.children import chunks
from windlass_sql.tables import series

_ONE = sa.select(series.c.series_id).where(
    series.c.run_id == sa.bindparam("run_id"), series.c.key == sa.bindparam("key")
)
_MANY = sa.select(series.c.key, series.c.series_id).where(
    series.c.run_id == sa.bindparam("run_id"), series.c.key.in_(sa.bindparam("keys", expanding=True))
)


def series_numbers(connection: sa.Connection, run_id: str, keys: Sequence[str]) -> dict[str, int]:
    """The number of each key of the run, which is locked: a key that is new gets one."""
    found = _find(connection, run_id, keys)
    if missing := [key for key in keys if key not in found]:
        connection.execute(series.insert(), [{"run_id": run_id, "key": key} for key in missing])
        found |= _find(connection, run_id, missing)
    return found


def _find(connection: sa.Connection, run_id: str, keys: Sequence[str]) -> dict[str, int]:
    if len(keys) == 1:
        # The way of a single logged number.
        number = dialect.scalar(connection, _ONE, run_id=run_id, key=keys[0])
        return {} if number is None else {keys[0]: number}
    found: dict[str, int] = {}
    for some in chunks(keys):
        rows = connection.execute(_MANY, {"run_id": run_id, "keys": some})
        found.update((key, number) for key, number in rows)
    return found
