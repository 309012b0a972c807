"""SignIn: access tokens of Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import google.auth
import google.auth.exceptions
import urllib3
from google.auth.transport.urllib3 import Request

from windlass.config import Settings
from windlass.errors import Unauthenticated, Unavailable

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
WHO = "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file"


class SignIn:
    """The token of the settings, or Google's default credentials, whose tokens are renewed when they expire."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.google_token
        self._pool = urllib3.PoolManager(timeout=settings.http_timeout, ca_certs=settings.ca_file)
        self._credentials: Any = None

    def headers(self) -> Mapping[str, str]:
        """The header that carries a token."""
        return {"authorization": f"Bearer {self._token or self._renewed()}"}

    def forget(self) -> None:
        """Take no token for good any more."""
        if self._credentials is not None:
            self._credentials.expiry = None
            self._credentials.token = None

    def _renewed(self) -> str:
        try:
            if self._credentials is None:
                self._credentials = google.auth.default(scopes=[_SCOPE])[0]
            if not self._credentials.valid:
                self._credentials.refresh(Request(self._pool))  # type: ignore[no-untyped-call]  # it has no types
        except google.auth.exceptions.TransportError as error:
            raise Unavailable("Google cannot be reached to sign in", hint=WHO) from error
        except google.auth.exceptions.DefaultCredentialsError as error:
            raise Unauthenticated("there are no credentials for Google Cloud", hint=WHO) from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise Unauthenticated("the credentials for Google Cloud are no good", hint=WHO) from error
        return str(self._credentials.token)
