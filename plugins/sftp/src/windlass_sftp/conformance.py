"""The conformance suite on a real SFTP server: `pytest --pyargs windlass_sftp.conformance`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass_sftp.testing import new_directory


class TestSftpArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite):
    """A directory of an SFTP server."""

    @pytest.fixture
    def repository(self) -> Iterator[ArtifactRepository]:
        """A new directory."""
        with new_directory() as repository:
            yield repository
