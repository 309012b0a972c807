"""The suite of the interface on a real SFTP server."""

from __future__ import annotations

from windlass_sftp.conformance import TestSftpArtifactRepository

__all__ = ["TestSftpArtifactRepository"]
