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
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("ftp",),
            "windlass_fsspec.ftp:FtpArtifactRepository",
            "Files on an FTP server.",
            suite="windlass_fsspec.conformance:TestFtpArtifactRepository",
            install="windlass-fsspec",
        ),
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("http", "https"),
            "windlass_fsspec.http:HttpSourceRepository",
            "Files of a web server, to be read.",
            suite="windlass_fsspec.conformance:TestHttpSourceRepository",
            install="windlass-fsspec[http]",
        ),
    ]
