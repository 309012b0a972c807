"""YarnOptions: where on a cluster a project runs, and with what."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from windlass.errors import InvalidValue
from windlass.uri import redact

_UNITS = {
    "": 1,
    "m": 1,
    "mb": 1,
    "mib": 1,
    "g": 1024,
    "gb": 1024,
    "gib": 1024,
    "t": 1024**2,
    "tb": 1024**2,
    "tib": 1024**2,
}
_MEMORY = re.compile(r"(\d{1,9})\s*([a-z]*)")
# These are names in a request, and parts of a path; the place of files is also part of a line for a shell.
_NAME = re.compile(r"[\w.][\w.@-]{0,99}")
_QUEUE = re.compile(r"[\w.@:-]{1,200}")
_PATH = re.compile(r"(/[\w.@=-]+)+")
_CLASSPATH = re.compile(r"[^\"`\\\n]+")
_SEARCHED = re.compile(r"/[^\n\0]*")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_SYSTEM = re.compile(r"[a-z]+://[\w.:-]+")
_JARS = ("COMMON", "HDFS", "YARN")

CLASSPATH = ":".join(
    [
        "$HADOOP_CONF_DIR",
        *(f"$HADOOP_{name}_HOME/share/hadoop/{name.lower()}/{folder}" for name in _JARS for folder in ("*", "lib/*")),
    ]
)
"""Where an installation of Hadoop has its classes, by the variables that nodes give to containers."""

OPTIONS: Mapping[str, str] = {
    "resource_manager": "The URL of the ResourceManager, such as http://host:8088.",
    "webhdfs": "The URL of the NameNode's WebHDFS, such as http://host:9870, through which the project is sent.",
    "hadoop_file_systems": "How the nodes call that file system, such as hdfs://host:8020; by WebHDFS without.",
    "staging": "A directory there for the time of the run; /user/USER/.windlass without.",
    "user": "Whom the application and its files belong to; who runs this without.",
    "name": "The application's name; `windlass` and the run's id without.",
    "queue": "The queue; `default` without.",
    "node_label": "The label of the nodes to run on; any without.",
    "memory": "Memory of the command, in MiB or with a unit, such as 4 GiB; 1 GiB without.",
    "num_cores": "Virtual cores of the command; 1 without.",
    "max_attempts": "How often YARN may start the application's master, if a node is lost; 1 without.",
    "path": "Directories of the nodes with programs such as python and uv, as PATH has it; what YARN gives without.",
    "classpath": "Where the nodes have Hadoop's classes, as CLASSPATH has it; below HADOOP_…_HOME without.",
    "variables": "Names of variables of this machine to hand on to the command, such as AWS_ACCESS_KEY_ID, as a list.",
}
"""Each option with a sentence about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YarnOptions:
    """Where on a cluster a project runs, and with what; `memory` is MiB, empty texts are for what YARN chooses."""

    resource_manager: str
    webhdfs: str
    file_system: str
    staging: str
    user: str
    name: str
    queue: str
    node_label: str
    memory: int
    num_cores: int
    max_attempts: int
    path: str
    classpath: str
    variables: tuple[str, ...]

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> YarnOptions:
        """Read the options; InvalidValue for one that is missing or wrong."""
        user = _text(config, "user", _NAME, getpass.getuser())
        return cls(
            resource_manager=_url(config, "resource_manager", "http://host:8088"),
            webhdfs=_url(config, "webhdfs", "http://host:9870"),
            file_system=_file_system(config),
            staging=_text(config, "staging", _PATH, f"/user/{user}/.windlass"),
            user=user,
            name=str(config.get("name") or ""),
            queue=_text(config, "queue", _QUEUE, "default"),
            node_label=_text(config, "node_label", _NAME, ""),
            memory=_memory(config.get("memory", 1024)),
            num_cores=_count(config, "num_cores", 10_000),
            max_attempts=_count(config, "max_attempts", 100),
            path=_text(config, "path", _SEARCHED, ""),
            classpath=_text(config, "classpath", _CLASSPATH, CLASSPATH),
            variables=_variables(config.get("variables")),
        )


def _url(config: Mapping[str, Any], name: str, example: str) -> str:
    value, hint = str(config.get(name) or ""), f'such as -c \'{{"{name}": "{example}"}}\''
    try:
        parts = urlsplit(value)
        named = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or parts.query or parts.fragment or parts.username or parts.password:
        raise InvalidValue(
            f"backend-config {name}", redact(value), "must be a URL with http or https, a host and a port", hint=hint
        )
    return value.rstrip("/")


def _text(config: Mapping[str, Any], name: str, pattern: re.Pattern[str], without: str) -> str:
    value = config.get(name)
    if value is None or value == "":
        return without
    if not isinstance(value, str) or not pattern.fullmatch(value) or ".." in value.split("/"):
        raise InvalidValue(f"backend-config {name}", value, "is not allowed", limit=f"what {pattern.pattern} matches")
    return value


def _file_system(config: Mapping[str, Any]) -> str:
    value = config.get("hadoop_file_systems")
    if isinstance(value, (list, tuple)) and len(value) <= 1:
        value = value[0] if value else ""
    return _text({"hadoop_file_systems": value}, "hadoop_file_systems", _SYSTEM, "").rstrip("/")


def _memory(value: Any) -> int:
    found = None if isinstance(value, bool) else _MEMORY.fullmatch(str(value).strip().lower())
    mebibytes = int(found[1]) * _UNITS[found[2]] if found and found[2] in _UNITS else 0
    if not 0 < mebibytes < 2**31:
        raise InvalidValue(
            "backend-config memory", value, "must be MiB, or a number with a unit", limit="such as 4 GiB"
        )
    return mebibytes


def _count(config: Mapping[str, Any], name: str, most: int) -> int:
    value = config.get(name, 1)
    number = int(value) if isinstance(value, int | str) and re.fullmatch(r"\d{1,6}", str(value)) else 0
    if not 1 <= number <= most:
        raise InvalidValue(f"backend-config {name}", value, "must be a whole number", limit=f"1 to {most}")
    return number


def _variables(value: Any) -> tuple[str, ...]:
    names = value or []
    if not isinstance(names, (list, tuple)) or not all(
        isinstance(one, str) and _VARIABLE.fullmatch(one) for one in names
    ):
        # Somebody may have given values as well, which nobody else is to read.
        shown = sorted(map(str, names)) if isinstance(names, Mapping) else type(names).__name__
        raise InvalidValue("backend-config variables", shown, "must be a list of names of variables")
    return tuple(names)
