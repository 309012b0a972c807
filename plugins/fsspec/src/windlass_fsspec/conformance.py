"""The conformance suite on this plugin's repositories: `pytest --pyargs windlass_fsspec.conformance`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.uri import Uri
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_fsspec.ftp import FtpArtifactRepository
from windlass_fsspec.memory import MemoryArtifactRepository
from windlass_fsspec.testing.directories import DirectorySuite
from windlass_fsspec.testing.servers import PASSWORD, USER, ftp_server, http_server


class TestMemoryArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite):
    """The file system in memory."""

    @pytest.fixture
    def repository(self) -> ArtifactRepository:
        """A repository below a name of its own."""
        return MemoryArtifactRepository.open(Uri.parse(f"memory://{uuid.uuid4().hex}/files"), Settings())


class TestFtpArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite, DirectorySuite):
    """A directory of an FTP server."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Iterator[DirectoryArtifactRepository]:
        """A new directory."""
        (tmp_path / "served").mkdir()
        with ftp_server(tmp_path / "served") as port:
            uri = Uri.parse(f"ftp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/root with space")
            with FtpArtifactRepository.open(uri, Settings()) as repository:
                yield repository


class TestHttpSourceRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite):
    """What a web server shows of a directory; it cannot be written to, so that happens behind its back."""

    @pytest.fixture
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArtifactRepository]:
        """A new directory."""
        http = pytest.importorskip("windlass_fsspec.http", reason="aiohttp is not installed")
        directory = tmp_path / "served" / "root with space"
        directory.mkdir(parents=True)
        behind = LocalArtifactRepository(directory)
        with http_server(directory.parent) as port:
            uri = Uri.parse(f"http://127.0.0.1:{port}/root with space")
            with http.HttpSourceRepository.open(uri, Settings()) as repository:
                monkeypatch.setattr(repository, "put_file", behind.put_file)
                monkeypatch.setattr(repository, "delete", behind.delete)
                yield repository
