"""SignIn: tokens of Microsoft Entra for the services of Azure."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from windlass.config import Settings
from windlass.errors import MissingDependency, Unauthenticated
from windlass_rest.client_credentials import ClientCredentials
from windlass_rest.rest import Rest

STORAGE = "https://storage.azure.com/.default"
ENDPOINTS = "https://ml.azure.com/.default"
_WHO = "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run `az login`"


class SignIn:
    """A service principal that the settings name; else whoever azure-identity finds: `az login`, a managed identity."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._principals: dict[str, ClientCredentials] = {}
        self._found: Any = None

    @property
    def management(self) -> str:
        """What tokens for Azure Resource Manager are for."""
        return f"{self._settings.azure_management_url.rstrip('/')}/.default"

    def headers(self, scope: str) -> Callable[[], Mapping[str, str]]:
        """Gives the header with a token for a service, at the moment at which it is needed."""
        if self._settings.azure_client_secret:
            return self._principal(scope).headers
        return lambda: {"authorization": f"Bearer {self._identity(scope)}"}

    def forget(self, scope: str) -> None:
        """Take no token for a service for good any more."""
        if scope in self._principals:
            self._principals[scope].forget()

    def _principal(self, scope: str) -> ClientCredentials:
        if scope not in self._principals:
            one = self._settings
            if not one.azure_tenant_id or not one.azure_client_id or not one.azure_client_secret:
                raise Unauthenticated("the service principal for Azure is named in part only", hint=_WHO)
            server = Rest.open(
                one.azure_authority_host, one, name="Microsoft Entra", timeout=one.http_timeout, patience=30.0
            )
            self._principals[scope] = ClientCredentials(
                server=server,
                path=f"/{one.azure_tenant_id}/oauth2/v2.0/token",
                client_id=one.azure_client_id,
                client_secret=one.azure_client_secret,
                scope=scope,
                hint=_WHO,
            )
        return self._principals[scope]

    def _identity(self, scope: str) -> str:
        try:
            identity = importlib.import_module("azure.identity")
            core = importlib.import_module("azure.core.exceptions")
        except ModuleNotFoundError:
            hint = f"{_WHO}; the latter needs pip install 'windlass-azureml[identity]'"
            raise MissingDependency("nobody is named to sign in as to Azure", hint=hint) from None
        if self._found is None:
            self._found = identity.DefaultAzureCredential(authority=self._settings.azure_authority_host)
        try:
            return str(self._found.get_token(scope).token)
        except core.ClientAuthenticationError as error:
            raise Unauthenticated("there are no credentials for Azure", hint=_WHO) from error
