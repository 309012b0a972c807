"""What is known about the place where a run starts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping


class RunContext(ABC):
    """Contributes tags to every new run: the user, the source file, the commit, …."""

    @abstractmethod
    def tags(self) -> Mapping[str, str]:
        """The tags that apply here and now; empty if nothing is known. Quick, and never raises."""
