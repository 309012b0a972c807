from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windlass.errors import InvalidQuery
from windlass.search import (
    EVERYTHING,
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Aggregate,
    And,
    Comparison,
    Field,
    FieldKind,
    In,
    IsNull,
    Not,
    Operator,
    Or,
    OrderBy,
    parse_filter,
    parse_order_by,
    parse_select,
)

METRIC, PARAM, TAG, ATTRIBUTE, DATASET = (
    FieldKind.METRIC,
    FieldKind.PARAM,
    FieldKind.TAG,
    FieldKind.ATTRIBUTE,
    FieldKind.DATASET,
)


def compare(kind: FieldKind, key: str, operator: str, value: object) -> Comparison:
    return Comparison(Field(kind, key), Operator(operator), value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("metrics.loss < 0.5", compare(METRIC, "loss", "<", 0.5)),
        ("metric.loss<=-1e-1", compare(METRIC, "loss", "<=", -0.1)),
        ("metrics.`val loss` != 1", compare(METRIC, "val loss", "!=", 1)),
        ('metrics."val/loss" >= 3', compare(METRIC, "val/loss", ">=", 3)),
        ("params.a.b = 'x'", compare(PARAM, "a.b", "=", "x")),
        ('parameter.a = "it\'s"', compare(PARAM, "a", "=", "it's")),
        ("parameters.layer.1 LIKE '%r_'", compare(PARAM, "layer.1", "LIKE", "%r_")),
        ("tags.mlflow.source.name ilike 'TRAIN%'", compare(TAG, "mlflow.source.name", "ILIKE", "TRAIN%")),
        ("tag.x IS NULL", IsNull(Field(TAG, "x"))),
        ("params.x is not null", IsNull(Field(PARAM, "x"), negated=True)),
        ("status = 'RUNNING'", compare(ATTRIBUTE, "status", "=", "RUNNING")),
        ("attributes.status = 'RUNNING'", compare(ATTRIBUTE, "status", "=", "RUNNING")),
        ("attr.start_time > 12", compare(ATTRIBUTE, "start_time", ">", 12)),
        ("run.created > 12", compare(ATTRIBUTE, "start_time", ">", 12)),
        ("attributes.`run name` = 'x'", compare(ATTRIBUTE, "run_name", "=", "x")),
        ('attributes."Run name" = "x"', compare(ATTRIBUTE, "run_name", "=", "x")),
        ("`Run Name` = 'x'", compare(ATTRIBUTE, "run_name", "=", "x")),
        ("run_id IN ('a','b')", In(Field(ATTRIBUTE, "run_id"), ("a", "b"))),
        ("attributes.run_id NOT IN ('a')", In(Field(ATTRIBUTE, "run_id"), ("a",), negated=True)),
        ("dataset.name = 'd'", compare(DATASET, "name", "=", "d")),
        ("datasets.digest in ('x', 'y')", In(Field(DATASET, "digest"), ("x", "y"))),
        ("dataset.context LIKE 'tr%'", compare(DATASET, "context", "LIKE", "tr%")),
        ("params.m = 'a''b'", compare(PARAM, "m", "=", "a''b")),
    ],
)
def test_filters_on_runs_that_mlflow_accepts_mean_the_same(text, tree):
    assert parse_filter(text, RUNS) == tree


