"""The conformance kit itself."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from windlass.builtin.memory_runs import MemoryRunStore
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.plugins import Kind, load_object
from windlass.testing import SUITES
from windlass.testing.comparison import canonical
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.stateful import TrackingStoreMachine
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass.uri import Uri

QUICK = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


class ForgetfulRuns(MemoryRunStore):
    """A store with a fault: a new name does not reach the tag."""

    def update(self, run_id, update):
        run = super().update(run_id, update)
        if update.run_name is not None:
            self._state.runs[run_id].data.tags.pop("mlflow.runName")
        return run


class Machine(TrackingStoreMachine):
    def open_store(self):
        return MemoryTrackingStore.open(Uri.parse("memory:"), Settings())


class FaultyMachine(Machine):
    def open_store(self):
        store = super().open_store()
        store._runs = ForgetfulRuns(store._runs._state)
        return store


@pytest.mark.parametrize("suite", [TrackingStoreSuite, ModelRegistrySuite])
def test_no_test_of_a_suite_hides_another(suite):
    names = Counter(name for part in suite.__mro__ for name in vars(part) if name.startswith("test_"))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_interface_has_its_suite():
    assert set(SUITES) == set(Kind) - {Kind.PYTHON_MODULE}
    for target in SUITES.values():
        assert load_object(target).__name__.endswith("Suite")


def test_the_state_machine_finds_no_fault_where_there_is_none():
    run_state_machine_as_test(Machine, settings=QUICK)


def test_the_state_machine_finds_a_fault():
    with pytest.raises(AssertionError):
        run_state_machine_as_test(FaultyMachine, settings=settings(QUICK, max_examples=500))


def test_comparing_tells_what_equality_does_not():
    assert canonical(float("nan")) == canonical(float("nan"))
    assert canonical(-0.0) != canonical(0.0)
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert canonical([1, 2]) != canonical([2, 1])
