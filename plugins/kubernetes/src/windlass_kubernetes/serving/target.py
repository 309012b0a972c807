"""KubernetesTarget: each deployment is a Deployment of Kubernetes with a Service."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, NotFound
from windlass.interfaces import DeploymentRecord, DeploymentRequest, DeploymentTarget, TargetOption
from windlass_kubernetes.address import Address
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.pod_log import Lines
from windlass_kubernetes.serving.asking import ask_service, ask_url
from windlass_kubernetes.serving.change import Change, remove_all
from windlass_kubernetes.serving.deployment_options import OPTIONS, DeploymentOptions
from windlass_kubernetes.serving.names import DEPLOYMENT, MANAGED, RECORD, checked, labels, new_revision
from windlass_kubernetes.serving.supply import Supply

_EXTRA = 10.0


class KubernetesTarget(DeploymentTarget):
    """The deployments of one namespace that carry our labels.

    What a deployment remembers is in an annotation of its Deployment, which comes when it answers for the first time.
    """

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self._cluster = cluster
        self._settings = settings
        self._target = f"kubernetes:/{cluster.connection.context}/{cluster.namespace}"

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The namespace that the target names; nothing is asked yet."""
        return cls(Cluster.open(Address.parse(target), settings), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Make the objects, and return when the pods answer."""
        name, options = checked(request.name), DeploymentOptions.read(request.config)
        change = self._change(request, options, since=None)
        self._make_room(name)
        change.create()
        return self.get(name)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Replace the pods one after the other, so that there is always one that answers."""
        name, options = checked(request.name), DeploymentOptions.read(request.config)
        present, former = self._found(name)
        self._change(request, options, since=former).update(present)
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove all that was made for it, also what a change that was itself cut off has left."""
        remove_all(self._cluster, checked(name))

    def get(self, name: str) -> Deployment:
        """The deployment; READY while one of its pods answers."""
        return self._deployment(*self._found(checked(name)))

    def list(self) -> list[Deployment]:
        """The deployments that were made from here, whatever else the namespace has."""
        pairs = [(one, _record(one)) for one in self._cluster.list("Deployment", MANAGED)]
        found = [self._deployment(one, record) for one, record in pairs if record is not None]
        return sorted(found, key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The answer of one of its pods, through the URL of the Service or through the API server."""
        _, record = self._found(checked(name))
        options = DeploymentOptions.read(record.config)
        timeout, url = options.request_timeout + _EXTRA, self._outside(name, options)
        if url is None:
            return ask_service(self._cluster, name, payload, timeout=timeout)
        return ask_url(url, payload, self._settings, name=name, timeout=timeout)

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """What its pods have printed, those that are there now."""
        self._found(checked(name))
        lines = Lines(self._cluster, labels(name))
        return lines.follow() if follow else iter(lines.fresh())

    def address(self, target: str) -> str:
        """The context and the namespace, also where the kubeconfig chose them."""
        del target
        return self._target

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _change(
        self, request: DeploymentRequest, options: DeploymentOptions, *, since: DeploymentRecord | None
    ) -> Change:
        record, revision = DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle), new_revision()
        base = f"{request.name}-{revision}"
        return Change(
            cluster=self._cluster,
            record=record if since is None else record.since(since),
            options=options,
            supply=Supply.of(request, options, self._settings, base=base, may_execute=record.may_execute),
            revision=revision,
        )

    def _make_room(self, name: str) -> None:
        """Refuse a name that is taken, whoever took it; clear away what a creation left that was itself cut off."""
        found = self._cluster.find("Deployment", name)
        if found is None:
            return
        place = f"in the namespace {self._cluster.namespace!r}"
        if _record(found) is not None:
            hint = f"update it with `windlass deployments update -t {self._target} --name {name} -m …`, or delete it"
            raise AlreadyExists(f"the deployment {name!r} exists {place}", hint=hint)
        if (found["metadata"].get("labels") or {}).get(DEPLOYMENT) != name:
            raise AlreadyExists(f"{place} there is another Deployment {name!r}", hint="choose another name")
        if time.time() < _seconds(found["metadata"]["creationTimestamp"]) + found["spec"]["progressDeadlineSeconds"]:
            hint = "wait for its end; if it was cut off, delete the deployment first"
            raise AlreadyExists(f"the deployment {name!r} is being made {place}", hint=hint)
        remove_all(self._cluster, name)

    def _found(self, name: str) -> tuple[Object, DeploymentRecord]:
        found = self._cluster.find("Deployment", name)
        record = None if found is None else _record(found)
        if found is None or record is None:
            known = ", ".join(one.name for one in self.list()) or "none"
            raise NotFound(f"there is no deployment {name!r} on {self._target} (known: {known})")
        return found, record

    def _deployment(self, found: Object, record: DeploymentRecord) -> Deployment:
        options = DeploymentOptions.read(record.config)
        url = self._outside(record.name, options)
        inside = f"http://{record.name}.{self._cluster.namespace}.svc:{options.port}"
        return record.deployment(self._target, status=_status(found), url=url or inside)

    def _outside(self, name: str, options: DeploymentOptions) -> str | None:
        """Where clients outside of the cluster reach it; None if they do not, or not yet."""
        if options.http_url:
            return options.http_url.rstrip("/")
        if options.service_type != "LoadBalancer":
            return None
        service = self._cluster.find("Service", name) or {}
        for one in ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []:
            with contextlib.suppress(KeyError):
                return f"http://{one.get('ip') or one['hostname']}:{options.port}"
        return None


def _record(found: Object) -> DeploymentRecord | None:
    """What a Deployment remembers; None if it is none of ours, or not made yet."""
    metadata = found["metadata"]
    text = (metadata.get("annotations") or {}).get(RECORD)
    ours = (metadata.get("labels") or {}).get(DEPLOYMENT) == metadata["name"]
    return DeploymentRecord.decode(text) if text and ours and not metadata.get("deletionTimestamp") else None


def _status(found: Object) -> DeploymentStatus:
    status = found.get("status") or {}
    if found["spec"].get("replicas") == 0:
        return DeploymentStatus.STOPPED
    if status.get("availableReplicas"):
        return DeploymentStatus.READY
    late = any(one["type"] == "Progressing" and one["status"] == "False" for one in status.get("conditions") or [])
    return DeploymentStatus.FAILED if late else DeploymentStatus.CREATING


def _seconds(stamp: str) -> float:
    """A time of the API as seconds since the epoch."""
    return datetime.fromisoformat(stamp).timestamp()
