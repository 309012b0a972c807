"""Filters and orderings that the index alone cannot answer."""

from __future__ import annotations

import pytest

from windlass.errors import InvalidQuery
from windlass.interfaces import RunBatch
from windlass.search import RUNS, And, Comparison, Field, FieldKind, In, Not, Operator, Or, matches, parse_filter
from windlass.testing.samples import metric, new_experiment, new_run, query
from windlass_elasticsearch.pages import fitting

LONG = "x" * 9000
TEXTS = {
    "a": LONG + "a",
    "b": LONG + "B",
    "c": LONG,
    "d": "x" * 8000,
    "e": "x" * 7999,
    "f": "İ" * 7000,
    "g": "end of ΟΔΟΣ",
    "h": "ab" * 30,
    "i": "日本🚂",
}


@pytest.fixture(scope="module")
def experiment_id(request, prefix_uri):
    from windlass.config import Settings
    from windlass_elasticsearch.tracking import ElasticsearchTrackingStore

    with ElasticsearchTrackingStore.open(prefix_uri, Settings()) as store:
        found = new_experiment(store).experiment_id
        for number, (name, text) in enumerate(TEXTS.items()):
            run_id = new_run(store, found, run_name=name, start_time=number).info.run_id
            store.runs.log(run_id, RunBatch(params={"p": text}, tags={"t": text}))
        new_run(store, found, run_name="z", start_time=99)
        return found


def found_names(store, experiment_id, text, order_by=("start_time",), **fields):
    asked = query(RUNS, "", list(order_by), experiment_ids=(experiment_id,), **fields)
    asked = type(asked)(
        filter=parse_filter(text, RUNS) if isinstance(text, str) else text,
        order_by=asked.order_by,
        max_results=asked.max_results,
        experiment_ids=asked.experiment_ids,
        select=asked.select,
    )
    return "".join(run.info.run_name for run in store.runs.search(asked))


def expected_names(expression):
    expression = parse_filter(expression, RUNS) if isinstance(expression, str) else expression

    def values(name, field):
        if field.kind is FieldKind.ATTRIBUTE:
            return [name]
        return [TEXTS[name]] if name in TEXTS else []

    return "".join(name for name in [*TEXTS, "z"] if matches(expression, lambda field, name=name: values(name, field)))


@pytest.mark.parametrize(
    "text",
    [
        f"params.p = '{LONG}'",
        f"params.p != '{LONG}'",
        f"NOT params.p = '{LONG}a'",
        f"tags.t IN ('{LONG}a', '{'x' * 8000}')",
        f"tags.t NOT IN ('{LONG}a', '{'x' * 8000}')",
        f"NOT tags.t NOT IN ('{LONG}a', '{'x' * 7999}')",
        f"params.p = '{'x' * 8000}'",
        "params.p LIKE '%a'",
        "params.p ILIKE '%B'",
        "NOT params.p LIKE '%B'",
        "params.p LIKE 'x%'",
        f"params.p LIKE '{LONG}_'",
        "params.p ILIKE 'i̇%'",
        "params.p ILIKE '%οδος'",
        "params.p ILIKE '%οδοσ'",
        "params.p LIKE '%ab%ab%ab%ab%ab%ab%ab%ab%ab%ab%'",
        "params.p LIKE '%a__________________________b%'",
        "NOT params.p LIKE '%b__________________________a'",
        "params.p LIKE '__🚂'",
        "params.p LIKE '%'",
        "NOT (params.p LIKE '%a' OR NOT tags.t ILIKE '%b')",
        "params.p LIKE '%a' AND run_name = 'a' OR run_name LIKE '_' AND tags.t IS NULL",
    ],
    ids=lambda text: text[:40],
)
def test_texts_of_any_length_are_found_exactly(store, experiment_id, text):
    assert found_names(store, experiment_id, text) == expected_names(text)


def test_what_is_not_selected_can_still_be_asked_for(store, experiment_id):
    from windlass.search import parse_select

    found = found_names(store, experiment_id, "params.p LIKE '%a'", select=parse_select(["metrics.*"]))
    assert found == expected_names("params.p LIKE '%a'")


def test_a_filter_may_be_nested_deeply(store, experiment_id):
    term = Comparison(Field(FieldKind.PARAM, "p"), Operator.EQ, TEXTS["i"])
    other = Comparison(Field(FieldKind.TAG, "t"), Operator.EQ, TEXTS["g"])
    for depth in range(60):
        term = Not(term) if depth % 3 == 0 else And((term,)) if depth % 3 == 1 else Or((Not(other), term))
    assert found_names(store, experiment_id, term) == expected_names(term)


def test_a_filter_may_have_a_thousand_terms(store, experiment_id):
    terms = tuple(Comparison(Field(FieldKind.PARAM, "p"), Operator.EQ, f"value {number}") for number in range(998))
    expression = Or((*terms, Comparison(Field(FieldKind.PARAM, "p"), Operator.LIKE, "日%")))
    assert found_names(store, experiment_id, expression) == "i"
    names = tuple(f"name {number}" for number in range(30_000))
    assert found_names(store, experiment_id, In(Field(FieldKind.ATTRIBUTE, "run_name"), (*names, "a"))) == "a"


def test_pages_are_full_though_many_hits_do_not_count(store, experiment_id):
    text = "params.p LIKE '%a%ab%ab%ab%ab%ab%ab%ab%ab%ab%' OR params.p LIKE '%_______日______' OR run_name = 'z'"
    assert found_names(store, experiment_id, text, max_results=2) == "hz"


def test_a_loose_metric_that_some_runs_have_is_merged_with_the_histories_of_others(store):
    experiment_id = new_experiment(store).experiment_id
    for name, metrics in {
        "a": [metric("loss", 5.0), metric("loss", 1.0, step=1)],
        "b": [metric("loss.min", 3.0), metric("loss", 0.0)],
        "c": [metric("loss", 2.0)],
        "d": [metric("loss.min", float("nan")), metric("loss", -1.0)],
        "e": [metric("loss.min", float("inf"))],
        "f": [],
    }.items():
        run_id = new_run(store, experiment_id, run_name=name).info.run_id
        store.runs.log(run_id, RunBatch(metrics=metrics))
    for order, expected in {"metrics.loss.min": "acbedf", "metrics.loss.min DESC": "ebcadf"}.items():
        assert found_names(store, experiment_id, "", (order, "run_name")) == expected
        assert found_names(store, experiment_id, "", (order, "run_name"), max_results=3) == expected[:3]


def test_the_larger_documents_are_the_fewer_are_asked_for_at_once():
    def page(count, keys):
        return [{"_source": {"params": list(range(keys)), "run_name": "x"}}] * count

    assert [fitting(page(250, keys)) for keys in (0, 15, 600, 10_000, 100_000)] == [1000, 1000, 100, 10, 10]


def test_an_ordering_by_many_keys_that_may_mean_two_metrics_is_refused(store):
    order = [f"metrics.m{number}.min" for number in range(7)]
    with pytest.raises(InvalidQuery, match="too many"):
        store.runs.search(query(RUNS, "", order, experiment_ids=("0",)))
    assert store.runs.search(query(RUNS, "metrics.never = 1", order[:6], experiment_ids=("0",))) == []
