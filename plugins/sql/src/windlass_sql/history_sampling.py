"""Samples of a history: from summaries where it is long, from its points where it is not."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from windlass.entities import Metric
from windlass.interfaces.metric_sampling import (
    GROUP,
    Point,
    as_metrics,
    in_groups,
    sample_groups,
    sample_points,
    summary,
    uses_groups,
)
from windlass_sql.dialect import Row
from windlass_sql.summaries import before, behind, decoded, group, read_groups
from windlass_sql.tables import metrics

_POINTS = (metrics.c.step, metrics.c.timestamp, metrics.c.kind, metrics.c.value)


class HistorySampling:
    """The sample of one series between two steps, in a transaction that sees one moment."""

    def __init__(self, connection: sa.Connection, number: int, start: int | None, end: int | None) -> None:
        self.connection = connection
        self.number = number
        self.start = start
        self.end = end

    def sample(self, key: str, points: int) -> list[Metric]:
        """What `windlass.interfaces.metric_sampling.sample` gives of the whole history."""
        rows = read_groups(self.connection, self.number, self.start, self.end)
        if not rows:
            return as_metrics(key, self._of_groups(in_groups(self._points(), self.start, self.end), points))
        # The first row is the one before the first step, if there is one: of its group only the end is in sight.
        begun = self.start is not None and rows[0][0] < self.start
        head = self._ends(rows[0], rows[1] if len(rows) > 1 else None) if begun else []
        whole = rows[1:] if begun else rows
        rest = self._ends(whole[-1], None) if whole else []
        count = sum(map(len, head)) + GROUP * max(len(whole) - 1, 0) + sum(map(len, rest))
        if not uses_groups(count, points):
            return as_metrics(key, sample_points(self._points(first=self.start), points))
        return as_metrics(key, self._of_rows(head, whole, rest, points))

    def _of_groups(self, found: Sequence[Sequence[Point]], points: int) -> list[Point]:
        if not uses_groups(sum(map(len, found)), points):
            return sample_points([one for members in found for one in members], points)
        return sample_groups([summary(one) for one in found], found[-1][-1], points, found.__getitem__)

    def _of_rows(
        self, head: Sequence[Sequence[Point]], whole: Sequence[Row], rest: Sequence[Sequence[Point]], points: int
    ) -> list[Point]:
        inner = len(whole) - 1 if whole else 0
        groups = [*map(summary, head), *map(group, whole[:inner]), *map(summary, rest)]
        last = (rest or head)[-1][-1]

        def members(place: int) -> Sequence[Point]:
            if place < len(head):
                return head[place]
            place -= len(head)
            if place < inner:
                return self._points(whole[place], whole[place + 1])
            return rest[place - inner]

        return sample_groups(groups, last, points, members)

    def _ends(self, row: Row, following: Row | None) -> list[list[Point]]:
        """The points in sight from the beginning of a group on, in groups."""
        return in_groups(self._points(row, following), self.start, self.end)

    def _points(self, row: Row | None = None, following: Row | None = None, first: int | None = None) -> list[Point]:
        found = sa.select(*_POINTS).where(metrics.c.series_id == self.number).order_by(*_POINTS)
        if row is not None:
            found = found.where(behind(metrics, row[:4]))
        if following is not None:
            found = found.where(before(following[:4]))
        if first is not None:
            found = found.where(metrics.c.step >= first)
        if self.end is not None:
            found = found.where(metrics.c.step <= self.end)
        return [decoded(one) for one in self.connection.execute(found)]
