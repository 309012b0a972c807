"""What core itself plugs in: implementations that need nothing but the standard library."""

from __future__ import annotations

from windlass.plugins import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """The memory store, local artifacts and the local run context."""
    return [
        Provider(
            Kind.TRACKING_STORE,
            ("memory",),
            "windlass.builtin.memory_tracking:MemoryTrackingStore",
            "Runs in this process's memory, for tests.",
            suite="windlass.testing.conformance:TestMemoryTrackingStore",
        ),
        Provider(
            Kind.MODEL_REGISTRY,
            ("memory",),
            "windlass.builtin.memory_registry:MemoryModelRegistry",
            "Registered models in this process's memory, for tests.",
            suite="windlass.testing.conformance:TestMemoryModelRegistry",
        ),
        Provider(
            Kind.RECORD_STORE,
            ("memory",),
            "windlass.builtin.memory_records:MemoryRecordStore",
            "Records in this process's memory, for tests.",
            suite="windlass.testing.conformance:TestMemoryRecordStore",
        ),
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("file",),
            "windlass.builtin.local_artifacts:LocalArtifactRepository",
            "Files in a local directory.",
            suite="windlass.testing.conformance:TestLocalArtifactRepository",
        ),
        Provider(
            Kind.RUN_CONTEXT,
            ("local",),
            "windlass.builtin.local_context:LocalContext",
            "The user, the source file and the git commit.",
            suite="windlass.testing.conformance:TestLocalContext",
        ),
    ]
