"""SparkProjectBackend: projects as applications of Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.entities import Project, ProjectEnvironment
from windlass.errors import Unsupported
from windlass.services.supervision.backend import SupervisedBackend
from windlass_spark.options import OPTIONS, SparkOptions
from windlass_spark.program import spark_submit
from windlass_spark.submission import check_files, script_of


class SparkProjectBackend(SupervisedBackend):
    """Each project is a spark-submit, with a supervisor on this machine that owns it."""

    worker = "windlass_spark.work:SparkWork"

    def check(self, project: Project, config: Mapping[str, Any]) -> None:
        """Refuse what Spark cannot run, files that are not there, and everything without a spark-submit."""
        super().check(project, config)
        options = SparkOptions.parse(config)
        _check_environment(project.environment)
        check_files(options, script_of(project.command)[0], project.directory)
        spark_submit(options.spark_home)

    def options(self) -> Mapping[str, str]:
        """What `config` may hold."""
        return {**super().options(), **OPTIONS}


def _check_environment(environment: ProjectEnvironment) -> None:
    if environment.image is not None:
        raise Unsupported(f"the project runs in a container ({environment.image})", hint="-b docker runs it there")
    if environment.manager != "local":
        hint = "--env-manager local takes what is installed; `py_files` and `archives` take more to the executors"
        raise Unsupported(f"the backend spark has no environments of {environment.manager}", hint=hint)
