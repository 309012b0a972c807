"""A run context."""

from __future__ import annotations

from collections.abc import Mapping

from windlass.interfaces import RunContext


class Greeting(RunContext):
    """Tags every run with a greeting."""

    def tags(self) -> Mapping[str, str]:
        """One tag."""
        return {"example.greeting": "hello"}
