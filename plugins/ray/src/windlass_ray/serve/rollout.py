"""Rollout: from one record of a deployment to the next, without a moment in which it does not answer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from windlass.errors import Unavailable, WindlassError
from windlass.interfaces import DeploymentRequest
from windlass_ray.serve.applications import FAILED, RUNNING, Applications, Change, Served
from windlass_ray.serve.files import ModelFiles
from windlass_ray.serve.options import ServeOptions
from windlass_ray.serve.record import Part, Record, parts_of

_ENDING = 120.0


class NotDeployed(Unavailable):
    """A model that does not answer on the cluster, with what Serve says of it."""


class Rollout:
    """Changes the deployments of one cluster; a step that fails leaves what was there before."""

    def __init__(self, applications: Applications, files: ModelFiles) -> None:
        self._applications = applications
        self._files = files

    def begin(self, request: DeploymentRequest, record: Record) -> Record:
        """Start a deployment: its entrance and its model beside each other."""
        deadline = time.monotonic() + ServeOptions.parse(request.config).timeout
        with self._placed(request, record.present) as (part, model):
            made = replace(record, present=part)
            try:
                self._run(made.name, {part.application: model, made.name: made.entrance()}, deadline)
            except BaseException:
                with contextlib.suppress(WindlassError):
                    self.end(made.applications)
                raise
        return made

    def bring(self, request: DeploymentRequest, part: Part, old: Record, new: Record) -> Record:
        """Start a model of the new record, lead requests to it when it runs, and end what the old one had besides."""
        deadline = time.monotonic() + ServeOptions.parse(request.config).timeout
        with self._placed(request, part) as (placed, model):
            record = _with(new, placed)
            try:
                self._run(old.name, {placed.application: model}, deadline)
                self._lead(record, deadline)
            except BaseException:
                self._take_back(old, frozenset({placed.application}))
                raise
        self._clear(old, record)
        return record

    def shift(self, old: Record, new: Record) -> None:
        """Divide the requests among models that run in another way, and end those that get none."""
        try:
            self._lead(new, time.monotonic() + ServeOptions.parse(new.present.config).timeout)
        except BaseException:
            self._take_back(old, frozenset())
            raise
        self._clear(old, new)

    def end(self, names: frozenset[str]) -> None:
        """End applications, and return when they are gone; Serve goes on by itself if that takes long."""
        if not names:
            return
        change = Change(remove=names)
        self._applications.make(change)
        with contextlib.suppress(Unavailable):
            self._applications.make_and_wait(
                change, lambda served: not names & served.applications.keys(), timeout=_ENDING
            )

    def _take_back(self, old: Record, gone: frozenset[str]) -> None:
        """Have the list be as it was, and wait until Serve, which looks at all of it anew, says that all of it runs."""

        def all_run(served: Served) -> bool:
            found = [served.applications.get(one) for one in old.applications]
            return all(one is not None and one.status == RUNNING for one in found)

        with contextlib.suppress(WindlassError):
            kept = Change(put={old.name: old.entrance()}, remove=gone)
            self._applications.make_and_wait(kept, all_run, timeout=_ENDING)

    def _lead(self, record: Record, deadline: float) -> None:
        self._run(record.name, {record.name: record.entrance()}, deadline)

    def _run(self, name: str, wanted: Mapping[str, Mapping[str, Any]], deadline: float) -> None:
        """Have applications run; NotDeployed if one fails or takes too long."""

        def all_run(served: Served) -> bool:
            found = [served.applications.get(one) for one in wanted]
            for one in found:
                if one is not None and one.status in FAILED:
                    reason = one.message or one.status
                    raise NotDeployed(f"the deployment {name!r} did not start on Ray: {reason}", hint=_hint(reason))
            return all(one is not None and one.status == RUNNING for one in found)

        left = max(deadline - time.monotonic(), 1.0)
        self._applications.make_and_wait(Change(put=wanted), all_run, timeout=left)

    def _clear(self, old: Record, new: Record) -> None:
        """End what gets no requests any more, also what is left of a change that was itself cut off."""
        self.end(frozenset(parts_of(new.name, self._applications.look()) - new.applications))
        kept = {one.stored for one in new.parts}
        for one in old.parts:
            if one.stored not in kept:
                self._files.remove(one.stored)

    @contextlib.contextmanager
    def _placed(self, request: DeploymentRequest, part: Part) -> Any:
        options, uri = ServeOptions.parse(request.config), request.resolved_uri
        with self._files.placed(request.model_path, options, name=part.application, resolved_uri=uri) as placed:
            kept = replace(part, stored=placed.stored)
            yield kept, kept.application_of(request.name, placed.place, placed.runtime_env)


def _with(record: Record, part: Part) -> Record:
    """The record with a model whose files have their place."""
    if record.canary is not None and record.canary.application == part.application:
        return replace(record, canary=part)
    return replace(record, present=part)


def _hint(reason: str) -> str:
    if "windlass_ray" in reason or "windlass.serving" in reason:
        return "the nodes of the cluster need: pip install 'windlass-ray[cluster]'"
    if "UnsafeModel" in reason:
        return "deploy it from your registry, or set WINDLASS_ALLOW_PICKLE=true if you trust where it comes from"
    return "does `windlass models predict` work with it, and do the nodes have the packages that it needs?"
