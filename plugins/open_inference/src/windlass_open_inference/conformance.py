"""The conformance suites of both targets, for `windlass plugins check` and our own tests; they need real servers."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.services import big_service_url
from windlass_open_inference.mlserver.target import MLServerTarget
from windlass_open_inference.target import OpenInferenceTarget
from windlass_open_inference.triton.target import TritonTarget


def times(factor: int) -> Any:
    """A model that is pickled by its code, since the server cannot import this module."""
    return lambda model_input: [factor * value for value in model_input]


def save_models(root: Path) -> Path:
    """The directories `first`, `second` and `broken`."""
    pyfunc = importlib.import_module("windlass.pyfunc")
    pyfunc.save_model(root / "first", python_model=times(2))
    pyfunc.save_model(root / "second", python_model=times(3))
    (root / "broken").mkdir()
    (root / "broken" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
    return root


def case_of(kind: type[OpenInferenceTarget], target: str, models: Path) -> TargetCase:
    """A target with its models."""
    return TargetCase(
        target=kind.open(target, Settings()),
        reopen=lambda: kind.open(target, Settings()),
        first=models / "first",
        second=models / "second",
        broken=models / "broken",
        payload={"inputs": [1.5, 2.25]},
        first_answer={"predictions": [3.0, 4.5]},
        second_answer={"predictions": [4.5, 6.75]},
    )


class TestMLServerTarget(DeploymentTargetSuite):
    """A real MLServer; the query of its URL names its repository."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> TargetCase:
        """The server that the tests were told of."""
        return case_of(MLServerTarget, f"mlserver:/{big_service_url('mlserver')}", save_models(tmp_path))


class TestTritonTarget(DeploymentTargetSuite):
    """A real Triton; the query of its URL names its repository, and where its Python finds us."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> TargetCase:
        """The server that the tests were told of."""
        return case_of(TritonTarget, f"triton:/{big_service_url('triton')}", save_models(tmp_path))
