"""Submission: the command line of spark-submit for a project."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from windlass.errors import InvalidValue, Unsupported
from windlass_spark.options import SparkOptions

_PYTHON = re.compile(r"python(\d(\.\d+)?)?")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_HINT = "an entry point that Spark runs is a Python script: python train.py --rate {rate}"


def script_of(command: Sequence[str]) -> tuple[str, ...]:
    """The script and the arguments of a command; Unsupported for one that spark-submit cannot run."""
    program = Path(command[0]).name
    if program == "spark-submit":
        raise Unsupported("the command is a spark-submit of its own", hint="-b local runs it")
    if program in {"bash", "sh"}:
        raise Unsupported("the command needs a shell, and spark-submit starts none", hint=_HINT)
    if not _PYTHON.fullmatch(program):
        raise Unsupported(f"spark-submit cannot run {command[0]!r}", hint=_HINT)
    words = list(command[1:])
    while words and words[0] == "-u":  # what is printed is not held back in any case
        words.pop(0)
    if not words or words[0].startswith("-") or not words[0].endswith(".py"):
        what = f"python {words[0]}" if words else "python without a script"
        raise Unsupported(f"spark-submit cannot run {what!r}", hint=_HINT)
    return tuple(words)


def check_files(options: SparkOptions, script: str, directory: Path) -> None:
    """Refuse files of this machine that are not there."""
    for name in (script, *options.files):
        # A name behind `#` is what it is called when it is unpacked.
        place = name.partition("#")[0]
        if urlsplit(place).scheme not in {"", "file"} or "*" in place:
            continue
        if not (directory / place.removeprefix("file://")).exists():
            raise InvalidValue("backend-config", name, "is no file of the project")


def submission(
    program: Path, options: SparkOptions, command: Sequence[str], *, run_id: str, variables: Mapping[str, str]
) -> list[str]:
    """The words of the command line; variables are told to a driver that is on the cluster, which inherits none."""
    conf = {**_told(options, variables), **_waiting(options), **options.conf}
    given = {"--name": f"windlass {run_id}", **options.given}
    named = [word for name, value in given.items() for word in (name, value)]
    properties = [word for key, value in conf.items() for word in ("--conf", f"{key}={value}")]
    return [str(program), *named, *properties, *script_of(command)]


def check_variables(options: SparkOptions, variables: Mapping[str, str]) -> None:
    """Refuse what would show a password to everybody who can see the application."""
    if options.on_cluster and any(urlsplit(value).password for value in variables.values() if "://" in value):
        raise Unsupported(
            "a password in the tracking store's URL would be shown by the cluster",
            hint="leave it out, and let the cluster's nodes have WINDLASS_USERNAME and WINDLASS_PASSWORD",
        )


def _told(options: SparkOptions, variables: Mapping[str, str]) -> dict[str, str]:
    prefix = {"yarn": "spark.yarn.appMasterEnv.", "k8s": "spark.kubernetes.driverEnv."}
    if not options.on_cluster:
        return {}
    named = {name: value for name, value in variables.items() if _VARIABLE.fullmatch(name)}
    return {f"{prefix[_kind(options)]}{name}": value for name, value in named.items()}


def _waiting(options: SparkOptions) -> dict[str, str]:
    """What makes spark-submit stay until the application has ended."""
    if not options.on_cluster:
        return {}
    name = {"yarn": "spark.yarn.submit.waitAppCompletion", "k8s": "spark.kubernetes.submission.waitAppCompletion"}
    return {name[_kind(options)]: "true"}


def _kind(options: SparkOptions) -> str:
    return options.master.partition(":")[0]