@pytest.mark.parametrize(
    ("text", "schema", "tree"),
    [
        ("name = 'x'", EXPERIMENTS, compare(ATTRIBUTE, "name", "=", "x")),
        ("attribute.experiment_id IN ('0')", EXPERIMENTS, In(Field(ATTRIBUTE, "experiment_id"), ("0",))),
        ("creation_time >= 5", EXPERIMENTS, compare(ATTRIBUTE, "creation_time", ">=", 5)),
        ("name LIKE 'f%'", REGISTERED_MODELS, compare(ATTRIBUTE, "name", "LIKE", "f%")),
        ("tags.`team` = 'x'", REGISTERED_MODELS, compare(TAG, "team", "=", "x")),
        # A tag that marks prompts: what has it not is none.
        (
            "tag.`mlflow.prompt.is_prompt` != 'true'",
            REGISTERED_MODELS,
            Not(compare(TAG, "mlflow.prompt.is_prompt", "=", "true")),
        ),
        ("name='fraud'", MODEL_VERSIONS, compare(ATTRIBUTE, "name", "=", "fraud")),
        ("source_path = 's3://x'", MODEL_VERSIONS, compare(ATTRIBUTE, "source", "=", "s3://x")),
        ("version_number > 2", MODEL_VERSIONS, compare(ATTRIBUTE, "version", ">", 2)),
        ("run_id IN ('a')", MODEL_VERSIONS, In(Field(ATTRIBUTE, "run_id"), ("a",))),
        ("attributes.creation_time > 1", LOGGED_MODELS, compare(ATTRIBUTE, "creation_timestamp", ">", 1)),
        ("metrics.auc > .9", LOGGED_MODELS, compare(METRIC, "auc", ">", 0.9)),
    ],
)
def test_filters_on_other_entities_are_read(text, schema, tree):
    assert parse_filter(text, schema) == tree


def test_not_binds_closer_than_and_and_and_closer_than_or():
    a, b, c = (compare(PARAM, key, "=", "1") for key in "abc")
    assert parse_filter("params.a='1' or params.b='1' and not params.c='1'", RUNS) == Or((a, And((b, Not(c)))))
    assert parse_filter("(params.a='1' or params.b='1') AND params.c='1'", RUNS) == And((Or((a, b)), c))


@pytest.mark.parametrize("text", ["", None])
def test_nothing_means_everything(text):
    assert parse_filter(text, RUNS) == EVERYTHING


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (" ", "expected a field"),
        ("metrics.a > 'x'", "a number"),
        ("metrics.a > nan", "a number"),
        ("params.a = 1", "quoted text"),
        ("params.a < 'x'", "cannot be compared with <"),
        ("metrics.a LIKE 'x'", "cannot be compared with LIKE"),
        ("metrics.a = 1;", "cannot be read at position 13"),
        ("metrics.a = 1 metrics.b = 2", "expected and, or, or the end"),
        ("metrics.a = 1 AND", "found the end"),
        ("(metrics.a = 1", "expected ')'"),
        ("lifecycle_stage = 'active'", "no attribute 'lifecycle_stage'"),
        ("nonsense.a = 'x'", "no 'nonsense'"),
        ("datasets.source = 'x'", "datasets have no 'source'"),
        ("run_id IN ()", "quoted text"),
        ("run_id NOT LIKE 'x'", "expected in"),
        ("metrics. = 1", "expected a key"),
        ("metrics.a == 1", "a number"),
        ("metrics.a <> 1", "a number"),
        ("metrics.a = 1e999", "too large"),
        ("'x' = params.a", "expected a field"),
        ("NOT " * 60 + "metrics.a = 1", "nested too deep"),
        ("(" * 60 + "metrics.a = 1" + ")" * 60, "nested too deep"),
        (" and ".join(["metrics.a = 1"] * 1001), "too many terms"),
        ("params.a = '" + "x" * 100_001 + "'", "too long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text, part):
    with pytest.raises(InvalidQuery, match=part.replace("(", r"\(").replace(")", r"\)")):
        parse_filter(text, RUNS)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("metrics.loss", OrderBy(Field(METRIC, "loss"))),
        ("metrics.`a b` DESC", OrderBy(Field(METRIC, "a b"), ascending=False)),
        ("attributes.start_time asc", OrderBy(Field(ATTRIBUTE, "start_time"))),
        ("created DESC", OrderBy(Field(ATTRIBUTE, "start_time"), ascending=False)),
        ("tags.x", OrderBy(Field(TAG, "x"))),
    ],
)
def test_orderings_are_read(text, key):
    assert parse_order_by(text, RUNS) == key


@pytest.mark.parametrize("text", ["metrics.a DOWN", "dataset.name", "", "metrics.a, metrics.b"])
def test_other_orderings_are_refused(text):
    with pytest.raises(InvalidQuery):
        parse_order_by(text, RUNS)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
