"""SparkOptions: what a backend configuration may say about a project on Spark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from windlass.errors import InvalidValue

_SIZE = re.compile(r"[1-9]\d*[kmgtKMGT][bB]?")
_MASTER = re.compile(r"local(\[[\d*,]+\])?|yarn|spark://\S+|k8s://\S+")
_WORD = re.compile(r"[^\s-][^\n\0]*")
_KEY = re.compile(r"[^\s=]+")
_MANY = 100_000
_MOST_SECONDS = 30 * 86_400.0

OPTIONS: Mapping[str, str] = {
    "spark_home": "The directory of the Spark whose spark-submit is used; SPARK_HOME, PATH, or pyspark's own without.",
    "master": "local[2], yarn, spark://HOST:PORT or k8s://URL; what spark-defaults.conf says without.",
    "deploy_mode": "client runs the driver on this machine, cluster on the cluster; client without.",
    "name": "The application's name; `windlass` and the run's id without.",
    "conf": "Properties of Spark, an object of names and values.",
    "properties_file": "A file with properties, such as secrets, instead of spark-defaults.conf.",
    "packages": "Maven coordinates of packages, a list.",
    "repositories": "URLs of repositories to find them in, a list.",
    "jars": "Jars, a list of files and URLs; files are relative to the project.",
    "py_files": "Python files, zip files and eggs that the script imports, as a list.",
    "files": "Files for the working directory of every executor, a list.",
    "archives": "Archives to unpack there, a list.",
    "driver_memory": "The driver's memory, such as 2g.",
    "driver_cores": "The driver's cores, in cluster mode.",
    "executor_memory": "The memory of each executor, such as 4g.",
    "executor_cores": "The cores of each executor.",
    "num_executors": "How many executors there are.",
    "queue": "The queue of YARN.",
    "principal": "The principal that signs in at Kerberos.",
    "keytab": "The file with its key.",
    "timeout": "Seconds after which the application is ended and has failed; none without.",
}
"""Each option with a sentence about it."""
_LISTS = ("packages", "repositories", "jars", "py_files", "files", "archives")
_FILE_LISTS = frozenset({"jars", "py_files", "files", "archives"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkOptions:
    """Which Spark runs a project, and how; `given` are options of spark-submit by their names there."""

    spark_home: str = ""
    deploy_mode: str = "client"
    master: str = ""
    timeout: float | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    conf: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> SparkOptions:
        """Read the options; InvalidValue for one of the wrong type or form."""
        master = _text(config, "master", _MASTER, "local[N], yarn, spark://… or k8s://…")
        mode = _text(config, "deploy_mode", re.compile("client|cluster"), "client or cluster") or "client"
        if mode == "cluster" and not master.startswith(("yarn", "k8s:")):
            hint = "name one of these as master; elsewhere Spark runs drivers in Python in client mode only"
            raise InvalidValue("backend-config deploy_mode", mode, "needs yarn or k8s://… as master", hint=hint)
        lists = {name: _list(config, name) for name in _LISTS}
        if bool(config.get("principal")) != bool(config.get("keytab")):
            raise InvalidValue("backend-config principal", config.get("principal"), "goes with keytab only")
        return cls(
            spark_home=_text(config, "spark_home"),
            deploy_mode=mode,
            master=master,
            timeout=_seconds(config),
            given=dict(_given(config, lists)),
            conf=_conf(config.get("conf")),
            files=tuple(one for name in _LISTS if name in _FILE_LISTS for one in lists[name]),
        )

    @property
    def on_cluster(self) -> bool:
        """Whether the driver is not a process of this machine."""
        return self.deploy_mode == "cluster"


def _given(config: Mapping[str, Any], lists: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for name in ("master", "deploy_mode", "name", "properties_file", "queue", "principal", "keytab"):
        if text := _text(config, name):
            yield f"--{name.replace('_', '-')}", text
    for name in ("driver_memory", "executor_memory"):
        if text := _text(config, name, _SIZE, "a size such as 512m or 4g"):
            yield f"--{name.replace('_', '-')}", text
    for name in ("driver_cores", "executor_cores", "num_executors"):
        if name in config:
            yield f"--{name.replace('_', '-')}", str(_count(name, config[name]))
    for name, values in lists.items():
        if values:
            yield f"--{name.replace('_', '-')}", ",".join(values)


def _text(config: Mapping[str, Any], name: str, form: re.Pattern[str] = _WORD, wanted: str = "a text") -> str:
    value = config.get(name, "")
    if not isinstance(value, str) or (value and not form.fullmatch(value)):
        raise InvalidValue(f"backend-config {name}", value, f"must be {wanted}")
    return value


def _list(config: Mapping[str, Any], name: str) -> list[str]:
    value = config.get(name, [])
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) and _WORD.fullmatch(one) for one in values):
        raise InvalidValue(f"backend-config {name}", value, "must be a list of texts")
    if bad := [one for one in values if "," in one]:
        raise InvalidValue(f"backend-config {name}", bad[0], "must not hold a comma")
    return values


def _count(name: str, value: Any) -> int:
    number = int(value) if isinstance(value, int | str) and re.fullmatch(r"\d{1,6}", str(value)) else 0
    if not 1 <= number <= _MANY:
        raise InvalidValue(f"backend-config {name}", value, "must be a whole number", limit=f"1 to {_MANY}")
    return number


def _seconds(config: Mapping[str, Any]) -> float | None:
    if (value := config.get("timeout")) is None:
        return None
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 < number <= _MOST_SECONDS:
        raise InvalidValue("backend-config timeout", value, "must be seconds", limit=f"up to {_MOST_SECONDS:g}")
    return number


def _conf(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidValue("backend-config conf", type(value).__name__, "must be an object of names and values")
    for key, one in value.items():
        # Values may be secret.
        if not _KEY.fullmatch(key) or isinstance(one, (Mapping, list)) or one is None or "\n" in str(one):
            raise InvalidValue("backend-config conf", key, "must be an object of names and values")
    return {key: str(one).lower() if isinstance(one, bool) else str(one) for key, one in value.items()}
