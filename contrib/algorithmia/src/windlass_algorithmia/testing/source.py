"""The repositories of the double, served by git's own program, and the algorithms that are in them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from windlass_rest.testing.double import Answer, Asked, Refusal

_STARTING = {"algorithmia.conf": '{"algoname": "x"}\n', "requirements.txt": "algorithmia\n", "src/__init__.py": ""}
_WHO = ("-c", "user.name=double", "-c", "user.email=double@localhost", "-c", "commit.gpgsign=false")
_ON_THE_CLUSTER = {"algorithmia"}
_PATIENCE = 60.0


def git(*arguments: str, at: Path) -> str:
    """What git prints."""
    words = [shutil.which("git") or "git", *arguments]
    done = subprocess.run(words, cwd=at, capture_output=True, text=True, check=True, timeout=_PATIENCE)  # noqa: S603  git
    return done.stdout.strip()


def start(bare: Path) -> None:
    """A repository as a new algorithm has it."""
    tree = bare.with_suffix(".tree")
    for name, text in _STARTING.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")
    git("init", "--quiet", ".", at=tree)
    git("add", "--all", at=tree)
    git(*_WHO, "commit", "--quiet", "-m", "Initial commit", at=tree)
    git("clone", "--quiet", "--bare", str(tree), str(bare), at=tree)
    shutil.rmtree(tree)


def serve(asked: Asked, root: Path, user: str) -> Answer:
    """What `git http-backend` answers."""
    environment = {
        **os.environ,
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REMOTE_USER": user,
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": asked.path.removeprefix("/git"),
        "QUERY_STRING": urlencode(asked.query),
        "CONTENT_TYPE": asked.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(asked.body)),
        "HTTP_CONTENT_ENCODING": asked.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": asked.headers.get("git-protocol", ""),
    }
    words = [shutil.which("git") or "git", "http-backend"]
    done = subprocess.run(  # noqa: S603  git
        words, input=asked.body, env=environment, capture_output=True, check=True, timeout=_PATIENCE
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    status = int(headers.pop("Status", "200 OK").split()[0])
    return Answer(body, status, headers)


class Built:
    """One commit of an algorithm, built; `log` is what the build printed."""

    def __init__(self, bare: Path, name: str, directory: Path) -> None:
        self.commit = git("rev-parse", "HEAD", at=bare)
        tree = directory / self.commit
        if not tree.exists():
            git("clone", "--quiet", str(bare), str(tree), at=bare)
        file = tree / "src" / f"{name}.py"
        self.log = f"Building {name}\n" + _missing(tree / "requirements.txt")
        if not (tree / "algorithmia.conf").is_file() or not file.is_file():
            self.log += f"ERROR: there is no src/{name}.py or no algorithmia.conf\n"
        self.successful = "ERROR" not in self.log
        self._file = file
        self._module: Any = None

    def call(self, request: Any, files: Path) -> Any:
        """What `apply` answers, where `Algorithmia` is the cluster's library."""
        library = types.ModuleType("Algorithmia")
        library.client = lambda: _Client(files)  # type: ignore[attr-defined]  # all that an algorithm needs of it
        sys.modules["Algorithmia"] = library
        try:
            if self._module is None:
                spec = importlib.util.spec_from_file_location(f"algorithm_{self.commit}", self._file)
                assert spec is not None
                assert spec.loader is not None
                self._module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(self._module)
            return self._module.apply(request)
        finally:
            del sys.modules["Algorithmia"]


class _Client:
    def __init__(self, files: Path) -> None:
        self._files = files

    def file(self, uri: str) -> Any:
        path = self._files / uri.removeprefix("data://")
        if not path.is_file():
            raise Refusal(404, "1000", f"unable to get file {uri}")
        return types.SimpleNamespace(getFile=lambda: types.SimpleNamespace(name=str(path)))


def _missing(requirements: Path) -> str:
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in requirements.read_text(encoding="utf-8").splitlines())
    for found in names:
        if found and found[0] not in _ON_THE_CLUSTER:
            try:
                importlib.metadata.distribution(found[0])
            except importlib.metadata.PackageNotFoundError:
                return f"ERROR: No matching distribution found for {found[0]}\n"
    return "Successfully installed\n"
