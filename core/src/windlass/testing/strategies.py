"""Hypothesis strategies for entities, filters and orderings.

They draw from few keys and values, so that collisions, which are where stores differ, are common.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from windlass.entities import Dataset, DatasetInput, Metric, ModelInput, ModelOutput, ViewType
from windlass.interfaces import RunBatch
from windlass.search import (
    Aggregate,
    And,
    Comparison,
    Expression,
    Field,
    FieldKind,
    In,
    IsNull,
    Not,
    Operator,
    Or,
    OrderBy,
    Schema,
    Value,
)

CONTEXT_TAG = "mlflow.data.context"
MODEL_IDS = ("m-1", "m-2", "m-3")
_NUMERIC = (Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE)
_TEXTUAL = (Operator.EQ, Operator.NE, Operator.LIKE, Operator.ILIKE)

keys: SearchStrategy[str] = st.sampled_from(["a", "b", "A", "a.min", "mlflow.runName"])
texts: SearchStrategy[str] = st.sampled_from(
    ["", "x", "X", "xy", "x%", "x_", "ß", "SS", "İ", "日本", "🚂", "a\\b", "[x]*?"]
)
patterns: SearchStrategy[str] = st.sampled_from(
    ["%", "x%", "%x", "_", "x_", "%Y%", "ß", "ss", "i̇", "%\\%", "[x]%", "", "🚂"]
)
names: SearchStrategy[str] = st.sampled_from(["one", "two", "One", "ünï"])
times: SearchStrategy[int] = st.sampled_from([0, 1, 2, 2**53 + 1, 2**63 - 1])
steps: SearchStrategy[int] = st.sampled_from([0, 1, 2, -1, -(2**63), 2**63 - 1])
values: SearchStrategy[float] = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 0.1, 1e308, 5e-324, 2.0**53, float("nan"), float("inf"), float("-inf")]
)
numbers: SearchStrategy[int | float] = st.sampled_from(
    [0, 1, -1, 0.1, 0.5, 1.0, 2, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, -(10**400), 1e308]
)
tags: SearchStrategy[dict[str, str]] = st.dictionaries(keys, texts, max_size=3)
views: SearchStrategy[ViewType] = st.sampled_from(ViewType)

dataset_names: SearchStrategy[str] = st.sampled_from(["d", "e"])
metrics: SearchStrategy[Metric] = st.builds(
    Metric,
    keys,
    values,
    times,
    steps,
    st.none() | st.sampled_from(MODEL_IDS),
    st.none() | dataset_names,
    st.none() | st.just("1"),
)
dataset_inputs: SearchStrategy[DatasetInput] = st.builds(
    DatasetInput,
    st.builds(Dataset, dataset_names, st.sampled_from(["1", "2"]), st.just("local"), st.just("{}")),
    st.dictionaries(st.sampled_from([CONTEXT_TAG, "k"]), texts, max_size=2),
)
batches: SearchStrategy[RunBatch] = st.builds(
    RunBatch,
    metrics=st.lists(metrics, max_size=5),
    params=st.dictionaries(keys, texts, max_size=2),
    tags=tags,
    datasets=st.lists(dataset_inputs, max_size=2),
    model_inputs=st.lists(st.builds(ModelInput, st.sampled_from(MODEL_IDS)), max_size=2),
    model_outputs=st.lists(st.builds(ModelOutput, st.sampled_from(MODEL_IDS), steps), max_size=2),
)


def fields(schema: Schema) -> SearchStrategy[Field]:
    """A field that can be searched."""
    attributes = st.sampled_from(sorted(schema.numbers | schema.texts))
    known = [st.builds(Field, st.just(FieldKind.ATTRIBUTE), attributes)]
    known += [
        st.builds(Field, st.just(kind), keys)
        for kind in (FieldKind.METRIC, FieldKind.PARAM, FieldKind.TAG)
        if kind in schema.kinds
    ]
    if schema.histories:
        known.append(st.builds(Field, st.just(FieldKind.METRIC), keys, st.sampled_from(Aggregate), st.booleans()))
    if FieldKind.DATASET in schema.kinds:
        known.append(st.builds(Field, st.just(FieldKind.DATASET), st.sampled_from(["name", "digest", "context"])))
    return st.one_of(known)


def terms(schema: Schema) -> SearchStrategy[Expression]:
    """A single term of a filter."""
    return fields(schema).flatmap(lambda field: _terms_on(schema, field))


def filters(schema: Schema) -> SearchStrategy[Expression]:
    """A filter of a few terms."""
    return st.recursive(
        terms(schema),
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(And, st.lists(inner, max_size=3).map(tuple))
            | st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple))
        ),
        max_leaves=5,
    )


def orderings(schema: Schema) -> SearchStrategy[tuple[OrderBy, ...]]:
    """A complete ordering: a few keys, then the entity's default order."""
    own = fields(schema).filter(lambda field: field.kind is not FieldKind.DATASET)
    dataset = st.none() | dataset_names
    keys_ = st.lists(st.builds(OrderBy, own, st.booleans(), dataset), max_size=2, unique_by=lambda key: key.field)
    return keys_.map(lambda given: _completed(schema, given))


def _terms_on(schema: Schema, field: Field) -> SearchStrategy[Expression]:
    number = schema.is_number(field)
    operators = st.sampled_from(_NUMERIC if number else _TEXTUAL)
    wanted: SearchStrategy[Value] = numbers if number else texts | patterns | names
    return (
        st.builds(Comparison, st.just(field), operators, wanted)
        | st.builds(In, st.just(field), st.lists(wanted, min_size=1, max_size=3).map(tuple), st.booleans())
        | st.builds(IsNull, st.just(field), st.booleans())
    )


def _completed(schema: Schema, keys_: list[OrderBy]) -> tuple[OrderBy, ...]:
    named = {key.field for key in keys_}
    defaults = [(Field(FieldKind.ATTRIBUTE, name), ascending) for name, ascending in schema.default_order]
    return (*keys_, *(OrderBy(field, ascending) for field, ascending in defaults if field not in named))
