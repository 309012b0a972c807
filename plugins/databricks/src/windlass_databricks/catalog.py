"""Catalog: the models of Unity Catalog, and their files.

See https://docs.databricks.com/api/workspace/files and MLflow's REST API of Unity Catalog.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unavailable
from windlass.interfaces import wait_until
from windlass_rest.rest import Refused, Rest

_API = "/api/2.0/mlflow/unity-catalog"
_MADE = "Made by Windlass."
_NOTE = re.compile(r"Made by Windlass for the deployment (?P<deployment>\S+) as (?P<variant>\S+)\.")
_PARTS = 3
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a model, and the variant that it was made for."""

    model: str
    number: str
    variant: str


class Catalog:
    """What is deleted may be missing."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def check(self, model: str, version: str | None) -> None:
        """Whether there is this version, or a new one may be made; InvalidValue otherwise."""
        if version is None and not in_catalog(model):
            hint = "name it CATALOG.SCHEMA.NAME, or a version that is there with -C model_version=…"
            raise InvalidValue("config model_name", model, "is not in Unity Catalog", hint=hint)
        if version is None:
            return
        api = _API if in_catalog(model) else "/api/2.0/mlflow"
        try:
            self._rest.get(f"{api}/model-versions/get", {"name": model, "version": version})
        except (NotFound, Refused) as error:
            raise InvalidValue("config model_version", version, f"is no version of {model}") from error

    def register(self, model: str, path: Path, *, deployment: str, variant: str, timeout: float) -> str:
        """Make a version from the files of a model, and return its number when it can be served."""
        self._make_model(model)
        note = f"{_MADE[:-1]} for the deployment {deployment} as {variant}."
        asked = {"name": model, "source": f"windlass:/{deployment}/{variant}", "description": note}
        made = self._rest.call("POST", f"{_API}/model-versions/create", asked)
        number = str(made["model_version"]["version"])
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            self._upload(file, f"/Models/{model.replace('.', '/')}/{number}/{file.relative_to(path).as_posix()}")
        asked = {"name": model, "version": number}
        self._rest.call("POST", f"{_API}/model-versions/finalize", asked)
        self._await_ready(model, number, timeout)
        return number

    def versions(self, model: str, deployment: str) -> Iterator[Version]:
        """The versions that were made for a deployment."""
        query: dict[str, Any] = {"filter": f"name='{model}'", "max_results": _PAGE}
        while in_catalog(model):
            page = self._rest.get(f"{_API}/model-versions/search", query) or {}
            for one in page.get("model_versions", []):
                note = _NOTE.fullmatch(one.get("description") or "")
                if note is not None and note["deployment"] == deployment:
                    yield Version(model, str(one["version"]), note["variant"])
            if not page.get("next_page_token"):
                return
            query["page_token"] = page["next_page_token"]

    def delete(self, version: Version) -> None:
        """Remove a version."""
        asked = {"name": version.model, "version": version.number}
        with suppress(NotFound):
            self._rest.call("DELETE", f"{_API}/model-versions/delete", asked)

    def drop_empty(self, model: str) -> None:
        """Remove a model that was made from here, if it has no versions."""
        if not in_catalog(model):
            return
        with suppress(NotFound):
            query = {"filter": f"name='{model}'", "max_results": 1}
            if (self._rest.get(f"{_API}/model-versions/search", query) or {}).get("model_versions"):
                return
            found = self._rest.get(f"{_API}/registered-models/get", {"name": model})
            if found["registered_model"].get("description") == _MADE:
                self._rest.call("DELETE", f"{_API}/registered-models/delete", {"name": model})

    def _make_model(self, model: str) -> None:
        try:
            self._rest.get(f"{_API}/registered-models/get", {"name": model})
        except NotFound:
            with suppress(AlreadyExists):
                self._rest.call("POST", f"{_API}/registered-models/create", {"name": model, "description": _MADE})

    def _upload(self, file: Path, place: str) -> None:
        path = f"/api/2.0/fs/files{quote(place)}?overwrite=true"
        try:
            with file.open("rb") as stream:
                headers = {"content-type": "application/octet-stream", "content-length": str(file.stat().st_size)}
                self._rest.send("PUT", path, body=stream, headers=headers)
        except OSError as error:
            raise Unavailable(f"the model cannot be read: {error}") from error

    def _await_ready(self, model: str, number: str, timeout: float) -> None:
        query = {"name": model, "version": number}
        found = wait_until(
            lambda: self._rest.get(f"{_API}/model-versions/get", query)["model_version"],
            lambda one: one.get("status") != "PENDING_REGISTRATION",
            within=timeout,
            late=lambda _: f"version {number} of {model} is still being registered",
            hint="give it longer with -C timeout=…",
        )
        if found.get("status") != "READY":
            reason = found.get("status_message") or found.get("status")
            raise Unavailable(f"Databricks could not register version {number} of {model}: {reason}")


def in_catalog(model: str) -> bool:
    """Whether it is a name of Unity Catalog, rather than one of the workspace's own registry."""
    parts = model.split(".")
    return len(parts) == _PARTS and all(parts)
