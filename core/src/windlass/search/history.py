"""Terms on the whole history of a metric: what they mean, for stores and for the evaluation in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from windlass.entities import Metric
from windlass.search.syntax import Aggregate, And, Comparison, Expression, Field, FieldKind, In, IsNull, Or


def aggregate_values(points: Iterable[Metric], aggregate: Aggregate) -> list[float]:
    """The value of an aggregate over a history, as a list that is empty where there is none."""
    ordered = sorted(points, key=lambda one: one.order)
    if aggregate in {Aggregate.FIRST, Aggregate.LAST}:
        return [ordered[0 if aggregate is Aggregate.FIRST else -1].value] if ordered else []
    numbers = [one.value for one in ordered if one.value == one.value]
    return [(min if aggregate is Aggregate.MIN else max)(numbers)] if numbers else []


def readings(field: Field) -> Sequence[Field]:
    """The fields that may be meant, of which the first that an entity has counts.

    `metrics.loss.min` is a metric of exactly that name, or else the least value of `loss`.
    """
    if not field.loose or field.aggregate is None:
        return (field,)
    return (Field(FieldKind.METRIC, f"{field.key}.{field.aggregate}"), replace(field, loose=False))


def unfold(term: Expression) -> Expression:
    """A term of the same meaning without a loose field; anything else as it is."""
    if not isinstance(term, Comparison | In | IsNull) or not term.field.loose:
        return term
    named, history = (replace(term, field=one) for one in readings(term.field))
    if isinstance(term, IsNull):
        return Or((named, history)) if term.negated else And((named, history))
    return Or((named, And((IsNull(named.field), history))))
