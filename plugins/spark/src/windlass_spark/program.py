"""Where spark-submit is."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from windlass.errors import MissingDependency, NotFound

_NAME = "spark-submit"


def spark_submit(home: str = "") -> Path:
    """The program: that of the directory `home`, or of SPARK_HOME, or on PATH, or the one that came with pyspark."""
    for place in (home, os.environ.get("SPARK_HOME", "")):
        if place:
            return _in(Path(place), named="spark_home" if place == home else "SPARK_HOME")
    if found := shutil.which(_NAME):
        return Path(found)
    spec = importlib.util.find_spec("pyspark")
    if spec is not None and spec.origin and (found := shutil.which(_NAME, path=Path(spec.origin).parent / "bin")):
        return Path(found)
    hint = "install Spark and set SPARK_HOME, or `pip install pyspark`, which needs a Java"
    raise MissingDependency(f"there is no {_NAME}", hint=hint)


def _in(home: Path, *, named: str) -> Path:
    if found := shutil.which(_NAME, path=home / "bin"):
        return Path(found)
    raise NotFound(f"{named} is {str(home)!r}, where there is no bin/{_NAME}", hint="name the directory of a Spark")
