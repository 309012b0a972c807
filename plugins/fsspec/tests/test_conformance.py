"""The suite of the interface on this plugin's repositories."""

from __future__ import annotations

from windlass_fsspec.conformance import (
    TestFtpArtifactRepository,
    TestHttpSourceRepository,
    TestMemoryArtifactRepository,
)

__all__ = ["TestFtpArtifactRepository", "TestHttpSourceRepository", "TestMemoryArtifactRepository"]
