"""Diagnostics: what YARN says of an application that failed, for people."""

from __future__ import annotations

import re

_SHOWN = 1500
_TIME = re.compile(r"\[\d{4}-[^\]]*\]\s*")
# What the master says of a command that failed; the first is that of old releases, which tell nothing else.
_COMMAND_FAILED = re.compile(
    r"Diagnostics\., total=|Application Failure: (?:(?!beyond).)*\bExit code: (-?\d+)", re.DOTALL
)
_NO_MASTER = re.compile(r"(Could not find|ClassNotFound)[^\n]*distributedshell", re.IGNORECASE)
_NOISE = (
    "Last 4096 bytes",
    "Container exited with a non-zero",
    "For more detailed output",
    ". Failing the application",
)


def explained(diagnostics: str) -> str:
    """Why an application failed; empty if only its command has, which YARN does not tell more about."""
    failed = _COMMAND_FAILED.match(diagnostics)
    if failed:
        return f"the command ended with exit code {failed[1]}" if failed[1] else ""
    if _NO_MASTER.search(diagnostics):
        return (
            "the nodes do not find Hadoop's DistributedShell: the option `classpath` says where they have its classes"
        )
    lines = dict.fromkeys(line.strip() for line in _TIME.sub("", diagnostics).splitlines())
    told = "\n".join(line for line in lines if line and not line.startswith(_NOISE))
    return f"the application failed: {told[:_SHOWN]}" if told else ""
