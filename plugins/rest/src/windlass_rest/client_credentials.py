"""ClientCredentials: tokens of OAuth 2 for a program, such as a service principal."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3

from windlass.errors import Unauthenticated
from windlass_rest.rest import Refused, Rest

_EARLY = 60.0
_HOUR = 3600.0


@dataclass(slots=True, kw_only=True)
class ClientCredentials:
    """A token is asked for when there is none, or when it is about to expire.

    `basic` sends the client's id and secret as a header rather than in the body. `hint` is what to do if they are
    refused.
    """

    server: Rest
    path: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    basic: bool = False
    hint: str = ""
    _token: str = field(default="", init=False, repr=False)
    _expires: float = field(default=0.0, init=False)

    def headers(self) -> dict[str, str]:
        """The header that carries a token."""
        if not self._token or time.monotonic() > self._expires - _EARLY:
            self._renew()
        return {"authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """Take no token for good any more that was."""
        self._token = ""

    def _renew(self) -> None:
        asked = {"grant_type": "client_credentials", "scope": self.scope}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if self.basic:
            headers |= urllib3.make_headers(basic_auth=f"{self.client_id}:{self.client_secret}")
        else:
            asked |= {"client_id": self.client_id, "client_secret": self.client_secret}
        found = self._answer(urlencode(asked), headers)
        if not isinstance(found.get("access_token"), str):
            raise Unauthenticated(f"{self.server.name} gives no token", hint=self.hint or None)
        self._token = found["access_token"]
        self._expires = time.monotonic() + float(found.get("expires_in") or _HOUR)

    def _answer(self, body: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            answer = self.server.send("POST", self.path, body=body.encode(), headers=headers)
            found = json.loads(answer.data)
        except (Refused, Unauthenticated) as error:
            raise Unauthenticated(error.message, hint=self.hint or None) from error
        except ValueError:
            found = None
        return found if isinstance(found, dict) else {}
