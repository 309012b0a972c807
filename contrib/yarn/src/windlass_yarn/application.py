"""What YARN is asked for: an application whose master is Hadoop's DistributedShell."""

from __future__ import annotations

from typing import Any

from windlass_yarn.options import YarnOptions
from windlass_yarn.web_hdfs import StagedFile

MASTER_MEMORY = 512
"""MiB that the master has beside the memory of the command."""
_MASTER = "org.apache.hadoop.yarn.applications.distributedshell.ApplicationMaster"
# A small process that soon starts; a Java that does not know the last option ignores it.
_JAVA = (
    "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    " -XX:+IgnoreUnrecognizedVMOptions --add-opens=java.base/java.lang=ALL-UNNAMED"
)


def request(identifier: str, script: StagedFile, *, run_id: str, options: YarnOptions) -> dict[str, Any]:
    """The body of a submission: a master that runs a script in one container, and says how that ended."""
    command = (
        f"${{JAVA_HOME:+$JAVA_HOME/bin/}}java {_JAVA} {_MASTER} --num_containers 1 --priority 0"
        f" --container_memory {options.memory} --container_vcores {options.num_cores}"
        " 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr"
    )
    variables = {
        "CLASSPATH": options.classpath,
        "DISTRIBUTEDSHELLSCRIPTLOCATION": f"{_file_system(options)}{script.path}",
        "DISTRIBUTEDSHELLSCRIPTLEN": str(script.size),
        "DISTRIBUTEDSHELLSCRIPTTIMESTAMP": str(script.modified),
    }
    body: dict[str, Any] = {
        "application-id": identifier,
        "application-name": options.name or f"windlass {run_id}",
        "application-type": "WINDLASS",
        "queue": options.queue,
        "max-app-attempts": options.max_attempts,
        "unmanaged-AM": False,
        "resource": {"memory": MASTER_MEMORY, "vCores": 1},
        "am-container-spec": {
            "commands": {"command": command},
            "environment": {"entry": [{"key": name, "value": value} for name, value in variables.items()]},
        },
    }
    if options.node_label:
        body["app-node-label-expression"] = options.node_label
        body["am-container-node-label-expression"] = options.node_label
    return body


def _file_system(options: YarnOptions) -> str:
    """How a node calls the file system that the script is in."""
    return options.file_system or "".join(
        new + options.webhdfs.removeprefix(old)
        for old, new in (("http://", "webhdfs://"), ("https://", "swebhdfs://"))
        if options.webhdfs.startswith(old)
    )
