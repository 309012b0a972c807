"""The conformance suite on this plugin's repository: `pytest --pyargs windlass_gcs.conformance`.

It needs an emulator, see `windlass.testing.services`: WINDLASS_TEST_GCS is its URL.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from google.api_core.exceptions import Conflict

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_gcs.client import open_client
from windlass_gcs.repository import GcsArtifactRepository


@pytest.fixture
def gcs_settings() -> Settings:
    """How the emulator is reached."""
    return Settings(gcs_emulator=service_url("gcs"))


@pytest.fixture
def gcs_bucket(gcs_settings: Settings) -> Iterator[str]:
    """A new bucket, gone with all in it at the end."""
    client = open_client(gcs_settings)
    bucket = client.create_bucket(f"windlass-{uuid.uuid4().hex}")
    yield bucket.name
    with GcsArtifactRepository.open(Uri.parse(f"gs://{bucket.name}"), gcs_settings) as repository:
        repository.delete("")
    with suppress(Conflict):
        # The emulator does not let go of a bucket with an upload that nobody ended.
        bucket.delete()
    client.close()


class TestGcsArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite):
    """A prefix of a bucket."""

    @pytest.fixture
    def repository(self, gcs_bucket: str, gcs_settings: Settings) -> Iterator[ArtifactRepository]:
        """A repository in a new bucket."""
        with GcsArtifactRepository.open(Uri.parse(f"gs://{gcs_bucket}/some/prefix"), gcs_settings) as repository:
            yield repository
