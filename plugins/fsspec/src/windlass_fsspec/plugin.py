"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Artifact repositories on the file systems that fsspec itself brings."""
    return [
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("memory",),
            "windlass_fsspec.memory:MemoryArtifactRepository",
            "Files in this process's memory, for tests.",
            suite="windlass_fsspec.conformance:TestMemoryArtifactRepository",
            install="windlass-fsspec",
        ),
    ]
