"""The conformance suites, run on our own backend and environment managers; test_conda.py has those of conda."""

from __future__ import annotations

import pytest

from windlass_projects.conformance import TestLocalProjectBackend
from windlass_projects.environments import conformance
from windlass_projects.environments.conformance import TestUvEnvironmentManager

__all__ = ["TestLocalProjectBackend", "TestUvEnvironmentManager"]


@pytest.mark.slow
class TestVirtualenvEnvironmentManager(conformance.TestVirtualenvEnvironmentManager):
    """Pip takes seconds for each environment."""
