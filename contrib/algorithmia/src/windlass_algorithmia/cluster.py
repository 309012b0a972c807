"""Cluster: the algorithms of one owner, by the API that manages and calls them.

Its description is in the repository algorithmiaio/api-docs on GitHub.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from windlass.errors import AlreadyExists, BuildFailed, Conflict, InvalidValue, NotFound, Unavailable, Unsupported
from windlass.interfaces import DeploymentRecord
from windlass_algorithmia.options import ENVIRONMENTS, SETTINGS
from windlass_rest.endpoints.naming import is_variant
from windlass_rest.rest import Refused, Rest
from windlass_rest.scoring import encode_payload

READY = {"windlass": "ready?"}
"""What an algorithm of ours is asked before it is published."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_BORN = re.compile(r"\[windlass (v[0-9a-f]{15})\]$")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_PAGE = "50"
_SHOWN = 2000
_MARGIN = 10.0
_REFUSALS = (f"{InvalidValue.error_code}: ", f"{Unsupported.error_code}: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version of an algorithm that was published from here."""

    version: str
    variant: str
    record: DeploymentRecord

    @property
    def order(self) -> tuple[int, ...]:
        """Later ones are greater."""
        return tuple(int(part) for part in self.version.split("."))


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is ours says so: an algorithm in its tagline, a version in its release notes."""

    rest: Rest
    owner: str

    def find(self, name: str) -> Mapping[str, Any] | None:
        """An algorithm as it is described, whosever it is; None if there is none."""
        with suppress(NotFound):
            found: Mapping[str, Any] = self.rest.get(self._path(name))
            return found
        return None

    def create(self, name: str, options: Mapping[str, Any], *, born: str) -> None:
        """Make an algorithm, which has no code yet."""
        try:
            self.rest.call(
                "POST", f"/v1/algorithms/{quote(self.owner)}", {"name": name, **described(name, options, born)}
            )
        except Refused as error:
            if "already exists" in error.message:
                raise AlreadyExists(error.message) from error
            raise InvalidValue("config", name, f"is not what Algorithmia accepts: {error.message}") from error

    def compile(self, name: str, commit: str, *, timeout: float) -> None:
        """Build the algorithm, which must be at this commit; BuildFailed with what the build has printed."""
        try:
            found = replace(self.rest, timeout=timeout).call("POST", f"{self._path(name)}/compile")
        except Refused as error:
            raise BuildFailed(f"the algorithm {name!r} was not compiled: {error.message}") from error
        if not _of(found, "compilation").get("successful"):
            printed = str(_of(found, "compilation").get("output") or "it says nothing")[-_SHOWN:]
            raise BuildFailed(f"the algorithm {name!r} was not compiled:\n{printed}")
        if (built := _of(found, "version_info").get("git_hash")) != commit:
            raise Conflict(f"the algorithm {name!r} was changed by somebody else: {built} was compiled, not {commit}")

    def publish(self, variant: str, record: DeploymentRecord, options: Mapping[str, Any]) -> None:
        """Let what was compiled last be the next version."""
        asked = {
            "settings": {"algorithm_callability": options["algorithm_callability"]},
            "version_info": {
                "version_type": "minor",
                "release_notes": f"{variant} {record.encode()}",
                "sample_input": json.dumps(READY),
            },
        }
        try:
            self.rest.call("POST", f"{self._path(record.name)}/versions", asked)
        except Refused as error:
            raise Unavailable(f"the algorithm {record.name!r} was not published: {error.message}") from error
        except Unavailable:
            # The answer may be lost, and the version there.
            if not self.is_published(record.name, variant):
                raise

    def published(self, name: str) -> Published | None:
        """The latest version that was published from here."""
        return max(self._versions(name), key=lambda one: one.order, default=None)

    def is_published(self, name: str, variant: str) -> bool:
        """Whether there is a version with this variant."""
        return any(one.variant == variant for one in self._versions(name))

    def delete(self, name: str) -> None:
        """Remove an algorithm; nothing happens if it is missing."""
        with suppress(NotFound):
            self.rest.call("DELETE", self._path(name))

    def ask(self, name: str, version: str, payload: Mapping[str, Any], *, timeout: float) -> Any:
        """What an algorithm answers; InvalidValue if it refuses the request, Unavailable if it fails."""
        patient = replace(self.rest, timeout=timeout + _MARGIN)
        path = f"/v1/algo/{quote(self.owner)}/{quote(name)}/{version}?timeout={timeout:.0f}"
        try:
            answer = json.loads(patient.send("POST", path, body=encode_payload(payload)).data)
        except Refused as error:
            raise InvalidValue("payload", sorted(map(str, payload)), f"was refused: {error.message}") from error
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not answer.keys() & {"result", "error"}:
            raise Unavailable(f"what answers at {self.rest.url} is no Algorithmia")
        if answer.get("error"):
            said = str(_of(answer, "error").get("message") or "it says nothing why")
            if said.startswith(_REFUSALS):
                raise InvalidValue("payload", sorted(map(str, payload)), f"was refused: {said}")
            raise Unavailable(f"the algorithm {name!r} failed: {said}")
        return answer["result"]

    def _versions(self, name: str) -> list[Published]:
        query, found = {"published": "true", "limit": _PAGE}, []
        while True:
            page = self.rest.get(f"{self._path(name)}/versions", query)
            found += [one for one in map(_published, page.get("results") or []) if one is not None]
            if not page.get("marker"):
                return found
            query["marker"] = page["marker"]

    def _path(self, name: str) -> str:
        return f"/v1/algorithms/{quote(self.owner)}/{quote(name)}"


def check_name(name: str) -> str:
    """The name, if Algorithmia gives it to algorithms."""
    if not _NAME.fullmatch(name):
        limit = "a letter, then up to 62 letters, digits and '_'"
        raise InvalidValue("name", name, "is no name for an algorithm", limit=limit)
    return name


def described(name: str, options: Mapping[str, Any], born: str) -> dict[str, Any]:
    """An algorithm as it is made."""
    details = {"label": options.get("label", name), "tagline": f"{options['tagline']} [windlass {born}]"}
    return {"details": details, "settings": {one: options[one] for one in SETTINGS if one in options}}


def born_as(algorithm: Mapping[str, Any]) -> str:
    """The variant that an algorithm was made with; empty for one that is none of ours."""
    found = _BORN.search(str(_of(algorithm, "details").get("tagline") or ""))
    return found[1] if found else ""


def check_unchanged(algorithm: Mapping[str, Any], config: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """InvalidValue if options that are given would have made another algorithm."""
    present = _of(algorithm, "settings")
    for name in SETTINGS:
        # An environment also has the name of its packages, which is not what it was asked for by.
        given = name in config and (name in present or name in ENVIRONMENTS)
        if given and present.get(name) != options[name]:
            hint = f"leave it at {present.get(name)!r}, or delete the deployment and create it anew"
            raise InvalidValue(f"config {name}", config[name], "cannot be changed by an update", hint=hint)


def _published(found: Mapping[str, Any]) -> Published | None:
    info = _of(found, "version_info")
    variant, _, text = str(info.get("release_notes") or "").partition(" ")
    record, version = DeploymentRecord.decode(text), str(info.get("semantic_version") or "")
    if record is None or not is_variant(variant) or not _VERSION.fullmatch(version):
        return None
    return Published(version=version, variant=variant, record=record)


def _of(found: Any, part: str) -> Mapping[str, Any]:
    inner = found.get(part) if isinstance(found, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}
