"""Projects on a real cluster, beyond what every backend must do."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from pathlib import Path

import pytest
import uv

from windlass.config import Settings
from windlass.entities import Project, ProjectEnvironment, ProjectRun, ProjectSource
from windlass.services.workspace import Workspace
from windlass.testing.project_backend import eventually
from windlass_yarn.backend import YarnProjectBackend
from windlass_yarn.conformance import cluster
from windlass_yarn.options import YarnOptions
from windlass_yarn.resource_manager import ResourceManager
from windlass_yarn.web_hdfs import WebHdfs

pytestmark = pytest.mark.timeout(300)


class Place:
    """A project, and the cluster as seen from outside of the backend."""

    def __init__(self, directory, workspace, config):
        self.directory = directory
        self.config = config
        self._workspace = workspace
        self.backend = YarnProjectBackend.open(workspace.settings)
        options = YarnOptions.parse(config)
        self._manager = ResourceManager.open(options, Settings())
        self._files = WebHdfs.open(options, Settings())
        self._staging = options.staging

    def start(self, code="", *, command=("python3", "code.py"), manager="local", requirements=(), **config):
        (self.directory / "code.py").write_text(code)
        project = Project(
            source=ProjectSource(uri="x"), directory=self.directory, entry_point="main", command=command,
            environment=ProjectEnvironment(manager=manager, requirements=requirements),
        )  # fmt: skip
        run_id = self._workspace.runs.create("0").info.run_id
        run = ProjectRun(
            project=project, run_id=run_id, experiment_id="0", config={**self.config, **config},
            tracking_uri=self._workspace.settings.tracking_uri,
        )  # fmt: skip
        self.backend.check(project, run.config)
        return self.backend.submit(run), run_id

    def status(self, run_id):
        return self._workspace.runs.get(run_id).info.status

    def kept(self):
        return [
            one["pathSuffix"]
            for one in self._files._call("GET", self._staging, "LISTSTATUS")["FileStatuses"]["FileStatus"]
        ]

    def application(self, printed):
        name = next(word for word in printed.split() if word.startswith("application_"))
        return self._manager.application(name)

    def kill(self, printed):
        self._manager.kill(self.application(printed)["id"])


@pytest.fixture
def place(tmp_path):
    config = {"grace": 2, "memory": 256, "staging": f"/user/windlass/{time.time_ns()}", **cluster()}
    directory = tmp_path / "project"
    directory.mkdir()
    settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/windlass.db")
    with Workspace.open(settings) as workspace:
        yield Place(directory, workspace, config)


def read_until(handle, text):
    printed = ""
    for piece in handle.logs():
        printed += piece
        if text in printed:
            break
    return printed


def test_yarn_calls_a_success_one_prints_all_and_keeps_no_file(place):
    code = "import sys; print('x' * 300_000); print('to stderr', file=sys.stderr); print('last')"
    handle, run_id = place.start(code, name="training")
    printed = "".join(handle.logs())
    assert handle.wait() == "FINISHED", printed
    assert printed.endswith("x" * 300_000 + "\nto stderr\nlast\n")
    known = place.application(printed)
    assert (known["state"], known["finalStatus"], known["name"]) == ("FINISHED", "SUCCEEDED", "training")
    assert place.kept() == []
    assert place.status(run_id) == "FINISHED"


def test_uv_of_the_node_installs_what_the_project_asks_for(place):
    wheel = place.directory / "mast-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mast.py", "height = 42\n")
        archive.writestr("mast-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: mast\nVersion: 1.0\n")
        archive.writestr("mast-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("mast-1.0.dist-info/RECORD", "mast.py,,\n")
    code = "import mast, sys; print('height', mast.height, sys.prefix)"
    handle, _ = place.start(
        code, command=("python", "code.py"), manager="uv", requirements=(f"./{wheel.name}",),
        path=str(Path(uv.find_uv_bin()).parent),
    )  # fmt: skip
    printed = "".join(handle.logs())
    assert handle.wait() == "FINISHED", printed
    assert "height 42" in printed
    assert "/windlass/.environment" in printed


def test_a_cancelled_command_has_time_to_end(place):
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('saved', flush=True), sys.exit(0)))\n"
        "print('ready', flush=True)\ntime.sleep(300)\n"
    )
    handle, run_id = place.start(code, grace=60)
    read_until(handle, "ready")
    handle.cancel()
    assert "saved" in "".join(handle.logs())
    assert (handle.status(), place.status(run_id)) == ("KILLED", "KILLED")
    assert place.kept() == []


def test_what_a_killed_supervisor_has_left_is_ended_and_removed(place):
    handle, _ = place.start("import time; print('ready', flush=True); time.sleep(300)")
    printed = read_until(handle, "ready")
    os.kill(handle._pid, signal.SIGKILL)
    assert handle.wait() == "FAILED"
    assert eventually(lambda: place.application(printed)["state"] == "KILLED" or None)
    assert place.kept() == []


def test_what_yarn_refuses_is_said_and_what_somebody_kills_there_is_killed(place):
    handle, run_id = place.start(queue="no-such-queue")
    assert "no-such-queue" in "".join(handle.logs())
    assert (handle.wait(), place.status(run_id)) == ("FAILED", "FAILED")
    handle, _ = place.start(memory="900 GiB")
    assert "is more than the cluster allows" in "".join(handle.logs())
    assert handle.wait() == "FAILED"
    handle, run_id = place.start("import time; time.sleep(300)")
    place.kill(read_until(handle, "submitted as application_"))
    assert (handle.wait(), place.status(run_id)) == ("KILLED", "KILLED")
    assert place.kept() == []
