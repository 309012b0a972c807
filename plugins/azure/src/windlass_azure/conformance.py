"""The conformance suite on this plugin's repository: `pytest --pyargs windlass_azure.conformance`.

It needs Azurite, see `windlass.testing.services`: WINDLASS_TEST_AZURE is the URL of its account.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from azure.storage.blob import BlobServiceClient

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.testing.artifact_abilities import ArtifactAbilitiesSuite
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_azure.repository import AzureArtifactRepository

_ACCOUNT = "devstoreaccount1"
# The same for every Azurite of the world.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture
def azure_settings() -> Settings:
    """How Azurite is reached."""
    url = service_url("azure")
    scheme = url.partition(":")[0]
    return Settings(
        azure_connection_string=(
            f"DefaultEndpointsProtocol={scheme};AccountName={_ACCOUNT};AccountKey={_KEY};BlobEndpoint={url};"
        )
    )


@pytest.fixture
def azure_container(azure_settings: Settings) -> Iterator[str]:
    """A new container, gone with all in it at the end."""
    name = f"windlass-{uuid.uuid4().hex}"
    with BlobServiceClient.from_connection_string(azure_settings.azure_connection_string or "") as service:
        service.create_container(name)
        yield name
        service.delete_container(name)


class TestAzureArtifactRepository(ArtifactRepositorySuite, ArtifactAbilitiesSuite):
    """A path in a container."""

    @pytest.fixture
    def repository(self, azure_container: str, azure_settings: Settings) -> Iterator[ArtifactRepository]:
        """A repository in a new container."""
        uri = Uri.parse(f"abfss://{azure_container}@devstoreaccount1.dfs.core.windows.net/some/path")
        with AzureArtifactRepository.open(uri, azure_settings) as repository:
            yield repository
