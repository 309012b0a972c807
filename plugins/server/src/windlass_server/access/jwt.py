"""JwtVerifier: checks that a token was signed by a provider, for this server, and not too long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from windlass.errors import Unauthenticated

if TYPE_CHECKING:
    from windlass_server.access.oidc_http import OidcHttp

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Public-key signatures only: with a shared secret, or with none, anybody who knows the client could make tokens."""
_LEEWAY = 60


class JwtVerifier:
    """Verifies tokens that are meant for one audience."""

    def __init__(self, provider: OidcHttp, audience: str) -> None:
        self._provider = provider
        self._audience = audience

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token; Unauthenticated if it is not good."""
        claims = self._decode(token)
        issuer = str(self._provider.configuration()["issuer"])
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise Unauthenticated(f"the token is not good: {error.description or error.error}") from None
        return claims

    def _decode(self, token: str) -> dict[str, Any]:
        for anew in (False, True):
            keys = KeySet.import_key_set(cast(KeySetSerialization, self._provider.keys(anew=anew)))
            try:
                return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError):
                # A provider that changed its keys is asked for them once more.
                continue
        raise Unauthenticated("the token was not signed by the provider")
