"""VertexAITarget: each deployment is an endpoint of Vertex AI."""

from __future__ import annotations

from typing import Self

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.plugins import Kind, get_plugin_manager
from windlass.uri import Uri
from windlass_rest.endpoints.target import EndpointTarget
from windlass_rest.rest import Rest
from windlass_vertexai.address import Address
from windlass_vertexai.operations import Operations
from windlass_vertexai.options import OPTIONS
from windlass_vertexai.service import Endpoints
from windlass_vertexai.sign_in import WHO, SignIn

_PATIENCE = 60.0
_MAY = "who signs in needs the role 'Vertex AI User' in the project"


class VertexAITarget(EndpointTarget):
    """Endpoints that carry our labels, in one region of a project."""

    def __init__(self, target: str, address: Address, service: Endpoints) -> None:
        super().__init__(target, service, OPTIONS)
        self._address = address

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The project and the region that the target names; nothing is asked yet."""
        address, sign_in = Address.parse(target), SignIn(settings)
        rest = Rest.open(
            settings.vertex_ai_url or address.host,
            settings,
            name="Vertex AI",
            timeout=settings.http_timeout,
            authorize=sign_in.headers,
            renew=sign_in.forget,
            patience=_PATIENCE,
            hints={401: WHO, 403: _MAY},
        )
        service = Endpoints(
            address.path, Operations(rest), lambda uri: staged(uri, settings), allow_pickle=settings.allow_pickle
        )
        return cls(target, address, service)

    def address(self, target: str) -> str:
        """The project and the region, however they were named."""
        del target
        return str(self._address)


def staged(uri: str, settings: Settings) -> ArtifactRepository:
    """A place of files, by the plugin for its scheme."""
    parsed = Uri.parse(uri)
    kind: type[ArtifactRepository] = get_plugin_manager().load(Kind.ARTIFACT_REPOSITORY, parsed.scheme)
    return kind.open(parsed, settings)
