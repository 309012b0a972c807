"""Repositories: the source of algorithms, which goes to the cluster by git."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from windlass.errors import MissingDependency, Unauthenticated, Unavailable
from windlass.uri import redact

_SOURCE = Path(__file__).with_name("algorithm.py")
_NEEDED = ("algorithmia>=1.9,<3", "windlass-models")
_WHO = ("-c", "user.name=Windlass", "-c", "user.email=windlass@localhost", "-c", "commit.gpgsign=false")
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")
# Of the process that runs here, which may be a hook of a repository.
_POINTERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repositories:
    """`url` is where those of the owner are; `ca_file` and `insecure_tls` are as for requests."""

    url: str
    username: str
    key: str = field(repr=False)
    ca_file: str | None = None
    insecure_tls: bool = False

    def push(self, name: str, model: Path, told: dict[str, Any], *, timeout: float) -> str:
        """Replace an algorithm's source by ours, and say which commit that is; `told` is for the algorithm."""
        with tempfile.TemporaryDirectory(prefix="windlass-algorithmia-") as scratch:
            tree = Path(scratch, "source")
            self._git("clone", "--quiet", "--depth", "1", f"{self.url}/{quote(name)}.git", str(tree), timeout=timeout)
            (tree / "src").mkdir(exist_ok=True)
            shutil.copyfile(_SOURCE, tree / "src" / f"{name}.py")
            (tree / "src" / "windlass.json").write_text(json.dumps(told), encoding="utf-8")
            (tree / "requirements.txt").write_text(_requirements(model), encoding="utf-8")
            self._git("add", "--all", "--force", at=tree, timeout=timeout)
            message = f"Deploy {told['resolved_uri']}"
            self._git(*_WHO, "commit", "--quiet", "--allow-empty", "-m", message, at=tree, timeout=timeout)
            self._git("push", "--quiet", "origin", "HEAD", at=tree, timeout=timeout)
            return self._git("rev-parse", "HEAD", at=tree, timeout=timeout)

    def _git(self, *arguments: str, timeout: float, at: Path | None = None) -> str:
        program = shutil.which("git")
        if program is None:
            raise MissingDependency("deployments on Algorithmia need the program git", hint="install git")
        try:
            done = subprocess.run(  # noqa: S603  git with our own arguments
                [program, *_QUIET, *arguments],
                cwd=at,
                env=self._environment(),
                text=True,
                errors="replace",
                capture_output=True,
                check=False,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"git at {redact(self.url)} did not end within {timeout:g} seconds") from None
        if done.returncode:
            raise self._failure(done.stderr)
        return done.stdout.strip()

    def _environment(self) -> dict[str, str]:
        """With the key as a header for this server alone: nobody reads it among the programs that run."""
        key = base64.b64encode(f"{self.username}:{self.key}".encode()).decode()
        given = {f"http.{self.url}/.extraHeader": f"Authorization: Basic {key}"}
        given |= {"http.sslCAInfo": self.ca_file} if self.ca_file else {}
        given |= {"http.sslVerify": "false"} if self.insecure_tls else {}
        kept = {name: value for name, value in os.environ.items() if name not in _POINTERS}
        kept |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "GIT_CONFIG_COUNT": str(len(given)), "LC_ALL": "C"}
        for number, (name, value) in enumerate(given.items()):
            kept |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return kept

    def _failure(self, printed: str) -> Unavailable | Unauthenticated:
        said = "; ".join(redact(line) for line in printed.strip().splitlines()[-5:])
        if "Authentication failed" in said:
            hint = "are ALGORITHMIA_USERNAME and ALGORITHMIA_API_KEY right?"
            return Unauthenticated(f"git at {redact(self.url)} does not accept who asks", hint=hint)
        hint = "is ALGORITHMIA_GIT_ENDPOINT right, and may the key manage algorithms?"
        return Unavailable(f"git at {redact(self.url)} failed: {said}", hint=hint)


def _requirements(model: Path) -> str:
    file = model / "requirements.txt"
    own = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return "".join(f"{line}\n" for line in dict.fromkeys([*_NEEDED, *own]))
