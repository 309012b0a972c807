"""EcrRepository: the repository of ECR that an image of ours goes to."""

from __future__ import annotations

import base64
import contextlib
from dataclasses import dataclass, field
from typing import Self

from windlass.errors import AlreadyExists, NotFound, Unavailable
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.faults import explained


@dataclass(frozen=True, slots=True, kw_only=True)
class EcrRepository:
    """Its URI without a tag, and how to sign in at its registry for some hours."""

    uri: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def open(cls, clients: Clients, name: str) -> Self:
        """The repository of this name, which is made if it is missing."""
        uri = _uri(clients, name)
        with explained("the authorization of ECR"):
            (given, *_) = clients.ecr.get_authorization_token()["authorizationData"] or (None,)
        if given is None:
            raise Unavailable("ECR gives no authorization")
        user, _, password = base64.b64decode(given["authorizationToken"]).decode().partition(":")
        return cls(uri=uri, user=user, password=password)

    @property
    def registry(self) -> str:
        """The host that it is on."""
        return self.uri.partition("/")[0]


def _uri(clients: Clients, name: str) -> str:
    what = f"the repository {name!r} of ECR"
    with contextlib.suppress(NotFound), explained(what):
        return str(clients.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryUri"])
    with contextlib.suppress(AlreadyExists), explained(what):
        return str(clients.ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"])
    # Somebody else has made it meanwhile.
    with explained(what):
        return str(clients.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryUri"])
