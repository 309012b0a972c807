"""Everything moved from a SQLite file to Elasticsearch and back."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from windlass.builtin.memory_records import MemoryRecordStore
from windlass.builtin.memory_registry import MemoryModelRegistry
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.entities import Run, RunData, RunInfo
from windlass.interfaces import RegisteredModelUpdate, RunBatch
from windlass.plugins import Kind, get_plugin_manager
from windlass.search import RUNS
from windlass.services.importing.service import StoreImport
from windlass.services.importing.sides import Side
from windlass.testing.contents import contents
from windlass.testing.samples import metric, new_experiment, new_logged_model, new_model, new_run, new_version, query
from windlass.uri import Uri
from windlass_elasticsearch.records import ElasticsearchRecordStore
from windlass_elasticsearch.registry import ElasticsearchModelRegistry
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore

_RUNS = 260


@pytest.mark.timeout(300)
def test_everything_arrives_as_it_was_and_comes_back(store, empty) -> None:
    cluster = store._cluster

    def in_memory() -> Side:
        uri = Uri.parse("memory:")
        kinds = (MemoryTrackingStore, MemoryModelRegistry, MemoryRecordStore)
        return Side("memory:", *(kind.open(uri, Settings()) for kind in kinds))

    @settings(
        max_examples=6,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # making an example smaller takes minutes on a server
    )
    @given(contents)
    def check(drawn) -> None:
        empty(cluster)
        source, back = in_memory(), in_memory()
        assert source.records is not None
        drawn.write(source.tracking, source.registry, source.records)
        target = Side("elasticsearch:", store, ElasticsearchModelRegistry(cluster), ElasticsearchRecordStore(cluster))
        checksums = []
        for work in (StoreImport(source, target), StoreImport(target, back)):
            work.check(change=False)
            work.move()
            result = work.compare()
            assert result.alike, {kind: one.different for kind, one in result.kinds.items()}
            checksums.append([one.source.checksum for one in result.kinds.values()])
        assert checksums[0] == checksums[1]

    check()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sqlite_file_moves_to_a_cluster_and_back_though_it_is_killed_once(own_uri, tmp_path) -> None:
    source, back = (f"sqlite:///{tmp_path}/{name}.db" for name in ("source", "back"))
    _fill(Uri.parse(source))
    process = _windlass("--from", source, "--to", own_uri.text)
    assert 0 < _some_runs(own_uri, process) < _RUNS
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    there = _finished("--from", source, "--to", own_uri.text)
    and_back = _finished("--from", own_uri.text, "--to", back)
    assert there == and_back
    assert f"runs               {_RUNS + 1}" in there


def _fill(uri: Uri) -> None:
    manager = get_plugin_manager()
    store, registry, records = (
        manager.load(kind, "sqlite").open(uri, Settings())
        for kind in (Kind.TRACKING_STORE, Kind.MODEL_REGISTRY, Kind.RECORD_STORE)
    )
    with store, registry, records:
        with store.write_group():
            for number in range(_RUNS):
                info = RunInfo(f"{number:032x}", "0", f"run {number}", "ada", "FINISHED", number, number + 1, "s3://b")
                store.runs.create(Run(info, RunData((), {"p": "ä"}, {"t": str(number)})))
                store.runs.log(
                    info.run_id, RunBatch(metrics=[metric("m", float(step), step=step) for step in range(3)])
                )
        experiment_id = new_experiment(store, "ünï").experiment_id
        model_id = new_logged_model(store, experiment_id).model_id
        points = [metric("m", float("nan"), model_id=model_id), metric("m", float("-inf"), step=-(2**63))]
        store.runs.log(new_run(store, experiment_id).info.run_id, RunBatch(metrics=points))
        name = new_model(registry, "fraud").name
        for _ in range(3):
            new_version(registry, name)
        registry.versions.delete(name, 2)
        registry.models.update(name, RegisteredModelUpdate(aliases={"champion": 3}))
        for number in range(50):
            records.put("accounts", f"user {number}", {"n": number})


def _windlass(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "windlass", "import", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _finished(*arguments: str) -> str:
    """What the command wrote, which must have gone well."""
    process = _windlass(*arguments)
    try:
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert out.endswith("everything has arrived\n")
    return out


def _some_runs(uri: Uri, process: subprocess.Popen[str]) -> int:
    """How many runs have arrived when the first ones have."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, f"it was over before it could be killed: {process.communicate()}"
        with ElasticsearchTrackingStore.open(uri, Settings()) as store:
            if found := store.runs.search(query(RUNS, experiment_ids=("0",))):
                return len(found)
        time.sleep(0.1)
    raise AssertionError("no run has arrived")
