"""Comparison: the metrics of two runs, beside each other."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

SYSTEM = "system/"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a value may be from the original: `absolute` plus `relative` times the original's size."""

    relative: float = 1e-9
    absolute: float = 0.0

    def allows(self, original: float, again: float) -> bool:
        """Whether a value is as good as the original; NaN is equal to NaN."""
        if math.isnan(original) or math.isnan(again):
            return math.isnan(original) and math.isnan(again)
        if math.isinf(original) or math.isinf(again):
            return original == again
        return abs(original - again) <= self.absolute + self.relative * abs(original)


@dataclass(frozen=True, slots=True)
class MetricPair:
    """The last value of a metric in both runs; None where a run has none."""

    metric: str
    original: float | None
    again: float | None
    same: bool

    @property
    def problem(self) -> str:
        """What is different."""
        if self.again is None:
            return f"the metric {self.metric} was not logged again"
        if self.original is None:
            return f"the metric {self.metric} is new"
        return f"the metric {self.metric} was {self.original!r} and is {self.again!r}"


def compare(
    original: Mapping[str, float], again: Mapping[str, float], tolerance: Tolerance, *, ignored: Collection[str] = ()
) -> Iterator[MetricPair]:
    """All metrics of both but those of the machine (`system/…`) and the ignored ones."""
    for name in sorted({*original, *again} - set(ignored)):
        if not name.rpartition(" ")[2].startswith(SYSTEM):
            first, second = original.get(name), again.get(name)
            same = first is not None and second is not None and tolerance.allows(first, second)
            yield MetricPair(name, first, second, same)
