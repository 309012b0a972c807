"""Containers: the processes of pods, with directories of this machine for what is mounted."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from refusals import Refusal

_HERE = Path(__file__).parent


class MissingSecret(Exception):
    pass


class Container:
    """One process; what is mounted is below a directory, by which paths in its command and variables are replaced."""

    def __init__(self, store, namespace, spec, volumes, ip, warm):
        self._store, self._namespace, self._spec, self._volumes = store, namespace, spec, volumes
        self._ip, self._warm = ip, warm
        self._root = Path(tempfile.mkdtemp(prefix="windlass-pod-"))
        self._paths = {}
        self.lines = []
        self.process = None

    def start(self):
        """Start it; MissingSecret as long as something that it names is not there, OSError if it cannot be run."""
        variables = self._variables()
        for mount in self._spec.get("volumeMounts") or []:
            self._paths[mount["mountPath"]] = str(self._mounted(mount))
        words = [*(self._spec.get("command") or ["sleep", "3600"]), *(self._spec.get("args") or [])]
        words = [self._moved(self._expanded(word, variables)) for word in words]
        programs = self._root / "bin"
        programs.mkdir(exist_ok=True)
        python = programs / "python"
        if not python.exists():
            python.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {_HERE}/python_in_pod.py "$@"\n')
            python.chmod(0o755)
            (programs / "python3").symlink_to(python)
        system = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self._root), "DOUBLE_WARM_PYTHON": self._warm}
        moved = {name: self._moved(value) for name, value in variables.items()}
        directory = self._moved(self._spec.get("workingDir", str(self._root)))
        self.process = subprocess.Popen(
            words, env={**system, **moved}, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def run_hook(self, command):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            words = [sys.executable if one == "python" else one for one in command]
            subprocess.run(words, timeout=60, check=False)

    def signal(self, number):
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                if number == signal.SIGKILL:
                    os.killpg(self.process.pid, number)
                else:
                    self.process.send_signal(number)

    def remove(self):
        self.signal(signal.SIGKILL)
        shutil.rmtree(self._root, ignore_errors=True)

    def _read(self, process):
        for line in process.stdout:
            stamp = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            self.lines.append((stamp, line))
        process.stdout.close()

    def _secret(self, name):
        try:
            data = self._store.get(self._namespace, "secrets", name).get("data") or {}
        except Refusal:
            raise MissingSecret(f'secret "{name}" not found') from None
        return {key: base64.b64decode(value) for key, value in data.items()}

    def _variables(self):
        found = {}
        for source in self._spec.get("envFrom") or []:
            found |= {key: value.decode() for key, value in self._secret(source["secretRef"]["name"]).items()}
        for one in self._spec.get("env") or []:
            reference = (one.get("valueFrom") or {}).get("secretKeyRef")
            found[one["name"]] = (
                self._secret(reference["name"])[reference["key"]].decode() if reference else one.get("value", "")
            )
        return found

    def _mounted(self, mount):
        volume = next(one for one in self._volumes if one["name"] == mount["name"])
        place = self._root / "volumes" / mount["name"]
        place.mkdir(parents=True, exist_ok=True)
        sources = [one["secret"] for one in (volume.get("projected") or {}).get("sources", [])]
        if "secret" in volume:
            sources = [{"name": volume["secret"]["secretName"]}]
        for source in sources:
            for key, value in self._secret(source["name"]).items():
                (place / key).write_bytes(value)
        return place

    def _expanded(self, text, variables):
        return re.sub(r"\$\(([A-Za-z_]\w*)\)", lambda found: variables.get(found[1], found[0]), text)

    def _moved(self, text):
        for path, place in sorted(self._paths.items(), key=lambda one: -len(one[0])):
            text = text.replace(path, place)
        return self._ip if text == "0.0.0.0" else text
