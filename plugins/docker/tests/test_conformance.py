"""The suite of the interface on a real Docker API."""

from __future__ import annotations

from windlass_docker.conformance import TestDockerProjectBackend

__all__ = ["TestDockerProjectBackend"]
