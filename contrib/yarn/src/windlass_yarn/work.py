"""YarnWork: what the supervisor does for a project on a YARN cluster."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.services.supervision.cancellation import Cancelled
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import ProjectWork
from windlass_yarn.application import request
from windlass_yarn.diagnostics import explained
from windlass_yarn.environment import environment_files, environment_lines
from windlass_yarn.options import YarnOptions
from windlass_yarn.package import packed
from windlass_yarn.resource_manager import ResourceManager
from windlass_yarn.running import RunningApplication
from windlass_yarn.script import script
from windlass_yarn.web_hdfs import StagedFile, WebHdfs

_NOTE = "yarn.json"
_OWN = ("files", "marker")


class YarnWork(ProjectWork):
    """Sends a project to a cluster, shows what it prints, and sees how it ends."""

    def run(self) -> bool:
        """Run the project as an application; its files leave HDFS when it has ended."""
        settings, job = Settings.load(), self._assignment.job
        options = YarnOptions.parse(_given(job.config))
        files = WebHdfs.open(options, settings)
        manager = ResourceManager.open(options, settings)
        folder = f"{options.staging}/{job.run_id}-{secrets.token_hex(4)}"
        self._note(folder, application=None)
        try:
            staged = self._send(files, f"{folder}/project", options)
            return self._application(manager, staged, folder, options, settings)
        finally:
            self._clean(files, folder)

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """End the application and remove its files; a cluster out of reach is left alone."""
        with contextlib.suppress(FileNotFoundError, ValueError, WindlassError):
            note = json.loads((place.directory / _NOTE).read_text(encoding="utf-8"))
            options, settings = YarnOptions.parse(note["options"]), Settings.load()
            if note["application"]:
                with contextlib.suppress(WindlassError):
                    ResourceManager.open(options, settings).kill(note["application"])
            WebHdfs.open(options, settings).remove(note["folder"])

    def _send(self, files: WebHdfs, path: str, options: YarnOptions) -> StagedFile:
        job = self._assignment.job
        directory = Path(job.directory)
        name = directory.name or "project"
        handed_on = {one: os.environ[one] for one in options.variables if one in os.environ}
        head = script(
            name,
            job.command,
            variables={"PYTHONUNBUFFERED": "1", **handed_on, **job.variables},
            preparation=[*_searched(options.path), *environment_lines(job.environment, directory)],
            marker=str(job.config["marker"]),
        )
        directories = {name: directory} | {one: Path(place) for one, place in job.config["files"].items()}
        texts = {f"{name}/{file}": text for file, text in environment_files(job.environment).items()}
        with packed(head, directories, texts) as package:
            self._assignment.cancellation.check()
            self._assignment.say(f"sending {package.size / 1024:.0f} KiB to {files.rest.url}")
            staged = files.write(path, package.stream, package.size)
        self._assignment.cancellation.check()
        return staged

    def _application(
        self, manager: ResourceManager, staged: StagedFile, folder: str, options: YarnOptions, settings: Settings
    ) -> bool:
        job = self._assignment.job
        name = manager.new_application(options)
        self._note(folder, application=name)
        running = RunningApplication(manager, name, settings=settings, assignment=self._assignment)
        try:
            manager.submit(request(name, staged, run_id=job.run_id, options=options))
        except WindlassError:
            # Whether it was taken all the same cannot be known.
            with contextlib.suppress(WindlassError):
                manager.kill(name)
            raise
        self._assignment.say(f"submitted as {name}")
        try:
            return self._judge(running.follow())
        except Cancelled:
            running.cancel(job.grace)
            raise

    def _judge(self, known: dict[str, Any]) -> bool:
        if known["state"] == "KILLED":
            # Somebody has cancelled it there, such as by `yarn application -kill`.
            raise Cancelled
        if known.get("finalStatus") == "SUCCEEDED":
            return True
        self._assignment.say(explained(str(known.get("diagnostics") or "")))
        return False

    def _clean(self, files: WebHdfs, folder: str) -> None:
        try:
            files.remove(folder)
        except WindlassError as error:
            self._assignment.say(f"the files in {folder} could not be removed: {error.message}")

    def _note(self, folder: str, *, application: str | None) -> None:
        """Write down what there is on the cluster, for whoever has to clean up."""
        note = {"options": _given(self._assignment.job.config), "folder": folder, "application": application}
        (self._assignment.place.directory / _NOTE).write_text(json.dumps(note), encoding="utf-8")


def _given(config: dict[str, Any]) -> dict[str, Any]:
    """The options as the user gave them."""
    return {name: value for name, value in config.items() if name not in _OWN}


def _searched(path: str) -> Iterator[str]:
    """The line that makes a shell search more directories for programs."""
    if path:
        yield f'export PATH={quote(path)}:"$PATH"'
