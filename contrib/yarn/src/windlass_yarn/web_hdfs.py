"""WebHdfs: files of HDFS over its REST interface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Self
from urllib.parse import quote, urlencode, urlsplit

from windlass.config import Settings
from windlass.errors import Unavailable
from windlass_rest.rest import Rest
from windlass_yarn.options import YarnOptions
from windlass_yarn.refusal import said_by_hadoop

_TIMEOUT = 60.0
_HINT = "is the NameNode running, and is the URL that of its web interface?"
_HINTS = {401: "clusters with Kerberos are not supported", 403: "may the option `user` write to the option `staging`?"}


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as it must be described to the nodes, which refuse one that has changed; `modified` is milliseconds."""

    path: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class WebHdfs:
    """One HDFS, used as one user."""

    rest: Rest
    user: str

    @classmethod
    def open(cls, options: YarnOptions, settings: Settings) -> Self:
        """The file system that the options name; nothing is sent yet."""
        rest = Rest.open(
            options.webhdfs,
            settings,
            name="WebHDFS",
            timeout=_TIMEOUT,
            hint=_HINT,
            hints=_HINTS,
            said=said_by_hadoop,
        )
        return cls(rest, options.user)

    def check(self) -> None:
        """Unavailable if it is not there."""
        self._call("GET", "/", "GETFILESTATUS")

    def write(self, path: str, stream: BinaryIO, size: int) -> StagedFile:
        """Write a file that only its owner may read, with the directories above it."""
        self._call("PUT", path.rpartition("/")[0], "MKDIRS", permission="700")
        told = self._call("PUT", path, "CREATE", overwrite="true", permission="600", noredirect="true")
        place = urlsplit(str((told or {}).get("Location") or ""))
        if not place.hostname:
            raise Unavailable("WebHDFS names no place for a file", hint="Hadoop 3 or later is needed")
        # The data go to another server, without what is meant for the first.
        node = replace(self.rest, url=f"{place.scheme}://{place.netloc}", name="HDFS's DataNode")
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        node.send("PUT", f"{place.path}?{place.query}", body=stream, headers=headers)
        status = self._call("GET", path, "GETFILESTATUS")["FileStatus"]
        return StagedFile(path, int(status["length"]), int(status["modificationTime"]))

    def remove(self, path: str) -> None:
        """Remove a file or a directory with all that is in it; nothing happens if there is none."""
        self._call("DELETE", path, "DELETE", recursive="true")

    def _call(self, method: str, path: str, operation: str, **more: str) -> Any:
        query = urlencode({"op": operation, "user.name": self.user, **more})
        return self.rest.call(method, f"/webhdfs/v1{quote(path)}?{query}")
