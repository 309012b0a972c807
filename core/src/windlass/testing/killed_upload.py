"""Uploads that are killed: another process writes a file, and SIGKILL ends it in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository

_PROGRAM = """
import json, sys
from importlib import import_module
from windlass.config import Settings
from windlass.uri import Uri
module, name, uri, path, settings = sys.argv[1:]
repository = getattr(import_module(module), name).open(Uri.parse(uri), Settings(**json.loads(settings)))
with repository.write(path) as stream:
    while True:
        stream.write(b"x" * 1_000_000)
        print("written", flush=True)
"""


def kill_while_writing(
    kind: type[ArtifactRepository], uri: str, settings: Settings | None = None, *, path: str, megabytes: int = 32
) -> None:
    """Have another process write a file to a repository that writes streams, and kill it after so many megabytes.

    Of the settings only those that are texts are passed on.
    """
    chosen = settings or Settings()
    known = {one.name: getattr(chosen, one.name) for one in fields(chosen)}
    texts = {name: value for name, value in known.items() if isinstance(value, str)}
    arguments = [kind.__module__, kind.__name__, uri, path, json.dumps(texts)]
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  our own program
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in range(megabytes)]
        finally:
            process.kill()
    assert all(lines), "the other process ended by itself"
