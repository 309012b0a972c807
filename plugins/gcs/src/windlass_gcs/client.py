"""The client of Google Cloud Storage, from the settings."""

from __future__ import annotations

from google.api_core.retry import Retry
from google.auth import default
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client
from google.cloud.storage.retry import DEFAULT_RETRY
from requests.adapters import HTTPAdapter

from windlass.config import Settings
from windlass.errors import InvalidValue, Unauthenticated
from windlass_gcs.faults import WHO

TIMEOUT = (3, 60)
"""Seconds to wait for a connection, and for each piece of an answer."""

RETRY: Retry = DEFAULT_RETRY.with_delay(initial=0.3, maximum=1.0, multiplier=2.0).with_timeout(2.5)
"""How often a request is tried again: for two seconds. Whatever moves files tries again by itself."""

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
_CONNECTIONS = 32


def open_client(settings: Settings) -> Client:
    """A client with Google's default credentials, or for an emulator without any; threads may share it."""
    if (emulator := settings.gcs_emulator) is None:
        return make_client(_credentials())
    if not emulator.startswith(("http://", "https://")):
        raise InvalidValue("STORAGE_EMULATOR_HOST", emulator, "must be a URL, such as http://127.0.0.1:9023")
    return make_client(_anybody(), endpoint=emulator.rstrip("/"))


def make_client(credentials: Credentials, *, endpoint: str | None = None) -> Client:
    """A client with these credentials. No project is needed: buckets are neither made nor listed."""
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]  # half of its types are missing
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
    options = {"api_endpoint": endpoint} if endpoint else None
    return Client(project="none", credentials=credentials, _http=session, client_options=options)


def _anybody() -> Credentials:
    return AnonymousCredentials()  # type: ignore[no-untyped-call]  # half of its types are missing


def _credentials() -> Credentials:
    try:
        found: Credentials = default(scopes=[_SCOPE])[0]
        return found
    except DefaultCredentialsError as error:
        raise Unauthenticated("there are no credentials for Google Cloud Storage", hint=WHO) from error
    except GoogleAuthError as error:
        raise Unauthenticated(f"the credentials for Google Cloud Storage are no good: {error}", hint=WHO) from error
