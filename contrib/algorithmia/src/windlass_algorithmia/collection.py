"""Collections: the packed models of deployments, in the cluster's data store."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from windlass.errors import AlreadyExists, NotFound, Unavailable
from windlass_rest.endpoints.naming import is_variant
from windlass_rest.rest import Refused, Rest

_PREFIX, _SUFFIX = "windlass_", ".tar.gz"
_LEVEL = 3
"""Weights hardly shrink, and the time is the user's."""


@dataclass(frozen=True, slots=True)
class Collections:
    """Each deployment has a collection, with a file for each variant."""

    rest: Rest
    owner: str

    def names(self) -> list[str]:
        """The deployments that have a collection, sorted."""
        found = (str(one.get("name", "")) for one in self._listed(self._root, "folders"))
        return sorted(one.removeprefix(_PREFIX) for one in found if one.startswith(_PREFIX))

    def uri(self, name: str, variant: str) -> str:
        """What an algorithm calls the file."""
        return f"data://{self.owner}/{_PREFIX}{name}/{variant}{_SUFFIX}"

    def store(self, name: str, variant: str, model: Path, *, timeout: float) -> None:
        """Pack a model and upload it, into a collection that only the owner's algorithms read."""
        if not self.rest.exists(self._path(name)):
            with suppress(AlreadyExists):
                asked = {"name": f"{_PREFIX}{name}", "acl": {"read": ["algo://.my/*"]}}
                self.rest.call("POST", self._root, asked)
        with tempfile.TemporaryFile(prefix="windlass-algorithmia-") as file:
            try:
                with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_LEVEL) as archive:
                    for one in sorted(model.iterdir()):
                        archive.add(one, one.name, filter=_anonymous)
            except OSError as error:
                raise Unavailable(f"the model cannot be packed: {error}", hint="is there space in TMPDIR?") from error
            headers = {"content-type": "application/octet-stream", "content-length": str(file.tell())}
            patient = replace(self.rest, timeout=timeout)
            patient.send("PUT", f"{self._path(name)}/{variant}{_SUFFIX}", body=file, headers=headers)

    def variants(self, name: str) -> list[str]:
        """The variants of which there is a file."""
        files = self._listed(self._path(name), "files")
        found = (str(one.get("filename", "")).removesuffix(_SUFFIX) for one in files)
        return sorted(one for one in found if is_variant(one))

    def remove(self, name: str, variant: str) -> None:
        """Delete a file; nothing happens if it is missing."""
        with suppress(NotFound):
            self.rest.call("DELETE", f"{self._path(name)}/{variant}{_SUFFIX}")

    def clear(self, name: str) -> None:
        """Delete a deployment's collection with its files; it stays if it has others'."""
        for variant in self.variants(name):
            self.remove(name, variant)
        with suppress(NotFound, Refused):
            self.rest.call("DELETE", self._path(name))

    @property
    def _root(self) -> str:
        return f"/v1/connector/data/{quote(self.owner)}"

    def _path(self, name: str) -> str:
        return f"{self._root}/{_PREFIX}{quote(name)}"

    def _listed(self, path: str, kind: str) -> Iterator[dict[str, object]]:
        query: dict[str, str] = {}
        while True:
            try:
                page = self.rest.get(path, query)
            except NotFound:
                return
            yield from page.get(kind) or []
            if not page.get("marker"):
                return
            query["marker"] = page["marker"]


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who owns the files here is nobody's business there."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
