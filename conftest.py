"""What holds for all tests: nothing of the developer's reaches one, and nothing of one the next."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from windlass.fluent import state


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable of ours is set but those that name services, and no store, experiment or run is chosen."""
    for name in list(os.environ):
        if name.startswith(("WINDLASS_", "MLFLOW_")) and not name.startswith("WINDLASS_TEST_"):
            monkeypatch.delenv(name)
    for name in ("WINDLASS_TRACKING_URI", "WINDLASS_REGISTRY_URI"):
        # Set and deleted, so that what the program itself puts there goes away with the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield
    chosen = state.chosen()
    chosen.tracking_uri = chosen.registry_uri = chosen.experiment_id = None
    state.thread().runs.clear()
