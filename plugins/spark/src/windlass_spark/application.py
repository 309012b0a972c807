"""The application on a cluster, which goes on when the spark-submit that has started it is ended."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from windlass.errors import WindlassError
from windlass_spark.options import SparkOptions
from windlass_spark.program import spark_submit

_ON_YARN = re.compile(rb"\b(application_\d+_\d+)\b")
_ON_KUBERNETES = re.compile(rb"submission ID (\S+?:\S+)")
_PATIENCE = 60.0


def end_application(options: SparkOptions, printed: Path) -> str | None:
    """End what a spark-submit in cluster mode has said to have started; what could not be done, in words."""
    if not options.on_cluster:
        return None
    found = (_ON_YARN if options.master == "yarn" else _ON_KUBERNETES).findall(_read(printed))
    if not found:
        return None
    name = found[-1].decode()
    try:
        done = subprocess.run(  # noqa: S603  the programs of the cluster
            _command(options, name), capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired, WindlassError) as error:
        return f"{name} could not be ended and may still run: {error}"
    if done.returncode:
        return f"{name} could not be ended and may still run: {(done.stderr or done.stdout).strip()[-500:]}"
    return None


def _command(options: SparkOptions, name: str) -> Sequence[str]:
    if options.master != "yarn":
        return (str(spark_submit(options.spark_home)), "--master", options.master, "--kill", name)
    hadoop = os.environ.get("HADOOP_HOME", "")
    program = (shutil.which("yarn", path=f"{hadoop}/bin") if hadoop else None) or shutil.which("yarn")
    if program is None:
        raise WindlassError("there is no program `yarn` here (HADOOP_HOME, PATH)")
    return (program, "application", "-kill", name)


def _read(path: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return b""
