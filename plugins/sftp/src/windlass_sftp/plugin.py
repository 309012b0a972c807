"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """An artifact repository on SFTP servers."""
    return [
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("sftp",),
            "windlass_sftp.repository:SftpArtifactRepository",
            "Files on an SFTP server.",
            suite="windlass_sftp.conformance:TestSftpArtifactRepository",
            install="windlass-sftp",
        ),
    ]
