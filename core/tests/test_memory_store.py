from __future__ import annotations

from windlass.builtin.memory_registry import MemoryModelRegistry
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.testing.samples import new_model, new_name, new_run
from windlass.uri import Uri


def opened(kind, text):
    return kind.open(Uri.parse(text), Settings())


def test_stores_of_one_name_meet():
    uri = f"memory://{new_name()}"
    one, other = opened(MemoryTrackingStore, uri), opened(MemoryTrackingStore, uri)
    assert other.runs.get(new_run(one, "0").info.run_id).info.user_id == "ada"


def test_stores_of_different_names_and_without_a_name_are_apart():
    stores = [opened(MemoryTrackingStore, uri) for uri in (f"memory://{new_name()}", "memory:", "memory:", "memory://")]
    new_run(stores[0], "0")
    assert [len(store._runs._state.runs) for store in stores] == [1, 0, 0, 0]


def test_a_registry_and_a_tracking_store_may_share_a_name():
    uri = f"memory://{new_name()}"
    registry = opened(MemoryModelRegistry, uri)
    name = new_model(registry).name
    assert opened(MemoryModelRegistry, uri).models.get(name).name == name
    assert opened(MemoryTrackingStore, uri).experiments.get("0").name == "Default"


def test_what_the_caller_does_to_its_dictionaries_later_changes_nothing():
    store = opened(MemoryTrackingStore, "memory:")
    tags = {"a": "1"}
    run_id = new_run(store, "0", tags=tags, run_name="n").info.run_id
    tags["a"] = "2"
    assert store.runs.get(run_id).data.tags == {"a": "1", "mlflow.runName": "n"}
