"""The conformance suite on this plugin's repositories: `pytest --pyargs windlass_fsspec.conformance`."""

from __future__ import annotations

import uuid

import pytest

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.uri import Uri
from windlass_fsspec.memory import MemoryArtifactRepository


class TestMemoryArtifactRepository(ArtifactRepositorySuite):
    """The file system in memory."""

    @pytest.fixture
    def repository(self) -> ArtifactRepository:
        """A repository below a name of its own."""
        return MemoryArtifactRepository.open(Uri.parse(f"memory://{uuid.uuid4().hex}/files"), Settings())
