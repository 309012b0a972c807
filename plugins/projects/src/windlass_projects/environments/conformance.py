"""The conformance suites of the environment managers, for `windlass plugins check` and our own tests.

Those of conda's programs run where the program is; our own tests bring a solver of conda's packages along.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from windlass.config import Settings
from windlass.errors import MissingDependency
from windlass.testing.environment_manager import EnvironmentCase, EnvironmentManagerSuite
from windlass_projects.environments.conda_manager import (
    CondaEnvironmentManager,
    MambaEnvironmentManager,
    MicromambaEnvironmentManager,
)
from windlass_projects.environments.uv_manager import UvEnvironmentManager
from windlass_projects.environments.virtualenv_manager import VirtualenvEnvironmentManager


class TestUvEnvironmentManager(EnvironmentManagerSuite):
    """The real uv, which reads its own files only."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> EnvironmentCase:
        """Without a network."""
        manager = UvEnvironmentManager.open(Settings())
        return EnvironmentCase(manager=manager, name="uv", directory=tmp_path, variables={"UV_OFFLINE": "1"})


class TestVirtualenvEnvironmentManager(EnvironmentManagerSuite):
    """The real venv and pip."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> EnvironmentCase:
        """Without a network."""
        manager = VirtualenvEnvironmentManager.open(Settings())
        return EnvironmentCase(manager=manager, name="virtualenv", directory=tmp_path, variables={"PIP_NO_INDEX": "1"})


class TestCondaEnvironmentManager(EnvironmentManagerSuite):
    """The real conda with its own channels, if it is here."""

    kind: ClassVar[type[CondaEnvironmentManager]] = CondaEnvironmentManager

    @pytest.fixture
    def case(self, tmp_path: Path) -> EnvironmentCase:
        """With the program of this machine."""
        try:
            manager = self.kind.open(Settings())
        except MissingDependency as error:
            pytest.skip(str(error))
        return EnvironmentCase(manager=manager, name=self.kind.name, directory=tmp_path)


class TestMambaEnvironmentManager(TestCondaEnvironmentManager):
    """The real mamba, if it is here."""

    kind = MambaEnvironmentManager


class TestMicromambaEnvironmentManager(TestCondaEnvironmentManager):
    """The real micromamba, if it is here."""

    kind = MicromambaEnvironmentManager
