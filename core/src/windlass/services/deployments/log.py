"""RecordedDeployments: the log of deployments, kept as records beside the runs."""

from __future__ import annotations

import builtins
import getpass
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from windlass.entities import ChangeAction, ChangeState, Deployment, DeploymentChange, DeploymentKey, DeploymentStatus
from windlass.errors import AlreadyExists, Conflict
from windlass.interfaces import RecordStore
from windlass.interfaces.deployment_log import DeploymentLog
from windlass.plugins import PluginManager
from windlass.services.identity import now_ms
from windlass.services.limits import MAX_RESULTS, check_max_results, check_text
from windlass.services.visibility import EVERYTHING, Visibility

_COLLECTION = "deployments"
_MAX_TARGET, _MAX_NAME, _MAX_MESSAGE = 2_000, 500, 8_000
_ATTEMPTS = 20
_PAGE = 100
_IN_VAIN = (ChangeState.FAILED, ChangeState.ROLLED_BACK)
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


class RecordedDeployments(DeploymentLog):
    """One record for each change; its key is the deployment's digest with the number of the change."""

    def __init__(
        self,
        records: Callable[[], RecordStore],
        plugins: PluginManager,
        visibility: Visibility = EVERYTHING,
    ) -> None:
        self._open_records = records
        self._plugins = plugins
        self._visibility = visibility

    def begin(self, change: DeploymentChange) -> DeploymentChange:
        """Write down what is about to be done; passwords in a target's URL are left out."""
        begun = replace(
            change,
            key=_checked(change.key),
            state=ChangeState.STARTED,
            user=change.user or getpass.getuser(),
            start_time=now_ms(),
        )
        for _ in range(_ATTEMPTS):
            numbered = replace(begun, number=self._last_number(begun.key) + 1)
            try:
                self._records.put(_COLLECTION, _place(numbered), _encode(numbered), expected=0)
            except AlreadyExists:
                continue  # Somebody else began a change in between.
            return numbered
        raise Conflict(f"others keep changing the deployment {begun.key}", hint="try again when they are done")

    def end(self, change: DeploymentChange) -> DeploymentChange:
        """Write down how it ended, and tell plugins of what was done."""
        kept = self._records.get(_COLLECTION, _place(change))
        begun = _decode(kept.value)
        if begun.state != ChangeState.STARTED:
            return begun
        ended = replace(
            begun, state=change.state, message=change.message[:_MAX_MESSAGE], url=change.url, end_time=now_ms()
        )
        self._records.put(_COLLECTION, kept.key, _encode(ended), expected=kept.revision)
        if ended.state == ChangeState.DONE:
            self._announce(ended)
        return ended

    def changes(
        self, key: DeploymentKey, *, max_results: int = 100, before: int | None = None
    ) -> Sequence[DeploymentChange]:
        """The changes of a deployment, newest first, as far as they may be seen."""
        limit = check_max_results(max_results, MAX_RESULTS)
        seen = (one for one in self._all(_checked(key), before=before) if self._shows(one))
        return builtins.list(islice(seen, limit))

    def latest(self) -> builtins.list[DeploymentChange]:
        """The newest change of every deployment that says what there is, as far as it may be seen."""
        found = (one for one in self._standing() if self._shows(one))
        return sorted(found, key=lambda one: (one.key.target, one.key.endpoint or "", one.key.name))

    def _standing(self) -> Iterator[DeploymentChange]:
        """From what stands of one deployment it jumps over the older changes to the next deployment."""
        after = "~"
        while page := self._records.list(_COLLECTION, after=after, max_results=1, descending=True):
            newest, after = _decode(page[0].value), page[0].key.partition("/")[0]
            if (stands := self._stands(newest)) is not None:
                yield stands

    def _stands(self, newest: DeploymentChange) -> DeploymentChange | None:
        """The newest change that was not in vain and is not about a canary, which leaves the rest as it is."""
        if _says_what_there_is(newest):
            return newest
        return next(filter(_says_what_there_is, self._all(newest.key, before=newest.number)), None)

    def _all(self, key: DeploymentKey, *, before: int | None = None) -> Iterator[DeploymentChange]:
        """The changes of a deployment, newest first, read as they are needed."""
        prefix = f"{_digest(key)}/"
        after = f"{prefix}~" if before is None else f"{prefix}{before:010d}"
        while page := self._records.list(_COLLECTION, prefix=prefix, after=after, max_results=_PAGE, descending=True):
            yield from (_decode(one.value) for one in page)
            after = page[-1].key

    def _last_number(self, key: DeploymentKey) -> int:
        newest = self._records.list(_COLLECTION, prefix=f"{_digest(key)}/", after="~", max_results=1, descending=True)
        return int(newest[0].value["number"]) if newest else 0

    def _shows(self, change: DeploymentChange) -> bool:
        return not change.resolved_uri or self._visibility.shows_source(change.resolved_uri)

    def _announce(self, change: DeploymentChange) -> None:
        match change.action:
            case ChangeAction.CREATE:
                self._plugins.deployment_created(_deployment(change))
            case ChangeAction.DELETE:
                self._plugins.deployment_deleted(change.key.name, change.key.target)
            case _:
                self._plugins.deployment_updated(_deployment(change))

    @property
    def _records(self) -> RecordStore:
        return self._open_records()


def _says_what_there_is(change: DeploymentChange) -> bool:
    return change.state not in _IN_VAIN and change.action != ChangeAction.CANARY


def _checked(key: DeploymentKey) -> DeploymentKey:
    check_text("name", key.name, _MAX_NAME)
    check_text("endpoint", key.endpoint or "", _MAX_NAME)
    return replace(key, target=_CREDENTIALS.sub("//", check_text("target", key.target, _MAX_TARGET)))


def _digest(key: DeploymentKey) -> str:
    text = json.dumps([key.target, key.endpoint, key.name])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _place(change: DeploymentChange) -> str:
    return f"{_digest(_checked(change.key))}/{change.number:010d}"


def _encode(change: DeploymentChange) -> dict[str, Any]:
    return asdict(change)


def _decode(value: Mapping[str, Any]) -> DeploymentChange:
    return DeploymentChange(**{**value, "key": DeploymentKey(**value["key"])})


def _deployment(change: DeploymentChange) -> Deployment:
    return Deployment(
        name=change.key.name,
        target=change.key.target,
        endpoint=change.key.endpoint,
        model_uri=change.model_uri,
        resolved_uri=change.resolved_uri,
        flavor=change.flavor,
        status=DeploymentStatus.READY,
        url=change.url,
        creation_timestamp=change.start_time,
        last_updated_timestamp=change.end_time or change.start_time,
        config=change.config,
    )
