"""The conformance suite on this plugin's repository: `pytest --pyargs windlass_s3.conformance`.

It needs an S3 server, see `windlass.testing.services`: WINDLASS_TEST_S3 is `http://KEY:SECRET@HOST:PORT`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_s3.client import open_client
from windlass_s3.repository import S3ArtifactRepository


@pytest.fixture
def s3_settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """How the server for tests is reached; its credentials are in the environment."""
    parts = urlsplit(service_url("s3"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", parts.username or "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", parts.password or "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Settings(s3_endpoint_url=f"http://{parts.hostname}:{parts.port}")


@pytest.fixture
def s3_bucket(s3_settings: Settings) -> Iterator[str]:
    """A new bucket, gone with all in it at the end."""
    client = open_client(s3_settings)
    bucket = f"windlass-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    yield bucket
    with S3ArtifactRepository.open(Uri.parse(f"s3://{bucket}"), s3_settings) as repository:
        repository.delete("")
    client.delete_bucket(Bucket=bucket)
    client.close()


class TestS3ArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite):
    """A prefix of a bucket."""

    @pytest.fixture
    def repository(self, s3_bucket: str, s3_settings: Settings) -> Iterator[ArtifactRepository]:
        """A repository in a new bucket."""
        with S3ArtifactRepository.open(Uri.parse(f"s3://{s3_bucket}/some/prefix"), s3_settings) as repository:
            yield repository
