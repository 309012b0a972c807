"""The suite of its interface on this plugin's context: `windlass plugins check template` runs it."""

from __future__ import annotations

import pytest

from windlass.interfaces import RunContext
from windlass.testing.run_context import RunContextSuite
from windlass_template.context import MachineContext


class TestMachineContext(RunContextSuite):
    """The machine's name."""

    @pytest.fixture
    def context(self) -> RunContext:
        """The context of this process."""
        return MachineContext()
