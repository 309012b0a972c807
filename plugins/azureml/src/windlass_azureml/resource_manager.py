"""ResourceManager: Azure Resource Manager, below one workspace.

See https://learn.microsoft.com/rest/api/azureml/.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from windlass.config import Settings
from windlass.errors import Conflict, InvalidValue, NotFound, Unavailable
from windlass.interfaces import wait_until
from windlass_azureml.address import Address
from windlass_azureml.sign_in import SignIn
from windlass_rest.rest import Refused, Rest

API_VERSION = "2025-12-01"
RUNNING = frozenset({"Creating", "Updating", "Scaling", "Deleting"})
_GOING = frozenset({"InProgress", "Running", "NotStarted", "Accepted"})
_PATIENCE = 120.0
_LATER = "give it longer with -C timeout=…"


class ResourceManager:
    """Paths are below the workspace. A change ends when Azure has done it."""

    def __init__(self, address: Address, settings: Settings, sign_in: SignIn) -> None:
        self._top = address.path
        self.rest = Rest.open(
            settings.azure_management_url,
            settings,
            name="Azure",
            timeout=settings.http_timeout,
            authorize=sign_in.headers(sign_in.management),
            renew=lambda: sign_in.forget(sign_in.management),
            patience=_PATIENCE,
            hints={403: "who signs in needs a role such as 'AzureML Data Scientist' in the workspace"},
        )

    def get(self, path: str) -> dict[str, Any]:
        """A resource; NotFound if there is none."""
        return dict(self.rest.get(self._top + path, {"api-version": API_VERSION}))

    def each(self, path: str) -> Iterator[dict[str, Any]]:
        """The resources of a list, page after page; none if the list is missing."""
        with suppress(NotFound):
            found = self.get(path)
            while True:
                yield from found.get("value", [])
                if not (link := found.get("nextLink")):
                    return
                parts = urlsplit(link)
                found = self.rest.get(f"{parts.path}?{parts.query}")

    def post(self, path: str, content: Any = None) -> Any:
        """What an action answers."""
        return self.rest.call("POST", self._top + path, content, query={"api-version": API_VERSION})

    def put(
        self, path: str, content: Mapping[str, Any], *, what: str, timeout: float, same: Callable[[Any], bool]
    ) -> dict[str, Any]:
        """Make or change a resource; `same` says of one that it is as it was asked for.

        InvalidValue if Azure does not accept it, Unavailable with the reason if it fails.
        """
        operation = ""
        try:
            answer = self.rest.send(
                "PUT", f"{self._top}{path}?api-version={API_VERSION}", body=json.dumps(content).encode()
            )
            operation = answer.headers.get("azure-asyncoperation", "")
        except Refused as error:
            raise InvalidValue("config", what, f"is not what Azure accepts: {error.message}") from error
        except Unavailable:
            # The answer may be lost while the change is on its way.
            if not self._is(path, same):
                raise
        if operation:
            self._follow(operation, what, timeout)
        return self.settled(path, what=what, timeout=timeout, ready=True)

    def settled(self, path: str, *, what: str, timeout: float, ready: bool = False) -> dict[str, Any]:
        """A resource when nothing happens to it any more; Unavailable if it is to be `ready` and is not."""
        found = wait_until(
            lambda: self.get(path),
            lambda one: _state(one) not in RUNNING,
            within=timeout,
            late=lambda one: f"{what} is still {_state(one)}",
            hint=_LATER,
        )
        if ready and _state(found) not in {"Succeeded", ""}:
            raise Unavailable(f"Azure could not bring up {what}: it is {_state(found)}")
        return found

    def delete(self, path: str, *, what: str, timeout: float) -> None:
        """Remove a resource, and return when it is gone; nothing happens if it is missing."""
        with suppress(NotFound):
            self.settled(path, what=what, timeout=timeout)
            self.rest.send("DELETE", f"{self._top}{path}?api-version={API_VERSION}")
            wait_until(
                lambda: self.get(path),
                lambda one: _state(one) == "Failed",
                within=timeout,
                late=lambda _: f"{what} is still being deleted",
            )
            raise Conflict(f"Azure could not delete {what}")

    def _is(self, path: str, same: Callable[[Any], bool]) -> bool:
        with suppress(NotFound):
            return same(self.get(path))
        return False

    def _follow(self, link: str, what: str, timeout: float) -> None:
        parts = urlsplit(link)
        found = wait_until(
            lambda: self.rest.get(f"{parts.path}?{parts.query}"),
            lambda one: one.get("status") not in _GOING,
            within=timeout,
            late=lambda _: f"{what} is still being brought up",
            hint=_LATER,
        )
        if found.get("status") != "Succeeded":
            reason = (found.get("error") or {}).get("message") or f"it is {found.get('status')}"
            raise Unavailable(f"Azure could not bring up {what}: {reason}")


def _state(found: Mapping[str, Any]) -> str:
    return str((found.get("properties") or {}).get("provisioningState") or "")
