"""KServeTarget: each deployment is an InferenceService of KServe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

from windlass.config import Settings
from windlass.entities import Deployment
from windlass.errors import AlreadyExists, NotFound, Unavailable, Unsupported
from windlass.interfaces import DeploymentRecord, DeploymentRequest, DeploymentTarget, TargetOption
from windlass_kubernetes.address import Address
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.kserve.change import KIND, ServiceChange
from windlass_kubernetes.kserve.options import OPTIONS, KServeOptions
from windlass_kubernetes.kserve.predictor import predictor
from windlass_kubernetes.kserve.record import Part, ServiceRecord
from windlass_kubernetes.pod_log import Lines
from windlass_kubernetes.serving.names import MANAGED, checked, labels, new_revision
from windlass_kubernetes.serving.supply import Supply
from windlass_rest.rest import Rest
from windlass_rest.scoring import ask

_EXTRA, _ENDING = 10.0, 120.0
_WHOLE = 100
_STANDARD = frozenset({"RawDeployment", "Standard"})
_HINT = "where DNS does not know KServe's names, -C ingress_url=… names the gateway"


class KServeTarget(DeploymentTarget):
    """The InferenceServices of one namespace that carry our labels; a canary is KServe's own."""

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self._cluster = cluster
        self._settings = settings
        self._target = f"kserve:/{cluster.connection.context}/{cluster.namespace}"

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The namespace that the target names; nothing is asked yet."""
        return cls(Cluster.open(Address.parse(target), settings), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Make an InferenceService, and return when it is ready."""
        name, options = checked(request.name), KServeOptions.read(request.config)
        part, supply = self._part(request, options)
        found = self._cluster.find(KIND, name)
        if found is not None:
            ours = "the deployment" if ServiceRecord.of(found) else "an InferenceService"
            hint = "update it, or delete it first; or choose another name"
            raise AlreadyExists(f"{ours} {name!r} exists in {self._cluster.namespace!r}", hint=hint)
        self._change(ServiceRecord(present=part), part, options, supply).create()
        return self.get(name)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Replace the model; a canary goes."""
        options = KServeOptions.read(request.config)
        present, former = self._found(checked(request.name))
        part, supply = self._part(request, options, since=former)
        self._change(ServiceRecord(present=part), part, options, supply).change(present)
        return self.get(request.name)

    def start_canary(self, request: DeploymentRequest, percent: int) -> Deployment:
        """Make a revision with this part of the requests."""
        options = KServeOptions.read(request.config)
        present, former = self._found(checked(request.name))
        if former.canary is not None:
            raise AlreadyExists(f"the deployment {request.name!r} has a canary", hint="set it to 0 or 100 first")
        if (present.get("status") or {}).get("deploymentMode") in _STANDARD:
            raise Unsupported("KServe splits requests in its Knative mode only, which this InferenceService is not in")
        part, supply = self._part(request, options)
        record = replace(former, canary=part, percent=percent)
        self._change(record, part, options, supply, percent=percent).change(present)
        return self.get(request.name)

    def set_canary(self, name: str, percent: int) -> Deployment:
        """Give the canary another part; with 100 it stays alone, with 0 KServe leads everything to the model before."""
        present, former = self._found(checked(name))
        if former.canary is None:
            raise NotFound(f"the deployment {name!r} has no canary")
        record = replace(former, percent=percent)
        if percent == 0:
            record = ServiceRecord(present=former.present)
        elif percent == _WHOLE:
            kept = replace(former.canary, record=former.canary.record.since(former.present.record))
            record = ServiceRecord(present=kept)
        options = KServeOptions.read(former.canary.record.config)
        spec = {**present["spec"]["predictor"], "canaryTrafficPercent": percent}
        change = ServiceChange(
            cluster=self._cluster, name=name, revision=new_revision(), record=record, predictor=spec,
            timeout=options.timeout, secrets={}, unused=(former.canary.revision,) if percent == 0 else (),
        )  # fmt: skip
        change.change(present)
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove the InferenceService and its Secrets, and return when its pods end."""
        marks = labels(checked(name))
        for kind in (KIND, "Secret"):
            for one in self._cluster.list(kind, marks):
                self._cluster.delete(kind, one["metadata"]["name"], uid=one["metadata"]["uid"])
        with contextlib.suppress(Unavailable):
            for kind in (KIND, "Pod"):
                self._cluster.gone(kind, marks, timeout=_ENDING, ending=True)

    def get(self, name: str) -> Deployment:
        """The deployment; READY as KServe says."""
        return self._deployment(*self._found(checked(name)))

    def list(self) -> list[Deployment]:
        """The InferenceServices that were made from here."""
        pairs = [(one, ServiceRecord.of(one)) for one in self._cluster.list(KIND, MANAGED)]
        found = [self._deployment(one, record) for one, record in pairs if record is not None]
        return sorted(found, key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The answer; requests for a runtime of KServe's are to be written in the protocol of that."""
        found, record = self._found(checked(name))
        options, url = KServeOptions.read(record.present.record.config), _url(found)
        if not url:
            raise Unavailable(f"KServe has given no URL to the deployment {name!r} yet")
        place = options.ingress_url or url
        headers = {"host": urlsplit(url).netloc} if options.ingress_url else None
        rest = Rest.open(
            place, self._settings, name=f"the deployment {name!r}", timeout=options.request_timeout + _EXTRA, hint=_HINT
        )
        with contextlib.closing(rest):
            return ask(rest, options.path(name), payload, headers=headers)

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

    def _part(
        self, request: DeploymentRequest, options: KServeOptions, *, since: ServiceRecord | None = None
    ) -> tuple[Part, Supply | None]:
        record = DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle)
        part = Part(revision=new_revision(), record=record if since is None else record.since(since.present.record))
        if options.model_format is not None:
            return part, None
        base = f"{request.name}-{part.revision}"
        return part, Supply.of(request, options, self._settings, base=base, may_execute=record.may_execute)

    def _change(
        self,
        record: ServiceRecord,
        part: Part,
        options: KServeOptions,
        supply: Supply | None,
        *,
        percent: int | None = None,
    ) -> ServiceChange:
        name = part.record.name
        return ServiceChange(
            cluster=self._cluster,
            name=name,
            revision=part.revision,
            record=record,
            predictor=predictor(name, part.revision, options, supply, percent=percent),
            timeout=options.timeout,
            secrets={} if supply is None else supply.secrets,
        )

    def _found(self, name: str) -> tuple[Object, ServiceRecord]:
        found = self._cluster.find(KIND, name)
        record = None if found is None else ServiceRecord.of(found)
        if found is None or record is None:
            known = ", ".join(one.name for one in self.list()) or "none"
            raise NotFound(f"there is no deployment {name!r} on {self._target} (known: {known})")
        return found, record

    def _deployment(self, found: Object, record: ServiceRecord) -> Deployment:
        return record.deployment(self._target, found, url=_url(found))


def _url(found: Object) -> str:
    return str((found.get("status") or {}).get("url") or "")
