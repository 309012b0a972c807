"""Mappings: what is logged never changes them."""

from __future__ import annotations

import pytest

from windlass.errors import InvalidValue, SchemaOutdated
from windlass.interfaces import RunBatch
from windlass.search import RUNS
from windlass.testing.samples import metric, new_experiment, new_run, query
from windlass_elasticsearch.indices import ALL


def mappings(store):
    names = [store._cluster.alias(index.name) for index in ALL]
    return store._cluster.client.indices.get_mapping(index=names).body


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_ten_thousand_keys_leave_the_mapping_as_it_is(store):
    before = mappings(store)
    experiment_id = new_experiment(store).experiment_id
    run_id = new_run(store, experiment_id).info.run_id
    keys = [f"key {number}/x" for number in range(10_000)]
    batch = RunBatch(
        params=dict.fromkeys(keys, "1"), tags=dict.fromkeys(keys, "t"), metrics=[metric(key, 1.0) for key in keys]
    )
    store.runs.log(run_id, batch)
    store.runs.log(run_id, RunBatch(metrics=[metric(keys[7], 2.0, step=1)]))
    assert mappings(store) == before
    data = store.runs.get(run_id).data
    assert (len(data.params), len(data.tags), len(data.latest_metrics)) == (10_000, 10_001, 10_000)
    asked = query(
        RUNS,
        "metrics.`key 7/x` = 2 AND params.`key 9999/x` = '1' AND tags.`key 0/x` LIKE '_'",
        ["params.`key 5/x`"],
        experiment_ids=(experiment_id,),
    )
    assert [run.info.run_id for run in store.runs.search(asked)] == [run_id]


def test_a_field_that_no_mapping_has_is_refused(store):
    document = {"run_id": "x", "surprise": 1}
    with pytest.raises(SchemaOutdated):
        store._cluster.write("runs", "x", document, replacing=None)


def test_a_write_to_a_missing_index_makes_none(store):
    client = store._cluster.client
    with pytest.raises(SchemaOutdated, match="missing"):
        store._cluster.write("nowhere", "x", {"a": 1}, replacing=None)
    assert not client.indices.exists(index=store._cluster.alias("nowhere"))


def test_a_key_too_long_for_a_term_is_refused(store):
    run_id = new_run(store, "0").info.run_id
    with pytest.raises(InvalidValue):
        store.runs.log(run_id, RunBatch(params={"k" * 40_000: "1"}))
