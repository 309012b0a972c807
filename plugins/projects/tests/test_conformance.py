"""The conformance suite, run on our own backend."""

from __future__ import annotations

from windlass_projects.conformance import TestLocalProjectBackend

__all__ = ["TestLocalProjectBackend"]
