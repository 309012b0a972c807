"""AlgorithmiaTarget: each deployment is an algorithm of an Algorithmia Enterprise."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound, WindlassError
from windlass.interfaces import (
    DeploymentRecord,
    DeploymentRequest,
    DeploymentTarget,
    TargetOption,
    parse_options,
    take_back,
)
from windlass_algorithmia.cluster import READY, Cluster, Published, born_as, check_name, check_unchanged
from windlass_algorithmia.collection import Collections
from windlass_algorithmia.options import OPTIONS, read_options
from windlass_algorithmia.repository import Repositories
from windlass_rest.endpoints.naming import new_variant
from windlass_rest.rest import Rest

_PATIENCE = 60.0
_WHO = "set ALGORITHMIA_API_KEY to a key of the cluster"
_MAY = "the key must be allowed to manage algorithms, and to read and write data"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A version that is to be made; `variant` names its model file."""

    record: DeploymentRecord
    variant: str
    path: Path
    options: Mapping[str, Any]


class AlgorithmiaTarget(DeploymentTarget):
    """Algorithms of one owner, whose published versions carry the record of the deployment in their release notes.

    Each change is another version: its model is uploaded, its source pushed and compiled, and asked once before it is
    published. Until then the former version answers.
    """

    def __init__(self, cluster: Cluster, files: Collections, source: Repositories, settings: Settings) -> None:
        self._cluster = cluster
        self._files = files
        self._source = source
        self._settings = settings

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The cluster that the settings name, and its owner of algorithms; nothing is asked yet."""
        api = _needed(settings.algorithmia_api, "ALGORITHMIA_API", "the URL of the cluster's API")
        key = _needed(settings.algorithmia_api_key, "ALGORITHMIA_API_KEY", "a key")
        user = _needed(settings.algorithmia_username, "ALGORITHMIA_USERNAME", "whose key it is")
        owner = check_name(target.partition(":")[2].strip("/") or user)
        rest = Rest.open(
            api,
            settings,
            name="Algorithmia",
            timeout=settings.http_timeout,
            patience=_PATIENCE,
            headers={"authorization": f"Simple {key}"},
            hints={401: _WHO, 403: _MAY},
        )
        source = Repositories(
            url=f"{_git_url(api, settings.algorithmia_git_endpoint)}/git/{owner}",
            username=user,
            key=key,
            ca_file=settings.ca_file,
            insecure_tls=settings.insecure_tls,
        )
        return cls(Cluster(rest, owner), Collections(rest, owner), source, settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Make an algorithm, and return when its first version is published."""
        name = check_name(request.name)
        plan = self._plan(request, read_options(request.config, self._settings))
        if self._cluster.find(name) is not None:
            hint = "update it with `windlass deployments update`, or choose another name"
            raise AlreadyExists(f"there is an algorithm {name!r} at {self._place}", hint=hint)
        try:
            self._cluster.create(name, plan.options, born=plan.variant)
            self._bring(plan)
            return self.get(name)
        except BaseException as error:
            take_back(error, [(f"the algorithm {name!r}", lambda: self._close(plan))])
            raise

    def update(self, request: DeploymentRequest) -> Deployment:
        """Publish another version."""
        algorithm, former = self._found(request.name)
        # What the algorithm is made with it has already, whatever variables are set here.
        plan = self._plan(request, parse_options(OPTIONS, request.config))
        check_unchanged(algorithm, request.config, plan.options)
        plan = replace(plan, record=plan.record.since(former.record))
        try:
            self._bring(plan)
        except BaseException as error:
            take_back(error, [(f"the model {plan.variant!r}", lambda: self._withdraw(plan))])
            raise
        self._tidy(plan)
        return self.get(request.name)

    def delete(self, name: str) -> None:
        """Remove the algorithm and its models; an algorithm of somebody else stays, with what it has."""
        algorithm = self._cluster.find(check_name(name))
        if algorithm is not None:
            if not born_as(algorithm):
                return
            self._cluster.delete(name)
        self._files.clear(name)

    def get(self, name: str) -> Deployment:
        """The deployment, which answers since its version is published."""
        return self._deployment(self._found(name)[1])

    def list(self) -> list[Deployment]:
        """What was deployed from here, by the collections with the models."""
        found = []
        for name in self._files.names():
            try:
                found.append(self.get(name))
            except (InvalidValue, NotFound):
                # It is being made or deleted, or the collection is somebody else's.
                continue
        return found

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The answer of the version that was published last."""
        found = self._found(name)[1]
        timeout = parse_options(OPTIONS, found.record.config)["request_timeout"]
        return self._cluster.ask(name, found.version, payload, timeout=timeout)

    def address(self, target: str) -> str:
        """The cluster and the owner, without who asks."""
        del target
        return self._place

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    @property
    def _place(self) -> str:
        return f"algorithmia:/{urlsplit(self._cluster.rest.url).netloc}/{self._cluster.owner}"

    def _plan(self, request: DeploymentRequest, options: Mapping[str, Any]) -> _Plan:
        record = DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle)
        return _Plan(record=record, variant=new_variant(), path=request.model_path, options=options)

    def _bring(self, plan: _Plan) -> None:
        name, timeout = plan.record.name, plan.options["timeout"]
        self._files.store(name, plan.variant, plan.path, timeout=timeout)
        told = {
            "model": self._files.uri(name, plan.variant),
            "may_execute": plan.record.may_execute,
            "resolved_uri": plan.record.resolved_uri,
        }
        commit = self._source.push(name, plan.path, told, timeout=timeout)
        self._cluster.compile(name, commit, timeout=timeout)
        # The commit can be called before it is published: a model that cannot be loaded answers nobody.
        self._cluster.ask(name, commit, READY, timeout=plan.options["request_timeout"])
        self._cluster.publish(plan.variant, plan.record, plan.options)

    def _close(self, plan: _Plan) -> None:
        algorithm = self._cluster.find(plan.record.name)
        if algorithm is not None and born_as(algorithm) != plan.variant:
            # Another one was quicker with the same name.
            self._files.remove(plan.record.name, plan.variant)
            return
        self._cluster.delete(plan.record.name)
        self._files.clear(plan.record.name)

    def _withdraw(self, plan: _Plan) -> None:
        if self._cluster.is_published(plan.record.name, plan.variant):
            raise Conflict("it is published")
        self._files.remove(plan.record.name, plan.variant)

    def _tidy(self, plan: _Plan) -> None:
        name = plan.record.name
        try:
            for one in self._files.variants(name):
                # Somebody else may be about to bring a newer one.
                if one < plan.variant:
                    self._files.remove(name, one)
        except WindlassError as error:
            # The change is made; what could not be tidied up goes with the next one.
            _log.warning("after the change of %r: %s", name, error)

    def _found(self, name: str) -> tuple[Mapping[str, Any], Published]:
        missing = f"there is no deployment {name!r} at {self._place}"
        algorithm = self._cluster.find(check_name(name))
        if algorithm is None:
            raise NotFound(missing)
        if not born_as(algorithm):
            raise NotFound(missing, hint="there is an algorithm of this name that was not made by Windlass")
        published = self._cluster.published(name)
        if published is None:
            raise NotFound(missing, hint="there is an algorithm without a version: delete the deployment")
        return algorithm, published

    def _deployment(self, found: Published) -> Deployment:
        record, options = found.record, parse_options(OPTIONS, found.record.config)
        # Only what is published for all is called without naming a version.
        end = "" if options["algorithm_callability"] == "public" else "/latestPrivate"
        url = f"{self._cluster.rest.url}/v1/algo/{self._cluster.owner}/{record.name}{end}"
        made = record.deployment(self._place, status=DeploymentStatus.READY, url=url)
        return replace(made, details={"version": found.version})


def _needed(value: str | None, variable: str, meaning: str) -> str:
    if not value:
        raise InvalidValue(variable, None, f"must be set: {meaning}")
    return value


def _git_url(api: str, endpoint: str | None) -> str:
    """Where git is: beside the API, unless it is named, as a host or a URL."""
    parts = urlsplit(api)
    named = (endpoint or f"git.{parts.netloc.removeprefix('www.').removeprefix('api.')}").rstrip("/")
    return named if "://" in named else f"https://{named}"
