"""Surroundings: what of this machine the container of a run must see, to record there and to reach the artifacts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from windlass.config import options
from windlass.errors import Unsupported
from windlass.uri import Uri

_ALWAYS = ("username", "password", "token", "insecure_tls", "ca_file", "http_timeout", "http_retries")
_FAMILIES = {
    "s3_": ("s3", "s3a"),
    "gcs_": ("gs",),
    "azure_": ("abfs", "abfss", "az", "wasb", "wasbs"),
    "hdfs_": ("hdfs", "viewfs", "webhdfs", "swebhdfs"),
    "sftp_": ("sftp",),
    "ftp_": ("ftp",),
}
_VARIABLES = {
    "s3_": ("AWS_",),
    "gcs_": ("GOOGLE_", "GCLOUD_PROJECT"),
    "azure_": ("AZURE_",),
    "hdfs_": ("HADOOP_", "KRB5", "MLFLOW_KERBEROS", "MLFLOW_HDFS", "MLFLOW_EXTRA"),
}
_FILES = (
    "AWS_CA_BUNDLE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "MLFLOW_KERBEROS_TICKET_CACHE",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "WINDLASS_CA_FILE",
    "WINDLASS_HDFS_TICKET_CACHE",
    "WINDLASS_SFTP_KEY_FILE",
    "WINDLASS_SFTP_KNOWN_HOSTS",
)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "usr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Variables, mounts as `HERE:THERE:MODE`, and whether the tracking server listens on this machine only."""

    variables: Mapping[str, str]
    mounts: tuple[str, ...]
    needs_host_network: bool

    @classmethod
    def of_run(
        cls, tracking_uri: str, artifact_uri: str, words: Iterable[str], environ: Mapping[str, str] | None = None
    ) -> Surroundings:
        """What a run needs that records in a store, keeps its files at a place, and whose command has these words."""
        variables = dict(os.environ if environ is None else environ)
        told = dict(_passed_on(artifact_uri, variables))
        files = {place: "ro" for name in _FILES if (place := told.get(name)) and Path(place).is_file()}
        places = dict.fromkeys(_outside(words), "ro") | files
        places |= {str(path): "rw" for path in (*_store(tracking_uri), *_local(artifact_uri))}
        mounts = [f"{place}:{place}:{mode}" for place, mode in sorted(places.items())]
        aws = Path(variables.get("HOME", "")) / ".aws"
        if _family(artifact_uri) == "s3_" and aws.is_dir():
            mounts.append(f"{aws}:/.aws:ro")
            told.setdefault("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials")
            told.setdefault("AWS_CONFIG_FILE", "/.aws/config")
        loopback = urlsplit(tracking_uri).hostname in _LOOPBACK
        return cls(variables=told, mounts=tuple(mounts), needs_host_network=loopback)

    def check_reachable(self) -> None:
        """Refuse what a container on another machine cannot see."""
        if self.mounts or self.needs_host_network:
            what = self.mounts[0].partition(":")[0] if self.mounts else "the tracking server of this machine"
            raise Unsupported(
                f"Docker is on another machine, where {what} is not",
                hint="use a tracking server that it reaches, with artifacts on a shared storage",
            )


def _passed_on(artifact_uri: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Credentials for the tracking server, and what the artifacts' storage is configured with."""
    family = _family(artifact_uri)
    settings = [one for one in options() if one.name in _ALWAYS or (family and one.name.startswith(family))]
    names = {variable for one in settings for variable in one.metadata["variables"]}
    for name, value in environ.items():
        if name in names or name.startswith(_VARIABLES.get(family, ())):
            yield name, value


def _family(artifact_uri: str) -> str:
    """What the settings of a storage begin with; nothing for a storage without any."""
    scheme = Uri.parse(artifact_uri).scheme
    return next((family for family, schemes in _FAMILIES.items() if scheme in schemes), "")


def _store(tracking_uri: str) -> Iterator[Path]:
    """The directory of a store in a file, which its journal is in, too."""
    head, _, path = tracking_uri.partition(":///")
    if head.split("+")[0] == "sqlite" and path:
        yield Path("/" + path.lstrip("/")).parent


def _local(artifact_uri: str) -> Iterator[Path]:
    uri = Uri.parse(artifact_uri)
    if uri.scheme == "file":
        path = uri.local_path().absolute()
        path.mkdir(parents=True, exist_ok=True)
        yield path


def _outside(words: Iterable[str]) -> Iterator[str]:
    """Files and directories of this machine that a command names, but no parts of the system."""
    for word in words:
        path = Path(word)
        if word.startswith("/") and "\0" not in word and len(path.parts) > 2 and path.parts[1] not in _SYSTEM:  # noqa: PLR2004  a name below a top directory
            try:
                if path.exists():
                    yield str(path)
            except OSError:  # too long to be a path
                continue
