"""Shares: how the requests of a deployment are divided among its models."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """Names of applications with their percentages, which add up to 100."""

    percent: Mapping[str, int]

    def choose(self) -> str:
        """One of the names, as often as its share says."""
        if len(self.percent) == 1:
            return next(iter(self.percent))
        names, weights = list(self.percent), list(self.percent.values())
        return random.choices(names, weights)[0]  # noqa: S311  nothing here is secret
