"""AlgorithmiaDouble: a cluster with algorithms, data and git."""

from __future__ import annotations

import base64
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass_algorithmia.testing.routes import ROUTES
from windlass_algorithmia.testing.source import Built, serve, start
from windlass_rest.testing.double import Answer, Asked, Double, Refusal

USER, KEY = "ada", "sim-0123"
_ENVIRONMENTS = {"env-311", "env-312"}


@dataclass(slots=True)
class _Algorithm:
    """`builds` are by commit, `versions` by number, the latest last."""

    content: dict[str, Any]
    builds: dict[str, Built] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    compiled: Built | None = None


class AlgorithmiaDouble(Double):
    """It keeps data, repositories and builds below `directory`; errors have the form that was published."""

    routes = ROUTES

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._data, self._git, self._builds = (directory / one for one in ("data", "git", "builds"))
        for one in (self._data / USER, self._git / USER, self._builds):
            one.mkdir(parents=True)
        start(directory / "new.git")
        self._new = directory / "new.git"
        self.algorithms: dict[str, _Algorithm] = {}
        self.keys = {KEY}

    def left(self) -> list[str]:
        """Whatever is there."""
        files = sorted(str(one.relative_to(self._data / USER)) for one in (self._data / USER).rglob("*"))
        return [*self.algorithms, *files]

    def allow(self, asked: Asked) -> None:
        if asked.headers.get("authorization", "").removeprefix("Simple ") not in self.keys:
            raise Refusal(401, "2002", "Unknown or invalid API key.")
        if asked.path.split("/")[3 if "/connector/" not in asked.path else 4] != USER:
            raise Refusal(403, "2001", "Caller is not authorized to perform the operation.")

    def refused(self, error: Refusal) -> Answer:
        content = {"id": "f00d", "code": int(error.code) if error.code.isdigit() else 5001, "message": error.message}
        return Answer(content, error.status)

    def create(self, asked: Asked) -> Answer:
        wanted = asked.content
        name, settings = wanted["name"], wanted["settings"]
        if name in self.algorithms:
            raise Refusal(409, "1002", "An algorithm with the requested name already exists.")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            raise Refusal(400, "2015", "Invalid request: name")
        if not {"package_set", "language", "algorithm_environment"} & settings.keys():
            raise Refusal(400, "2015", "Invalid request: settings.package_set is missing")
        if settings.get("algorithm_environment", "env-311") not in _ENVIRONMENTS:
            raise Refusal(400, "2014", "Invalid build image.")
        if settings["source_visibility"] == "closed" and settings["license"] != "apl":
            raise Refusal(400, "2015", "Invalid request: a closed source needs the license apl")
        shutil.copytree(self._new, self._git / USER / f"{name}.git")
        self.algorithms[name] = _Algorithm({**wanted, "resource_type": "algorithm"})
        return self.describe(Asked("GET", "", {}, {}, b"", {"name": name}))

    def describe(self, asked: Asked) -> Answer:
        content = self._algorithm(asked).content
        packages = {"package_set": "python311", **content["settings"], "algorithm_callability": "private"}
        return Answer({**content, "settings": packages})

    def delete(self, asked: Asked) -> Answer:
        self._algorithm(asked)
        del self.algorithms[asked.parts["name"]]
        shutil.rmtree(self._git / USER / f"{asked.parts['name']}.git")
        return Answer(None)

    def compile(self, asked: Asked) -> Answer:
        algorithm, name = self._algorithm(asked), asked.parts["name"]
        built = Built(self._git / USER / f"{name}.git", name, self._builds)
        algorithm.compiled = built if built.successful else None
        if built.successful:
            algorithm.builds[built.commit] = built
        told = {"compilation": {"successful": built.successful, "output": built.log}}
        return Answer({**algorithm.content, **told, "version_info": {"git_hash": built.commit}})

    def publish(self, asked: Asked) -> Answer:
        algorithm, wanted = self._algorithm(asked), asked.content
        if algorithm.compiled is None:
            raise Refusal(400, "1007", "Version already published. Please compile your algorithm.")
        number, kept = f"0.{len(algorithm.versions) + 1}.0", wanted["version_info"]
        info = {"semantic_version": number, "git_hash": algorithm.compiled.commit}
        info |= {name: kept[name] for name in ("release_notes", "sample_input") if name in kept}
        algorithm.versions[number] = {**algorithm.content, "settings": wanted["settings"], "version_info": info}
        algorithm.compiled = None
        return Answer(algorithm.versions[number])

    def versions(self, asked: Asked) -> Answer:
        found = list(self._algorithm(asked).versions.values())
        # One a page, so that pages are read.
        at = int(asked.query.get("marker") or 0)
        more = str(at + 1) if at + 1 < len(found) else None
        return Answer({"marker": more, "next_link": None, "results": found[at : at + 1]})

    def call(self, asked: Asked) -> Answer:
        algorithm, version = self._algorithm(asked), asked.parts["version"]
        if version in algorithm.versions:
            version = algorithm.versions[version]["version_info"]["git_hash"]
        if version not in algorithm.builds:
            raise Refusal(404, "1000", "The requested algorithm was not found.")
        try:
            with self.lock:
                result = algorithm.builds[version].call(json.loads(asked.body), self._data)
        except Exception as error:  # noqa: BLE001  whatever an algorithm raises is told
            return Answer({"error": {"message": str(error), "stacktrace": "..."}, "metadata": {"duration": 0.1}})
        return Answer({"result": result, "metadata": {"content_type": "json", "duration": 0.1}})

    def make_collection(self, asked: Asked) -> Answer:
        place = self._data / USER / asked.content["name"]
        if place.exists():
            raise Refusal(409, "2015", "The collection already exists.")
        place.mkdir()
        return Answer({"result": f"data://{USER}/{place.name}"})

    def list_collections(self, asked: Asked) -> Answer:
        del asked
        return Answer({"folders": [{"name": one.name} for one in sorted((self._data / USER).iterdir())]})

    def list_files(self, asked: Asked) -> Answer:
        found = sorted(self._collection(asked).iterdir())
        # One a page, so that pages are read.
        at = int(asked.query.get("marker") or 0)
        more = {"marker": str(at + 1)} if at + 1 < len(found) else {}
        files = [{"filename": one.name, "size": one.stat().st_size} for one in found[at : at + 1]]
        return Answer({"files": files, **more})

    def delete_collection(self, asked: Asked) -> Answer:
        place = self._collection(asked)
        if list(place.iterdir()) and asked.query.get("force") != "true":
            raise Refusal(400, "2015", "The directory is not empty.")
        shutil.rmtree(place)
        return Answer({"result": {"deleted": 0}})

    def upload(self, asked: Asked) -> Answer:
        (self._collection(asked) / asked.parts["file"]).write_bytes(asked.body)
        return Answer({"result": f"data://{USER}/{asked.parts['collection']}/{asked.parts['file']}"})

    def delete_file(self, asked: Asked) -> Answer:
        file = self._collection(asked) / asked.parts["file"]
        if not file.is_file():
            raise Refusal(404, "1000", "The file was not found.")
        file.unlink()
        return Answer({"result": {"deleted": 1}})

    def git(self, asked: Asked) -> Answer:
        wanted = [f"Basic {base64.b64encode(f'{USER}:{key}'.encode()).decode()}" for key in self.keys]
        if asked.headers.get("authorization") not in wanted:
            return Answer(None, 401, {"www-authenticate": 'Basic realm="git"'})
        return serve(asked, self._git, USER)

    def _algorithm(self, asked: Asked) -> _Algorithm:
        if asked.parts["name"] not in self.algorithms:
            raise Refusal(404, "1001", "An algorithm with the requested name does not exist.")
        return self.algorithms[asked.parts["name"]]

    def _collection(self, asked: Asked) -> Path:
        place = self._data / USER / asked.parts["collection"]
        if not place.is_dir():
            raise Refusal(404, "1000", "The directory was not found.")
        return place
