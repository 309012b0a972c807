"""Operations: Google's API of Vertex AI, whose changes go on after they have been answered.

See https://cloud.google.com/vertex-ai/docs/reference/rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from windlass.errors import AlreadyExists, InvalidValue, NotFound, PermissionDenied, Unavailable, WindlassError
from windlass.interfaces import wait_until
from windlass_rest.rest import Refused, Rest

_FAULTS: Mapping[int, type[WindlassError]] = {5: NotFound, 6: AlreadyExists, 7: PermissionDenied}
"""Of Google's codes those that are not about what Google does itself."""


class Operations:
    """Names are as Google's, such as `projects/p/locations/r/endpoints/e`."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    def get(self, name: str) -> dict[str, Any]:
        """A resource; NotFound if there is none."""
        return dict(self.rest.get(f"/v1/{name}"))

    def each(self, parent: str, part: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """The resources of a list, page after page."""
        asked = dict(query or {})
        while True:
            page = self.rest.get(f"/v1/{parent}/{part}", asked)
            yield from page.get(part, [])
            if not page.get("nextPageToken"):
                return
            asked["pageToken"] = page["nextPageToken"]

    def patch(self, name: str, content: Mapping[str, Any], *, mask: str) -> dict[str, Any]:
        """Change some fields of a resource."""
        return dict(self.rest.call("PATCH", f"/v1/{name}", content, query={"updateMask": mask}))

    def run(
        self,
        method: str,
        name: str,
        content: Any = None,
        *,
        what: str,
        timeout: float,
        query: Mapping[str, Any] | None = None,
        kind: str = "",
    ) -> dict[str, Any]:
        """What a change has made when it is done.

        `kind` is the name of the metadata by which it is found if its answer is lost, on the resource of `name`.
        """
        try:
            operation = self.rest.call(method, f"/v1/{name}", content, query=query)
        except Refused as error:
            raise InvalidValue("config", what, f"is not what Vertex AI accepts: {error.message}") from error
        except Unavailable:
            found = self._going(name.partition(":")[0], kind) if kind else None
            if found is None:
                raise
            operation = found
        return self._done(operation, what, timeout)

    def _going(self, name: str, kind: str) -> dict[str, Any] | None:
        for one in self.each(name, "operations"):
            if not one.get("done") and str((one.get("metadata") or {}).get("@type", "")).endswith(kind):
                return one
        return None

    def _done(self, operation: dict[str, Any], what: str, timeout: float) -> dict[str, Any]:
        if not operation.get("done"):
            operation = wait_until(
                lambda: self.get(operation["name"]),
                lambda one: bool(one.get("done")),
                within=timeout,
                late=lambda _: f"{what} is still being brought up or taken away",
                hint="give it longer with -C timeout=…",
            )
        if error := operation.get("error"):
            kind = _FAULTS.get(int(error.get("code", 0)), Unavailable)
            raise kind(f"Vertex AI failed at {what}: {error.get('message')}")
        return dict(operation.get("response") or {})

    def delete(self, name: str, *, what: str, timeout: float) -> None:
        """Remove a resource; nothing happens if it is missing."""
        with suppress(NotFound):
            self.run("DELETE", name, what=what, timeout=timeout, kind="DeleteOperationMetadata")
