"""KubernetesWork: what the supervisor does for a project on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from windlass.config import Settings
from windlass.errors import InvalidValue, WindlassError
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import ProjectWork
from windlass_kubernetes.address import Address
from windlass_kubernetes.cluster import Cluster
from windlass_kubernetes.package import MOUNT, Package, command, encoded
from windlass_kubernetes.projects.cluster_job import ClusterJob, remove_run
from windlass_kubernetes.projects.options import JobOptions
from windlass_kubernetes.projects.template import RUN, filled, read_template
from windlass_kubernetes.reaching import tracking_credentials, tracking_uri
from windlass_kubernetes.serving.objects import owned_by

CODE = "/mlflow/projects"
_NOTE = "kubernetes.json"
_HINT = "put the code into the image, and set skip_image_build; keep data where the cluster can read it"
_TRACKING = ("WINDLASS_TRACKING_URI", "MLFLOW_TRACKING_URI")


class KubernetesWork(ProjectWork):
    """Makes a Job for the command, shows what it prints, sees how it ends, and removes it."""

    def run(self) -> bool:
        """Say whether the command succeeded."""
        own, settings = self._assignment.job, Settings.load()
        options = JobOptions.read(own.config, own.environment)
        template = read_template(options)
        space = options.namespace or (template.get("metadata") or {}).get("namespace")
        cluster = Cluster.open(Address(options.context, space), settings)
        self._note(cluster)
        remove_run(cluster, own.run_id)
        try:
            problem = self._submit(cluster, options, template, settings).follow()
        finally:
            # What becomes of these is no reason to call the run something else.
            self._clear(cluster)
        if problem:
            self._assignment.say(problem)
        return problem is None

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """Remove the Job of the run with its pod and its Secrets; a cluster out of reach is left alone."""
        with contextlib.suppress(FileNotFoundError, ValueError, WindlassError):
            note = json.loads((place.directory / _NOTE).read_text(encoding="utf-8"))
            cluster = Cluster.open(Address(note["context"], note["namespace"]), Settings.load())
            remove_run(cluster, place.directory.name)

    def _note(self, cluster: Cluster) -> None:
        told = {"context": cluster.connection.context, "namespace": cluster.namespace}
        (self._assignment.place.directory / _NOTE).write_text(json.dumps(told), encoding="utf-8")

    def _submit(
        self, cluster: Cluster, options: JobOptions, template: dict[str, Any], settings: Settings
    ) -> ClusterJob:
        own = self._assignment.job
        name = f"windlass-{own.run_id[:20]}-{secrets.token_hex(3)}"
        package = None if options.bare else self._package()
        hidden = self._variables(options, settings)
        contents = {f"{name}-env": encoded(hidden), **(dict(package.secrets(name)) if package else {})}
        words, directory = list(own.command), Path(own.directory).name or "project"
        mounts: list[dict[str, Any]] = [{"name": "windlass-code", "mountPath": CODE}]
        mounts.append({"name": "windlass-package", "mountPath": MOUNT, "readOnly": True})
        body = filled(
            template,
            options,
            name=name,
            run_id=own.run_id,
            command=command(CODE, directory, words) if package else words,
            grace=own.grace,
            sources=[*options.secrets, f"{name}-env"],
            taken=set(hidden),
            volumes=[{"name": "windlass-code", "emptyDir": {}}, package.volume(name)] if package else [],
            mounts=mounts if package else [],
        )
        if options.repository:
            self._assignment.say("repository-uri is not needed: the code is sent to the pod without a registry")
        self._assignment.cancellation.check()
        for part, content in contents.items():
            cluster.create("Secret", {"metadata": {"name": part, "labels": {RUN: own.run_id}}, **content})
        made = cluster.create("Job", body)
        for part in contents:
            cluster.merge("Secret", part, {"metadata": {"ownerReferences": owned_by(made)}})
        self._assignment.say(f"submitted as the Job {name} in the namespace {cluster.namespace}")
        return ClusterJob(cluster, name, made["metadata"]["uid"], self._assignment)

    def _package(self) -> Package:
        own = self._assignment.job
        directory = Path(own.directory)
        files = {one: Path(path) for one, path in own.config["files"].items()}
        return Package.of({directory.name or "project": directory, **files}, what="project", hint=_HINT)

    def _variables(self, options: JobOptions, settings: Settings) -> dict[str, str]:
        """All that the command is told, some of it secret."""
        own = self._assignment.job
        found = {"PYTHONUNBUFFERED": "1", **tracking_credentials(settings), **self._declared()}
        for name in options.variables:
            if name not in os.environ:
                raise InvalidValue("backend-config variables", name, "is not set on this machine")
            found[name] = os.environ[name]
        uri = options.tracking_uri or tracking_uri(settings)
        return {**found, **own.variables, **dict.fromkeys(_TRACKING, uri)}

    def _declared(self) -> dict[str, str]:
        """The variables of docker_env: new ones, and those that are copied from here."""
        found = {}
        for name, value in self._assignment.job.environment.image_variables:
            present = os.environ.get(name) if value is None else value
            if present is None:
                self._assignment.say(f"docker_env copies the variable {name}, which is not set here")
            else:
                found[name] = present
        return found

    def _clear(self, cluster: Cluster) -> None:
        try:
            remove_run(cluster, self._assignment.job.run_id)
        except WindlassError as error:
            self._assignment.say(str(error))
