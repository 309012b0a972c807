"""The two sides of a comparison: this checkout, and MLflow in an environment of its own."""

from __future__ import annotations

import compileall
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 90.0


@dataclass(frozen=True, slots=True)
class Rival:
    """A library in an environment: `python` runs it, `program` is its command line."""

    library: str
    python: Path
    program: Path

    def environment(self) -> dict[str, str]:
        """The environment of its processes: nobody's settings, no telemetry, byte code as it was compiled."""
        names = ("WINDLASS_", "MLFLOW_", "PYTHONDONTWRITEBYTECODE")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        return {**clean, "MLFLOW_DISABLE_TELEMETRY": "true", "PATH": f"{self.python.parent}:{clean['PATH']}"}

    def run(self, *command: str | Path, directory: Path, timeout: float = 120) -> str:
        """What a command of this side prints."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=directory,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout

    def seconds(self, *command: str | Path, directory: Path) -> float:
        """How long a whole process takes."""
        begun = time.perf_counter()
        self.run(*command, directory=directory)
        return time.perf_counter() - begun

    @contextmanager
    def server(self, directory: Path, port: int, *options: str) -> Iterator[str]:
        """A server of this side on a fresh SQLite file; yields its address."""
        command = [
            str(self.program),
            "server",
            "--port",
            str(port),
            "--backend-store-uri",
            f"sqlite:///{directory}/s.db",
        ]
        log = (directory / "server.log").open("w+")
        process = subprocess.Popen(
            [*command, *options], cwd=directory, env=self.environment(), stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(port, process, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            # Its own process group: MLflow's server starts workers.
            os.killpg(process.pid, 15)
            process.wait(20)
            log.close()


def rivals() -> tuple[Rival, Rival]:
    """Windlass in this environment and MLflow 3.17.2 in its own, both with compiled byte code."""
    here = Path(sys.executable)
    root = Path(os.environ.get("WINDLASS_TEST_ENVS", Path.home() / ".cache" / "windlass-test"))
    there = root / "mlflow-3.17.2" / "bin" / "python"
    if not there.exists():
        raise SystemExit(f"{there} is missing: run tests/services/mlflow_environments.sh 3.17.2")
    for path in (ROOT / "core" / "src", *(ROOT / "plugins").glob("*/src"), sysconfig.get_path("purelib")):
        compileall.compile_dir(str(path), quiet=2, workers=2)
    for path in there.parents[1].glob("lib/python*/site-packages"):
        compileall.compile_dir(str(path), quiet=2, workers=2)
    return (
        Rival("windlass", here, here.parent / "windlass"),
        Rival("mlflow", there, there.parent / "mlflow"),
    )


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    import urllib.error
    import urllib.request

    give_up = time.monotonic() + START_TIMEOUT
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(re.sub(r"(?s)^.*(.{2000})$", r"\1", log.read_text()))