keys = st.text(st.characters(codec="utf-8", exclude_characters='\x00`"'), min_size=1, max_size=12)
fields = st.one_of(
    st.builds(Field, st.sampled_from([PARAM, TAG]), keys),
    st.builds(Field, st.just(ATTRIBUTE), st.sampled_from(sorted(RUNS.texts))),
)
terms = st.one_of(
    st.builds(Comparison, fields, st.sampled_from([Operator.EQ, Operator.NE, Operator.LIKE, Operator.ILIKE]), texts),
    st.builds(
        Comparison,
        st.builds(Field, st.just(METRIC), keys),
        st.sampled_from([Operator.LT, Operator.GE]),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.builds(In, fields, st.lists(texts, min_size=1, max_size=3).map(tuple), st.booleans()),
    st.builds(IsNull, fields, st.booleans()),
)


def several(children):
    return st.lists(children, min_size=2, max_size=3)


trees = st.recursive(
    terms,
    lambda children: st.one_of(
        several(children.filter(lambda one: not isinstance(one, And))).map(lambda ones: And(tuple(ones))),
        several(children.filter(lambda one: not isinstance(one, Or))).map(lambda ones: Or(tuple(ones))),
        children.map(Not),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(trees)
def test_the_text_of_a_tree_reads_as_the_same_tree(tree):
    assert parse_filter(str(tree), RUNS) == tree


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_the_parser_fail_in_another_way(text):
    with suppress(InvalidQuery):
        assert parse_filter(text, RUNS) is not None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("metrics.loss.min < 1", Field(FieldKind.METRIC, "loss", Aggregate.MIN, loose=True)),
        ("metrics.val/loss.max < 1", Field(FieldKind.METRIC, "val/loss", Aggregate.MAX, loose=True)),
        ("metrics.`loss`.last < 1", Field(FieldKind.METRIC, "loss", Aggregate.LAST)),
        ('metric."a b".first < 1', Field(FieldKind.METRIC, "a b", Aggregate.FIRST)),
        ("metrics.`loss.min` < 1", Field(FieldKind.METRIC, "loss.min")),
        ('"metrics.loss.min" < 1', Field(FieldKind.METRIC, "loss.min")),
        ("metrics.loss.MIN < 1", Field(FieldKind.METRIC, "loss.MIN")),
        ("metrics.loss.mean < 1", Field(FieldKind.METRIC, "loss.mean")),
        ("metrics.min < 1", Field(FieldKind.METRIC, "min")),
    ],
)
def test_the_history_of_a_metric_can_be_asked_for(text, field):
    term = parse_filter(text, RUNS)
    assert term == Comparison(field, Operator.LT, 1)
    assert parse_filter(str(term), RUNS) == term
    assert parse_order_by(str(field), RUNS).field == field


@pytest.mark.parametrize(
    "text", ["metrics.`a`.mean < 1", "params.`a`.min = 'x'", "metrics.`a`.min.max < 1", "metrics.`a` .min.b < 1"]
)
def test_what_has_no_history_cannot_be_asked_for_it(text):
    with pytest.raises(InvalidQuery):
        parse_filter(text, RUNS)


def test_a_logged_model_has_no_history():
    assert parse_filter("metrics.a.min < 1", LOGGED_MODELS).field == Field(FieldKind.METRIC, "a.min")
    with pytest.raises(InvalidQuery):
        parse_filter("metrics.`a`.min < 1", LOGGED_MODELS)


def test_a_selection_is_read_from_names_and_written_as_names():
    selection = parse_select(
        ["metrics.loss", "metric.val/loss", "params.*", "tags.`a b`", "inputs", "attributes.status"]
    )
    assert selection.metrics == {"loss", "val/loss"}
    assert (selection.params, selection.tags, selection.inputs, selection.outputs) == (None, {"a b"}, True, False)
    assert parse_select(selection.names) == selection


@pytest.mark.parametrize("name", ["", "loss", "metrics", "metrics.", "datasets.name", "input"])
def test_a_selection_of_what_is_not_known_is_refused(name):
    with pytest.raises(InvalidQuery, match="select"):
        parse_select([name])
