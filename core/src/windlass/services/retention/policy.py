"""RetentionPolicy: which runs of an experiment are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from windlass.entities import Run
from windlass.errors import InvalidValue
from windlass.services.limits import check_int64, check_key

KEEP_TAG = "windlass.keep"
"""A run or logged model with this tag is always kept, unless its value is `false`."""
MIN, MAX = "min", "max"
_MOST_BEST, _MOST_DAYS = 1_000_000, 36_500
_MOST_TAGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """Keeps the `best` runs by the latest value of a metric, and those that began in the last `days`.

    Runs that have not ended, are registered, or have one of `keep_tags` (`key` or `key=value`) are kept as well. What
    is not kept is moved to the bin, and freed when it has been there for `grace_days`.
    """

    experiment_id: str
    best: int | None = None
    metric: str | None = None
    goal: str = MAX
    days: int | None = None
    keep_tags: tuple[str, ...] = ()
    grace_days: int = 0

    def checked(self) -> RetentionPolicy:
        """The same; InvalidValue if it is none."""
        if self.best is None and self.days is None:
            raise InvalidValue("best", None, "or days must say what to keep", hint="such as --best 10 --metric acc")
        if (self.best is None) != (self.metric is None):
            raise InvalidValue("metric", self.metric, "and best go together: the best runs by a metric")
        if self.metric is not None:
            check_key("metric", self.metric)
        if self.goal not in {MIN, MAX}:
            raise InvalidValue("goal", self.goal, "is not known", limit=f"{MIN}, {MAX}")
        _check_range("best", self.best, _MOST_BEST)
        _check_range("days", self.days, _MOST_DAYS)
        _check_range("grace_days", self.grace_days, _MOST_DAYS, least=0)
        if len(self.keep_tags) > _MOST_TAGS:
            raise InvalidValue("keep_tags", len(self.keep_tags), "are too many", limit=_MOST_TAGS)
        for tag in self.keep_tags:
            check_key("keep_tags", tag.partition("=")[0])
        return self

    def has_keep_tag(self, tags: Mapping[str, str]) -> bool:
        """Whether a run or logged model of these tags is to be kept for one of them."""
        if tags.get(KEEP_TAG, "false").lower() != "false":
            return True
        for wanted in self.keep_tags:
            key, equals, value = wanted.partition("=")
            if key in tags and (not equals or tags[key] == value):
                return True
        return False

    def value_of(self, run: Run) -> float | None:
        """The run's value of the metric, smaller for better ones; None if it has none, or none that can be compared."""
        value = run.data.metrics.get(self.metric or "")
        if value is None or value != value:  # noqa: PLR0124  NaN
            return None
        return value if self.goal == MIN else -value

    def as_record(self) -> dict[str, Any]:
        """The value of its record."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"keep_tags": list(self.keep_tags)}

    @classmethod
    def of_record(cls, value: Mapping[str, Any]) -> RetentionPolicy:
        """The policy of a record."""
        return cls(**{**value, "keep_tags": tuple(value["keep_tags"])})


def _check_range(name: str, value: int | None, most: int, *, least: int = 1) -> None:
    if value is not None and not least <= check_int64(name, value) <= most:
        raise InvalidValue(name, value, "is out of range", limit=f"{least} … {most}")
