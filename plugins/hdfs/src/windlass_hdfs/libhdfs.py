"""LibHdfsArtifactRepository: files in HDFS, with Hadoop's own library."""

from __future__ import annotations

import errno
from contextlib import suppress
from typing import Any, Self

from fsspec.implementations.arrow import HadoopFileSystem
from pyarrow.lib import ArrowException

from windlass.config import Settings
from windlass.errors import InvalidValue, MissingDependency, Unavailable, WindlassError
from windlass.part_file import part_name
from windlass.uri import Uri
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_hdfs.address import Address

_MISSING = ("unable to load libhdfs", "unable to load libjvm")
_NEEDS = (
    "it needs a Java runtime (JAVA_HOME), libhdfs.so (ARROW_LIBHDFS_DIR or HADOOP_HOME) and Hadoop's jars:"
    " export CLASSPATH=$(hadoop classpath --glob); or use webhdfs://, which needs none of them"
)
_ATTEMPTS = 5
_LAST = "\uffff"


class LibHdfsArtifactRepository(DirectoryArtifactRepository):
    """Files below `hdfs://user@host:port/PATH`, `hdfs:///PATH` of the default cluster, or `viewfs://CLUSTER/PATH`.

    Java runs inside this process, with the Hadoop configuration that it finds: high availability, Kerberos. The library
    cannot put a file into the place of another one in one step, as WebHDFS can: for a moment there is neither.
    """

    faults = (ArrowException,)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path; MissingDependency without the library or Java, Unavailable without a cluster."""
        address = Address.find(uri, settings)
        host = address.host or "default"
        if uri.scheme == "viewfs":
            host = f"viewfs://{address.host}"
        try:
            fs = _FileSystem(host, address.port or 0, address.user, settings.hdfs_ticket_cache)
        except OSError as error:
            raise _refusal(uri, error) from error
        return cls(fs, uri.path, name=str(uri))

    def put_file(self, source: Any, path: str) -> None:
        """Store the local file `source` as `path`."""
        _check_name(path)
        super().put_file(source, path)

    def write(self, path: str) -> Any:
        """A stream to write the file to."""
        _check_name(path)
        return super().write(path)

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one, which is removed first."""
        self.fs.replace(source, target)

    def _written(self, entry: dict[str, Any]) -> float:
        return float(entry["mtime"].timestamp())

    def _delete_below(self, path: str) -> None:
        """The whole directory goes at once."""
        for place in [self._full(path)] if path else [one["name"] for one in self.fs.ls(self._full(""), detail=True)]:
            self.fs.rm(place, recursive=True)


class _FileSystem(HadoopFileSystem):  # type: ignore[misc]  # fsspec has no type information
    """fsspec's, which removes directories with all that is in them and moves files into directories."""

    cachable = False

    def __init__(self, host: str, port: int, user: str, ticket_cache: str | None) -> None:
        super().__init__(host, port, user, ticket_cache, use_listings_cache=False)

    def ls(self, path: str, detail: bool = False, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  fsspec's signature
        """What is directly inside a directory."""
        try:
            found: list[Any] = super().ls(path, detail=detail)
        except OSError as error:
            if self.info(path)["type"] == "directory":
                raise
            raise NotADirectoryError(errno.ENOTDIR, "is no directory", path) from error
        return found

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """A part of a file, or all of it."""
        with self.fs.open_input_file(path) as file:
            size = file.size()
            first, last = min(start or 0, size), size if end is None else min(end, size)
            file.seek(first)
            found: bytes = file.read(max(0, last - first))
            return found

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one; others may be doing the same."""
        self.info(target.rpartition("/")[0])
        for attempt in range(1, _ATTEMPTS + 1):
            self._clear(target)
            try:
                self.fs.move(source, target)
            except OSError:
                if attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _clear(self, target: str) -> None:
        try:
            if self.info(target)["type"] == "directory":
                raise IsADirectoryError(errno.EISDIR, "is a directory", target)
        except FileNotFoundError:
            return
        # If it fails because somebody else was faster, nothing is in the way any more; if not, moving tells.
        with suppress(OSError):
            self.fs.delete_file(target)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory: out of everybody's reach first, because the library removes what is in it, too."""
        if self.ls(path):
            raise OSError(errno.ENOTEMPTY, "is not empty", path)
        aside = f"{path.rpartition('/')[0]}/{part_name()}"
        self.fs.move(path, aside)
        for one in self.ls(aside, detail=True):
            # Somebody has put something there in the last moment.
            self.makedirs(path, exist_ok=True)
            self.fs.move(one["name"], f"{path}/{one['name'].rpartition('/')[2]}")
        self.fs.delete_dir(aside)


def _check_name(path: str) -> None:
    if ":" in path:
        raise InvalidValue("path", path, "HDFS has no names with ':'")
    if max(path, default="") > _LAST:
        # It hands names to Java as if they were in Java's own form of UTF-8.
        problem = "Hadoop's library cannot write the characters beyond U+FFFF"
        raise InvalidValue("path", path, problem, hint="webhdfs:// can")


def _refusal(uri: Uri, error: OSError) -> WindlassError:
    if any(one in str(error).lower() for one in _MISSING):
        return MissingDependency("hdfs:// has no libhdfs or no Java runtime to use", hint=_NEEDS)
    # What went wrong is known to Java, which says it on the standard error.
    return Unavailable(f"no connection to the storage {uri}", hint=f"is the cluster there? {_NEEDS}", place=str(uri))
