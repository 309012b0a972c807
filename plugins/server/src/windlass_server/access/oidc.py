"""OidcProvider: an OpenID Connect provider that vouches for users."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from windlass.config import Settings
from windlass.errors import InvalidValue, Unauthenticated
from windlass_server.access.caller import Caller
from windlass_server.access.credentials import caller_of
from windlass_server.access.errand import Errand
from windlass_server.access.jwt import JwtVerifier
from windlass_server.access.oidc_http import OidcHttp
from windlass_server.access.user import User
from windlass_server.access.vouched import Vouched

_BELIEVED = 60.0


class OidcProvider:
    """Sends browsers to the provider and takes them back, and checks the bearer tokens of programs."""

    def __init__(self, settings: Settings, vouched: Vouched, http: OidcHttp) -> None:
        self._settings = settings
        self._vouched = vouched
        self._http = http
        self._client_id = settings.oidc_client_id or ""
        self._id_tokens = JwtVerifier(http, self._client_id)
        self._bearers = JwtVerifier(http, settings.oidc_audience or self._client_id)

    @classmethod
    def of(cls, settings: Settings, vouched: Vouched) -> OidcProvider:
        """The provider that the settings name."""
        if not settings.oidc_client_id:
            raise InvalidValue("oidc_client_id", None, "is missing", hint="set WINDLASS_OIDC_CLIENT_ID")
        http = OidcHttp(str(settings.oidc_issuer), settings.oidc_client_id, settings.oidc_client_secret)
        return cls(settings, vouched, http)

    def depart(self, callback: str, target: str) -> tuple[str, Errand]:
        """Where to send a browser, and what to remember until it is back."""
        errand = Errand(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), target)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(errand.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": callback,
            "scope": self._settings.oidc_scopes,
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(self._http.configuration()["authorization_endpoint"])
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(query), errand

    def arrive(self, errand: Errand, answer: Mapping[str, str], callback: str) -> User:
        """The account of somebody who is back; Unauthenticated if the provider, or the browser, says otherwise."""
        if not secrets.compare_digest(answer.get("state", "").encode(), errand.state.encode()):
            raise Unauthenticated("this sign-in was not begun here", hint="begin again")
        if "error" in answer or "code" not in answer:
            raise Unauthenticated(f"the provider refused: {answer.get('error', 'no code')}", hint="begin again")
        tokens = self._http.redeem(answer["code"], callback, errand.verifier)
        claims = self._id_tokens.verify(str(tokens.get("id_token", "")))
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), errand.nonce.encode()):
            raise Unauthenticated("the provider's answer belongs to another sign-in", hint="begin again")
        return self._user(self._completed(claims, tokens))

    def bearer(self, token: str) -> tuple[Caller, float]:
        """The caller of a bearer token, and for how many seconds that can be believed."""
        claims = self._bearers.verify(token)
        return caller_of(self._user(claims), "jwt"), min(_BELIEVED, float(claims["exp"]) - time.time())

    def close(self) -> None:
        """Close the connections to the provider."""
        self._http.close()

    def _completed(self, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """The claims of an id token, with those that the provider tells only when it is asked for them."""
        wanted = {self._settings.oidc_username_claim, self._settings.oidc_groups_claim}
        if wanted <= set(claims) or not tokens.get("access_token"):
            return claims
        told = self._http.user_info(str(tokens["access_token"]))
        if told.get("sub") != claims.get("sub"):
            return claims
        return {**told, **claims}

    def _user(self, claims: Mapping[str, Any]) -> User:
        settings = self._settings
        username = claims.get(settings.oidc_username_claim) or claims.get("sub")
        if not isinstance(username, str) or not isinstance(claims.get("sub"), str):
            raise Unauthenticated(f"the provider's token lacks the claim {settings.oidc_username_claim!r}")
        # Names change hands at a provider; what it calls the subject does not.
        origin = f"oidc {self._http.issuer} {claims['sub']}"
        groups = _names(claims.get(settings.oidc_groups_claim))
        is_admin = None if settings.oidc_admin_group is None else settings.oidc_admin_group in (groups or ())
        return self._vouched.user(username, origin, groups=groups, is_admin=is_admin)


def _names(claim: object) -> list[str] | None:
    """The groups of a claim, None if the provider says nothing about them."""
    if isinstance(claim, str):
        return claim.split()
    return [str(one) for one in claim] if isinstance(claim, list) else None
