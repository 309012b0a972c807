"""Samples of a metric's history: as many points as a chart has room for, and what they show.

A history is cut into columns of equal width, along the steps or, where all points have one step, along the time. Of
each column the least and the greatest value are kept, besides the first and the last point of all, so no spike is lost.
NaN counts only in a column that has nothing else, of which it keeps the first; the infinities are numbers like others.

So that a store can keep summaries, points of a long history are taken in groups of `GROUP` neighbours, counted from the
history's first point: a group belongs whole to the column in which it begins. That applies where there are as many
groups as columns, and to groups that reach no further than the next column, so it moves a border by less than a column.
A store that needs no summaries may take each point by itself, however long the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isnan
from typing import Protocol, runtime_checkable

from windlass.entities import Metric

GROUP = 128
MIN_POINTS, MAX_POINTS = 2, 10_000

Point = tuple[int, int, float]
"""Step, timestamp and value; a history of a million of them is too long for anything with a name."""
Group = tuple[Point, Point, Point]
"""What a chart shows of neighbours: their first point, and the least and the greatest value."""


@runtime_checkable
class SamplesMetrics(Protocol):
    """A run store that samples histories itself."""

    def sample_history(
        self, run_id: str, key: str, *, points: int, start_step: int | None = None, end_step: int | None = None
    ) -> list[Metric]:
        """What `sample` gives of the metric's whole history, in groups or without; NotFound without such a run."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """How a history is cut: `count` columns between its first and its last point, along the steps or the time."""

    by_step: bool
    low: int
    width: int
    count: int

    @classmethod
    def between(cls, first: Point, last: Point, points: int) -> Columns:
        """The columns for a sample of so many points: two go to the ends, and each column has two."""
        by_step = first[0] != last[0]
        low, high = (first[0], last[0]) if by_step else (first[1], last[1])
        return cls(by_step, low, high - low + 1, _count(points))

    def of(self, point: Point) -> int:
        """The number of the column in which a point lies."""
        return ((point[0] if self.by_step else point[1]) - self.low) * self.count // self.width


def sample(
    history: Iterable[Metric],
    *,
    points: int,
    start_step: int | None = None,
    end_step: int | None = None,
    grouped: bool = True,
) -> list[Metric]:
    """At most `points` points of the history between two steps, both included; all of them if they are no more.

    The history is whole and in its order. What was measured, data set and logged model, is left out. Without `grouped`
    each point is taken by itself.
    """
    ordered = list(history)
    key = ordered[0].key if ordered else ""
    found = in_groups(((one.step, one.timestamp, one.value) for one in ordered), start_step, end_step)
    count = sum(map(len, found))
    if not (grouped and uses_groups(count, points)):
        return as_metrics(key, sample_points([one for group in found for one in group], points))
    groups = [summary(group) for group in found]
    return as_metrics(key, sample_groups(groups, found[-1][-1], points, found.__getitem__))


def uses_groups(count: int, points: int) -> bool:
    """Whether so many points of a history are taken in groups."""
    return count > points and count >= GROUP * _count(points)


def in_groups(history: Iterable[Point], start_step: int | None, end_step: int | None) -> list[list[Point]]:
    """The points between two steps in their groups; the history begins with the first point of a group."""
    ranked = (
        (rank // GROUP, one)
        for rank, one in enumerate(history)
        if (start_step is None or one[0] >= start_step) and (end_step is None or one[0] <= end_step)
    )
    return [[one for _, one in members] for _, members in groupby(ranked, key=lambda pair: pair[0])]


def sample_points(found: Sequence[Point], points: int) -> list[Point]:
    """The sample of points that are each taken by itself."""
    if len(found) <= points:
        return list(found)
    return _kept(Columns.between(found[0], found[-1], points), [(one, one, one) for one in found], found[-1])


def sample_groups(
    groups: Sequence[Group], last: Point, points: int, members: Callable[[int], Sequence[Point]]
) -> list[Point]:
    """The sample of groups that end with the point `last`; `members` gives the points of one that must be split."""
    columns = Columns.between(groups[0][0], last, points)
    places = [columns.of(first) for first, _, _ in groups] + [columns.of(last)]
    pieces: list[Group] = []
    for number, group in enumerate(groups):
        if places[number + 1] - places[number] > 1:
            pieces.extend((one, one, one) for one in members(number))
        else:
            pieces.append(group)
    return _kept(columns, pieces, last)


def summary(points: Sequence[Point]) -> Group:
    """What a chart shows of neighbours."""
    return (points[0], _extreme(points, min), _extreme(points, max))


def as_metrics(key: str, points: Iterable[Point]) -> list[Metric]:
    """The points as metrics."""
    return [Metric(key, value, timestamp, step) for step, timestamp, value in points]


def _count(points: int) -> int:
    return (points - 2) // 2


def _kept(columns: Columns, groups: Sequence[Group], last: Point) -> list[Point]:
    """The ends and of each column the least and the greatest value, in their order."""
    chosen = [groups[0][0], last]
    if columns.count:
        for _, members in groupby(groups, key=lambda group: columns.of(group[0])):
            column = list(members)
            chosen.append(_extreme([least for _, least, _ in column], min))
            chosen.append(_extreme([greatest for _, _, greatest in column], max))
    kept = {_order(one): one for one in reversed(chosen)}
    return [kept[order] for order in sorted(kept)]


def _extreme(points: Sequence[Point], choose: Callable[[Iterable[float]], float]) -> Point:
    """The first point with the least or greatest number; the first one if there is no number."""
    values = [one[2] for one in points]
    # Most groups hold no NaN, and this is the quickest way to see that; opposite infinities add up to one as well.
    if isnan(sum(values)):
        points = [one for one in points if not isnan(one[2])] or points[:1]
        values = [one[2] for one in points]
    return points[values.index(choose(values))] if len(points) > 1 else points[0]


def _order(point: Point) -> tuple[int, int, bool, float]:
    step, timestamp, value = point
    number = not isnan(value)
    return (step, timestamp, number, value if number else 0.0)
