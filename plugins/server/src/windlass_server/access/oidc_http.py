"""OidcHttp: asking an OpenID Connect provider."""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import httpx

from windlass.errors import Unauthenticated, Unavailable

_TIMEOUT = 10.0
_REMEMBERED = 3600.0
_KEYS_REMEMBERED = 600.0
_LEAST_PAUSE = 10.0
_BAD = 400
_BROKEN = 500


class OidcHttp:
    """The endpoints of one provider; its description is remembered for an hour, its keys for ten minutes."""

    def __init__(self, issuer: str, client_id: str, client_secret: str | None = None) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._secret = client_secret
        self._http = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._lock = Lock()
        self._configuration: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, Any]] | None = None

    def configuration(self) -> Mapping[str, Any]:
        """What the provider says of itself; Unavailable if it cannot be asked."""
        with self._lock:
            known, now = self._configuration, time.monotonic()
            if known is None or now - known[0] > _REMEMBERED:
                found = self._json("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self.issuer.rstrip("/"):
                    raise Unavailable(f"{self.issuer} says that it is {found.get('issuer')!r}")
                self.issuer = str(found["issuer"])
                known = self._configuration = now, found
            return known[1]

    def keys(self, *, anew: bool = False) -> Mapping[str, Any]:
        """The keys that the provider signs with; `anew` asks for them again, though not all the time."""
        endpoint = str(self.configuration()["jwks_uri"])
        with self._lock:
            known, now = self._keys, time.monotonic()
            age = now - known[0] if known else _KEYS_REMEMBERED + 1
            if known is None or age > (_LEAST_PAUSE if anew else _KEYS_REMEMBERED):
                known = self._keys = now, self._json("GET", endpoint)
            return known[1]

    def redeem(self, code: str, callback: str, verifier: str) -> Mapping[str, Any]:
        """The tokens for a code; Unauthenticated if the provider does not give them."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        if self._secret is None:
            form["client_id"] = self._client_id
        credentials = None if self._secret is None else httpx.BasicAuth(self._client_id, self._secret)
        return self._json("POST", str(self.configuration()["token_endpoint"]), data=form, auth=credentials)

    def user_info(self, access_token: str) -> Mapping[str, Any]:
        """More claims about the user; none if the provider has no such endpoint."""
        endpoint = self.configuration().get("userinfo_endpoint")
        if not endpoint:
            return {}
        return self._json("GET", str(endpoint), headers={"authorization": f"Bearer {access_token}"})

    def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        self._http.close()

    def _json(self, method: str, url: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, url, **arguments)
        except httpx.HTTPError as error:
            raise Unavailable("the identity provider cannot be reached", retry_after=5) from error
        if answer.status_code >= _BROKEN:
            raise Unavailable("the identity provider has a problem", retry_after=5)
        if answer.status_code >= _BAD:
            raise Unauthenticated("the identity provider refused", hint="begin again")
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unavailable("the identity provider answers with something else than JSON")
        return found
