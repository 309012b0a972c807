"""The conformance suite on a real SFTP server: `pytest --pyargs windlass_sftp.conformance`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_fsspec.testing.directories import DirectorySuite
from windlass_sftp.testing import new_directory


class TestSftpArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite, DirectorySuite):
    """A directory of an SFTP server."""

    @pytest.fixture
    def repository(self) -> Iterator[DirectoryArtifactRepository]:
        """A new directory."""
        with new_directory() as repository:
            yield repository
