"""Summaries: what charts need of long histories, a row for each group of points.

They are made by whoever reads, in pieces: a piece is read and worked out without any lock, and kept if nothing has come
between meanwhile. Whoever logs a point that lies before the end of the summaries takes those back that it could change.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa

from windlass.interfaces.metric_sampling import GROUP, Group, Point, summary
from windlass_sql import inserts
from windlass_sql.dialect import Row
from windlass_sql.numbers import FINITE, decode, encode
from windlass_sql.series import Series
from windlass_sql.tables import metrics, series, summaries

PIECE = 512
"""How many groups are summarised at once."""
ENOUGH = 10_000
"""How many points may lie behind the summaries before it is worth going on with them."""

_POSITION = ("step", "timestamp", "kind", "value")
_POINTS = [metrics.c[name] for name in _POSITION]
_STARTS = [summaries.c[name] for name in _POSITION]


def decoded(row: Sequence[Any]) -> Point:
    """The point of the columns `step`, `timestamp`, `kind` and `value`."""
    step, timestamp, kind, value = row
    return (step, timestamp, value if kind == FINITE else decode(kind, value))


def behind(table: sa.FromClause, row: Sequence[Any], *, including: bool = True) -> sa.ColumnElement[bool]:
    """Whether a row of a table of points lies at or behind a position; the index can use the first half."""
    order = [table.c[name] for name in _POSITION]
    here = [sa.literal(value, column.type) for value, column in zip(row, order, strict=True)]
    beyond = sa.tuple_(*order) >= sa.tuple_(*here) if including else sa.tuple_(*order) > sa.tuple_(*here)
    return sa.and_(table.c.step >= row[0], beyond)


def before(row: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Whether a point lies before a position."""
    here = [sa.literal(value, column.type) for value, column in zip(row, _POINTS, strict=True)]
    return sa.and_(metrics.c.step <= row[0], sa.tuple_(*_POINTS) < sa.tuple_(*here))


def is_behind(connection: sa.Connection, one: Series) -> bool:
    """Whether so many points lie behind the summaries that it is worth going on with them."""
    number, step, timestamp = one
    condition = metrics.c.series_id == number
    if step is not None:
        late = sa.or_(metrics.c.step > step, metrics.c.timestamp > timestamp)
        condition = sa.and_(condition, metrics.c.step >= step, late)
    some = sa.select(sa.literal_column("1")).where(condition).limit(ENOUGH + 1).subquery()
    return bool(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() > ENOUGH)


def last_start(connection: sa.Connection, number: int) -> Row | None:
    """The position where the points begin that are not summarised; None without summaries."""
    found = sa.select(*_STARTS).where(summaries.c.series_id == number).order_by(*(one.desc() for one in _STARTS))
    row = connection.execute(found.limit(1)).one_or_none()
    return None if row is None else tuple(row)


def next_piece(connection: sa.Connection, number: int, start: Row | None) -> Sequence[Sequence[Any]]:
    """The positions of a piece's points, from its start on, with the one that begins the next piece."""
    points = sa.select(*_POINTS).where(metrics.c.series_id == number).order_by(*_POINTS).limit(PIECE * GROUP + 1)
    if start is not None:
        points = points.where(behind(metrics, start))
    rows = connection.execute(points).all()
    return rows[: (len(rows) - 1) // GROUP * GROUP + 1]


def summarised(number: int, piece: Sequence[Sequence[Any]]) -> list[Row]:
    """The rows of a piece: a summary of each group, and where the next piece begins."""
    points = [
        (step, timestamp, value if kind == FINITE else decode(kind, value)) for step, timestamp, kind, value in piece
    ]
    groups = [summary(points[place : place + GROUP]) for place in range(0, len(points) - 1, GROUP)]
    rows = [_row(number, piece[place * GROUP], group) for place, group in enumerate(groups)]
    return [*rows, _row(number, piece[-1], (points[-1],) * 3)]


def keep(connection: sa.Connection, start: Row | None, piece: Sequence[Sequence[Any]], rows: Sequence[Row]) -> bool:
    """Keep the rows of a piece in a transaction that holds the run; False if the piece is no longer what it was."""
    number = rows[0][0]
    end = piece[-1]
    count = sa.select(sa.func.count()).where(metrics.c.series_id == number, before(end))
    if start is not None:
        count = count.where(behind(metrics, start))
    if last_start(connection, number) != start or connection.execute(count).scalar_one() != len(piece) - 1:
        return False
    inserts.put(connection, summaries, rows)
    _tell_end(connection, number, end)
    return True


def take_back(connection: sa.Connection, number: int, earliest: tuple[int, int]) -> None:
    """Forget the summaries that points of this step and timestamp, or later ones, could change."""
    step, timestamp = earliest
    late = sa.or_(summaries.c.step > step, summaries.c.timestamp >= timestamp)
    connection.execute(summaries.delete().where(summaries.c.series_id == number, summaries.c.step >= step, late))
    _tell_end(connection, number, last_start(connection, number))


def read_groups(connection: sa.Connection, number: int, start: int | None, end: int | None) -> Sequence[Row]:
    """The summaries that begin between two steps, and the last one that begins before them."""
    found = sa.select(*summaries.columns[1:]).where(summaries.c.series_id == number)
    rows: list[Any] = []
    if start is not None:
        earlier = found.where(summaries.c.step < start).order_by(*(one.desc() for one in _STARTS)).limit(1)
        rows += connection.execute(earlier).all()
        found = found.where(summaries.c.step >= start)
    if end is not None:
        found = found.where(summaries.c.step <= end)
    return [*rows, *connection.execute(found.order_by(*_STARTS)).all()]


def group(row: Row) -> Group:
    """The group of a row of summaries."""
    return (decoded(row[:4]), decoded(row[4:8]), decoded(row[8:]))


def _tell_end(connection: sa.Connection, number: int, end: Sequence[Any] | None) -> None:
    step, timestamp = (None, None) if end is None else end[:2]
    ends = series.update().where(series.c.series_id == number)
    connection.execute(ends.values(summarised_step=step, summarised_timestamp=timestamp))


def _row(number: int, start: Sequence[Any], found: Group) -> Row:
    extremes = ((step, timestamp, *encode(value)) for step, timestamp, value in found[1:])
    return (number, *start, *chain.from_iterable(extremes))
