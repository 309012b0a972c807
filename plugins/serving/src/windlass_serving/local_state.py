"""LocalState: what is written down about a local deployment, in `deployment.json` of its directory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import Corrupted
from windlass_serving.os_process import OsProcess

STATE_FILE = "deployment.json"
LOG_FILE = "server.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalState:
    """A deployment and the process behind it; times are epoch milliseconds UTC."""

    name: str
    model_uri: str
    resolved_uri: str
    flavor: str
    status: str
    host: str
    port: int
    pid: int
    born: str
    token: str
    model_directory: str
    control: str
    creation_timestamp: int
    last_updated_timestamp: int
    config: dict[str, str] = field(default_factory=dict)

    @property
    def process(self) -> OsProcess:
        """The process, which may have ended."""
        return OsProcess(self.pid, self.born)

    @property
    def url(self) -> str:
        """Where it answers; a server that listens everywhere is reached on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104  compared
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    def now(self) -> LocalState:
        """The state with the status that the process has at this moment."""
        return self if self.process.is_alive else replace(self, status=str(DeploymentStatus.STOPPED))

    def deployment(self, directory: Path) -> Deployment:
        """What the outside sees."""
        present = self.now()
        return Deployment(
            name=self.name,
            target="local",
            model_uri=self.model_uri,
            resolved_uri=self.resolved_uri,
            flavor=self.flavor,
            status=DeploymentStatus(present.status),
            url=self.url,
            creation_timestamp=self.creation_timestamp,
            last_updated_timestamp=self.last_updated_timestamp,
            config=dict(self.config),
            details={"pid": str(self.pid), "log": str(directory / LOG_FILE)},
        )

    def write(self, directory: Path) -> None:
        """Replace the file in one step."""
        scratch = directory / f".{STATE_FILE}.new"
        with scratch.open("w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        scratch.replace(directory / STATE_FILE)

    @classmethod
    def read(cls, directory: Path) -> LocalState | None:
        """What the directory's file says; None if there is none."""
        try:
            content: dict[str, Any] = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
            return cls(**content)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            hint = f"remove {directory} and deploy again"
            raise Corrupted(f"the state of the deployment {directory.name!r} cannot be read", hint=hint) from error


@contextmanager
def locked(root: Path, name: str) -> Iterator[None]:
    """While it lasts, no other process changes the deployment of this name."""
    import fcntl  # noqa: PLC0415  Windows has none, and there the import of this module must not fail

    root.mkdir(parents=True, exist_ok=True)
    with (root / f".{name}.lock").open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(directory: Path) -> None:
    """Remove a deployment's directory; its state goes first, so that a half-removed one is none."""
    (directory / STATE_FILE).unlink(missing_ok=True)
    shutil.rmtree(directory, ignore_errors=True)
