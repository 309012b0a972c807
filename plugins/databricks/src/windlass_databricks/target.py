"""DatabricksTarget: each deployment is a serving endpoint of a Databricks workspace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Self

from windlass.config import Settings
from windlass_databricks.options import OPTIONS
from windlass_databricks.service import ServingEndpoints
from windlass_databricks.sign_in import SignIn
from windlass_rest.client_credentials import ClientCredentials
from windlass_rest.endpoints.log_lines import log_lines
from windlass_rest.endpoints.target import EndpointTarget
from windlass_rest.rest import Rest

_PATIENCE = 60.0
_WHO = "set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET; a token may have expired"
_MAY = "who signs in needs to use the catalog and schema, to create models there, and to create serving endpoints"


class DatabricksTarget(EndpointTarget):
    """Serving endpoints that carry our tags, in one workspace."""

    def __init__(self, target: str, host: str, service: ServingEndpoints) -> None:
        super().__init__(target, service, OPTIONS)
        self._host = host
        self._serving = service

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The workspace that the target or the settings name; nothing is asked yet."""
        who = SignIn.find(target, settings)
        rest = _rest(who, settings)
        return cls(target, who.host, ServingEndpoints(rest))

    def address(self, target: str) -> str:
        """The workspace, however it was named."""
        del target
        return f"databricks:/{self._host}"

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """What the deployment's model has printed, after what was printed when its environment was made."""
        state = self._found(name)
        variant = state.main.name if state.main is not None else ""
        yield from self._serving.log(state, variant, "build-logs").splitlines()
        yield from log_lines(lambda: self._serving.log(state, variant, "logs"), follow=follow)


def _rest(who: SignIn, settings: Settings) -> Rest:
    plain = Rest.open(who.host, settings, name="Databricks", timeout=settings.http_timeout, patience=_PATIENCE)
    hinted = replace(plain, hints={401: _WHO, 403: _MAY})
    if who.token is not None:
        return replace(hinted, headers={"authorization": f"Bearer {who.token}"})
    tokens = ClientCredentials(
        server=plain,
        path="/oidc/v1/token",
        client_id=who.client_id or "",
        client_secret=who.client_secret or "",
        scope="all-apis",
        basic=True,
        hint=_WHO,
    )
    return replace(hinted, authorize=tokens.headers, renew=tokens.forget)
