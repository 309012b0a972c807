"""Turning what people log into what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.entities import Metric
from windlass.errors import InvalidValue
from windlass.services.identity import now_ms


def to_metric(
    key: str,
    value: object,
    *,
    step: int | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> Metric:
    """A metric point of now, at step 0, unless said otherwise; numbers of any library are taken."""
    return Metric(
        key,
        to_float(key, value),
        now_ms() if timestamp is None else int(timestamp),
        0 if step is None else int(step),
        model_id,
        dataset.name if dataset is not None else None,
        dataset.digest if dataset is not None else None,
    )


def to_float(key: str, value: Any) -> float:
    """The number as a float; arrays and tensors of one element count as numbers."""
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes)):
        raise InvalidValue(f"metric {key!r} value", value, "must be a number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValue(f"metric {key!r} value", value, "must be a number") from None


def to_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Params or tags as texts."""
    return {key: value if isinstance(value, str) else str(value) for key, value in values.items()}
