"""Metric: one measured number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One point of a metric's history.

    `value` is any float, NaN and the infinities included; `timestamp` is epoch milliseconds UTC; `step` is any 64-bit
    integer. The last three say which logged model and which data set were measured, if any.
    """

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None

    @property
    def order(self) -> tuple[int, int, bool, float]:
        """What makes one point newer than another: step, then timestamp, then value with NaN lowest."""
        nan = self.value != self.value
        return (self.step, self.timestamp, not nan, 0.0 if nan else self.value)
