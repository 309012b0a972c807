"""Core's own implementations pass the suites of their interfaces; the same classes ship in the wheel."""

from __future__ import annotations

from windlass.testing.conformance import (
    TestLocalArtifactRepository,
    TestLocalContext,
    TestMemoryModelRegistry,
    TestMemoryRecordStore,
    TestMemoryTrackingStore,
)

__all__ = [
    "TestLocalArtifactRepository",
    "TestLocalContext",
    "TestMemoryModelRegistry",
    "TestMemoryRecordStore",
    "TestMemoryTrackingStore",
]
