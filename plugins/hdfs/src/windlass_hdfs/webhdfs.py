"""WebHdfsArtifactRepository: files in HDFS, over HTTP."""

from __future__ import annotations

from typing import Any, Self

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.uri import Uri
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_hdfs.address import Address
from windlass_hdfs.web_file_system import WebHdfsFileSystem

_PORTS = {"webhdfs": 9870, "swebhdfs": 9871}


class WebHdfsArtifactRepository(DirectoryArtifactRepository):
    """Files below `webhdfs://user@host:9870/PATH`, or `swebhdfs://` where the cluster speaks TLS.

    It needs no Java: a name node that lists and renames, and data nodes that can be reached from here.
    """

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path, which is asked for when it is first needed."""
        address = Address.find(uri, settings)
        if not address.host:
            raise InvalidValue("uri", str(uri), "names no name node", hint="write webhdfs://user@host:9870/path")
        token = settings.hdfs_token
        fs = WebHdfsFileSystem(
            address.host,
            address.port or _PORTS[uri.scheme],
            user=None if token else address.user,
            password=None if token else address.password,
            token=token,
            use_https=uri.scheme == "swebhdfs",
            session_verify=settings.ca_file or not settings.insecure_tls,
            timeout=settings.storage_timeout,
        )
        return cls(fs, uri.path, name=str(uri))

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one in one step."""
        self.fs.replace(source, target)

    def close(self) -> None:
        """Close the connections."""
        self.fs.session.close()

    def _written(self, entry: dict[str, Any]) -> float:
        return float(entry["modificationTime"]) / 1000

    def _delete_below(self, path: str) -> None:
        """The whole directory goes at once."""
        for place in [self._full(path)] if path else [one["name"] for one in self.fs.ls(self._full(""), detail=True)]:
            self.fs.rm(place, recursive=True)
