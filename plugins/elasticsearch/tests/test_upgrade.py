"""Upgrading: indices of an older release become those of this one, however often that is broken off."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from windlass.config import Settings
from windlass.errors import SchemaOutdated, Unavailable
from windlass.interfaces import RunBatch
from windlass.search import RUNS
from windlass.testing.samples import metric, new_run, query
from windlass_elasticsearch import schema, upgrade
from windlass_elasticsearch.indices import ALL
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore

CHANGED = ("experiments", "runs", "points")

KILLED = """
import os, signal, sys
from windlass.config import Settings
from windlass.uri import Uri
from windlass_elasticsearch import upgrade
uri, place, number = sys.argv[1:]
original, calls = getattr(upgrade, place), []
def die(*args):
    calls.append(1)
    if len(calls) == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args)
setattr(upgrade, place, die)
upgrade.upgrade(Uri.parse(uri), Settings())
"""


def older(index):
    """The index as an older release might have had it: without one of its fields."""
    if index.name not in CHANGED:
        return index
    without = {name: mapped for name, mapped in index.properties.items() if name not in {"has_end_time", "measured"}}
    return replace(index, version=0, properties={**without, "has_end_time": {"type": "boolean", "index": False}})


@pytest.fixture
def older_release(monkeypatch, own_uri):
    """A prefix as an older release left it, with a run in it; gives the run's id."""
    with monkeypatch.context() as patched:
        patched.setattr(schema, "REVISION", "0000")
        patched.setattr(schema, "ALL", tuple(map(older, ALL)))
        with ElasticsearchTrackingStore.open(own_uri, Settings()) as store:
            run_id = new_run(store, "0").info.run_id
            points = [metric("m", float(step), step=step) for step in range(50)]
            store.runs.log(run_id, RunBatch(metrics=points, params={"p": "1"}))
    return run_id


def physical(uri):
    """The indices of the prefix."""
    cluster = schema.connect(schema.Address.parse(uri), Settings())
    found = cluster.client.indices.get(index=f"{cluster.address.prefix}-*").body
    cluster.close()
    return {name.removeprefix(f"{cluster.address.prefix}-") for name in found}


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_an_upgrade_that_is_killed_again_and_again_loses_nothing(own_uri, older_release):
    with pytest.raises(SchemaOutdated, match="windlass db upgrade"):
        ElasticsearchTrackingStore.open(own_uri, Settings())
    for place, number in (("copy", 1), ("swap", 1), ("swap", 2), ("_write_revision", 1), ("remove_old", 1)):
        command = [sys.executable, "-c", KILLED, own_uri.text, place, str(number)]
        assert subprocess.run(command, capture_output=True, check=False, timeout=100).returncode == -9
    before, after = ElasticsearchTrackingStore.upgrade(own_uri, Settings())
    assert (before, after) == (schema.REVISION, schema.REVISION)
    assert physical(own_uri) == {f"{index.name}-v{index.version}" for index in (schema.META, *ALL)}
    with ElasticsearchTrackingStore.open(own_uri, Settings()) as store:
        run = store.runs.search(query(RUNS, "params.p = '1'", ["end_time"], experiment_ids=("0",)))[0]
        assert run == store.runs.get(older_release)
        assert len(store.runs.metric_history(older_release, "m")) == 50
        store.runs.log(older_release, RunBatch(metrics=[metric("m", 50.0, step=50)]))
        assert store.runs.get(older_release).data.metrics == {"m": 50.0}


@pytest.mark.timeout(200)
def test_who_writes_during_an_upgrade_is_told_to_come_back(monkeypatch, own_uri, older_release):
    with monkeypatch.context() as patched:
        patched.setattr(schema, "REVISION", "0000")
        writer = ElasticsearchTrackingStore.open(own_uri, Settings())
    seen = []

    def copy(cluster, old, new):
        if "-runs-" in old:
            with pytest.raises(Unavailable) as raised:
                writer.runs.log(older_release, RunBatch(params={"q": "1"}))
            seen.append(raised.value.details["retry_after"])
            assert writer.runs.get(older_release).data.metrics == {"m": 49.0}
        original(cluster, old, new)

    original = upgrade.copy
    monkeypatch.setattr(upgrade, "copy", copy)
    assert ElasticsearchTrackingStore.upgrade(own_uri, Settings()) == ("0000", schema.REVISION)
    assert seen == [5]
    writer.runs.log(older_release, RunBatch(params={"q": "1"}))
    assert writer.runs.get(older_release).data.params == {"p": "1", "q": "1"}
    writer.close()


@pytest.mark.timeout(200)
def test_an_upgrade_makes_what_is_missing_and_leaves_what_is_up_to_date(own_uri):
    assert ElasticsearchTrackingStore.upgrade(own_uri, Settings()) == ("", schema.REVISION)
    assert ElasticsearchTrackingStore.upgrade(own_uri, Settings()) == (schema.REVISION, schema.REVISION)
    with ElasticsearchTrackingStore.open(own_uri, Settings()) as store:
        assert store.experiments.get("0").name == "Default"


@pytest.mark.timeout(200)
def test_indices_of_a_newer_release_are_left_alone(monkeypatch, own_uri):
    with monkeypatch.context() as patched:
        patched.setattr(schema, "REVISION", "9999")
        ElasticsearchTrackingStore.open(own_uri, Settings()).close()
    for call in (ElasticsearchTrackingStore.open, ElasticsearchTrackingStore.upgrade):
        with pytest.raises(SchemaOutdated, match="newer"):
            call(own_uri, Settings())
