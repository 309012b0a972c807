"""The conformance suite on a real HDFS: `pytest --pyargs windlass_hdfs.conformance`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_fsspec.testing.directories import DirectorySuite
from windlass_hdfs.testing import new_java_uri, new_repository


class TestWebHdfsArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite, DirectorySuite):
    """A directory of HDFS, over HTTP."""

    @pytest.fixture
    def repository(self) -> Iterator[DirectoryArtifactRepository]:
        """A new directory."""
        with new_repository() as repository:
            yield repository


class TestLibHdfsArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite, DirectorySuite):
    """A directory of HDFS, with Hadoop's library in this process."""

    @pytest.fixture
    def repository(self) -> Iterator[DirectoryArtifactRepository]:
        """A new directory."""
        libhdfs = pytest.importorskip("windlass_hdfs.libhdfs", reason="pyarrow is not installed")
        with new_java_uri() as uri, libhdfs.LibHdfsArtifactRepository.open(uri, Settings()) as repository:
            yield repository

    def test_odd_names_stand_for_themselves_in_every_method(
        self, repository: ArtifactRepository, tmp_path: Path
    ) -> None:
        """Not all of them can."""
        del repository, tmp_path
        pytest.skip("Hadoop's library cannot write all characters; what it cannot is refused")
