"""The conformance suite, for `windlass plugins check` and our own tests; it needs a real TorchServe."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.services import big_service_url
from windlass_torchserve.target import TorchServeTarget


def times(factor: int) -> Any:
    """A model that is pickled by its code, since the server cannot import this module."""
    return lambda model_input: [factor * value for value in model_input]


class TestTorchServeTarget(DeploymentTargetSuite):
    """A real TorchServe; the query of its URL names its model store, its other interface and its keys."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> TargetCase:
        """The server that the tests were told of."""
        pyfunc = importlib.import_module("windlass.pyfunc")
        pyfunc.save_model(tmp_path / "first", python_model=times(2))
        pyfunc.save_model(tmp_path / "second", python_model=times(3))
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        target = f"torchserve:/{big_service_url('torchserve')}"
        return TargetCase(
            target=TorchServeTarget.open(target, Settings()),
            reopen=lambda: TorchServeTarget.open(target, Settings()),
            first=tmp_path / "first",
            second=tmp_path / "second",
            broken=tmp_path / "broken",
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
        )
