"""Projects on a real cluster, from the command line and from Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

import windlass
from windlass.fluent.state import current_workspace
from windlass.testing.program import program_command
from windlass.testing.services import big_service_url

PATIENCE = 120.0
_WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def config():
    return {"address": big_service_url("ray"), "grace": 1}


@pytest.fixture
def project(tmp_path):
    """Writes files into a project's directory."""
    root = tmp_path / "a project"

    def write(files):
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return root

    return write


@pytest.fixture
def eventually():
    def wait(look):
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < give_up, "it did not happen"
            time.sleep(0.1)
        return found

    return wait


def git(directory, *arguments):
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True, timeout=60)


def test_a_project_of_a_git_repository_logs_to_its_run_with_the_files_that_it_names(config, project, tmp_path):
    directory = project({
        "MLproject": "entry_points:\n  main:\n    parameters: {data: path, big: path, rate: float}\n"
        "    command: 'python train.py {data} {big} {rate}'\n",
        "train.py": "import sys, windlass\nprint(open(sys.argv[1]).read() + open(sys.argv[2]).read())\n"
        "with windlass.start_run(): windlass.log_metric('rate', float(sys.argv[3]))\n",
        "data.csv": "inside ",
    })  # fmt: skip
    git(directory, "init", "-b", "main")
    git(directory, "add", ".")
    git(directory, "commit", "-m", "one")
    git(directory, "tag", "v1")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "big.csv").write_text("elsewhere")
    with windlass.start_run():
        windlass.log_artifact(tmp_path / "elsewhere" / "big.csv")
        big = f"runs:/{windlass.active_run().info.run_id}/big.csv"
    submitted = windlass.projects.run(
        directory.as_uri(), version="v1", parameters={"data": "data.csv", "big": big, "rate": 0.5}, backend="ray",
        backend_config=config, env_manager="local", synchronous=False,
    )  # fmt: skip
    printed = "".join(submitted.logs())
    assert submitted.wait(), printed
    assert "inside elsewhere" in printed
    run = windlass.get_run(submitted.run_id)
    assert (run.info.status, run.data.metrics["rate"], run.data.params["rate"]) == ("FINISHED", 0.5, "0.5")
    assert run.data.tags["mlflow.project.backend"] == "ray"


def test_what_a_project_requires_is_installed_for_it(config, project, tmp_path):
    wheel = tmp_path / "windlass_probe-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("windlass_probe.py", "found = 'the probe'\n")
        archive.writestr(
            "windlass_probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: windlass-probe\nVersion: 1.0\n"
        )
        archive.writestr("windlass_probe-1.0.dist-info/WHEEL", _WHEEL)
        archive.writestr("windlass_probe-1.0.dist-info/RECORD", "")
    directory = project({
        "main.py": "import windlass_probe; print(windlass_probe.found)",
        "requirements.txt": f"windlass-probe @ {wheel.as_uri()}\n",
    })  # fmt: skip
    submitted = windlass.projects.run(str(directory), backend="ray", backend_config=config, synchronous=False)
    printed = "".join(submitted.logs())
    assert submitted.wait(), printed
    assert "the probe" in printed


def test_an_environment_that_cannot_be_built_fails_the_run_and_says_why(config, project):
    directory = project({"main.py": "", "requirements.txt": "windlass-no-such @ file:///no/such.whl\n"})
    submitted = windlass.projects.run(str(directory), backend="ray", backend_config=config, synchronous=False)
    printed = "".join(submitted.logs())
    assert not submitted.wait()
    assert "the job failed" in printed
    assert "Traceback" not in printed
    assert windlass.get_run(submitted.run_id).info.status == "FAILED"


@pytest.mark.parametrize("killed", ["submitter", "submitter and supervisor"])
def test_the_end_is_recorded_when_this_machine_dies(config, project, eventually, killed):
    """The supervisor on the cluster is enough."""
    directory = project({"main.py": "import time\nprint('here', flush=True)\ntime.sleep(6)\n"})
    code = f"""
import windlass
submitted = windlass.projects.run(
    {str(directory)!r}, backend="ray", backend_config={config!r}, env_manager="local", synchronous=False
)
print(submitted.run_id, submitted._handle._pid, flush=True)
for piece in submitted.logs():
    print(piece, end="", flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    run_id, supervisor = process.stdout.readline().split()
    try:
        while "here" not in (line := process.stdout.readline()):
            assert line, "the project did not start"
    finally:
        if "supervisor" in killed:
            os.kill(int(supervisor), signal.SIGKILL)
        process.kill()
        process.wait()
        process.stdout.close()
    assert windlass.get_run(run_id).info.status == "RUNNING"
    assert eventually(lambda: (run := windlass.get_run(run_id)).info.end_time and run).info.status == "FINISHED"


def test_the_end_is_recorded_when_the_supervisor_on_the_cluster_is_killed(config, project, eventually):
    """The supervisor on this machine is enough."""
    code = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(1)\n"
    submitted = windlass.projects.run(
        str(project({"main.py": code})), backend="ray", backend_config=config, env_manager="local", synchronous=False
    )
    assert eventually(lambda: windlass.get_run(submitted.run_id).info.end_time)
    assert windlass.get_run(submitted.run_id).info.status == "FAILED"


def test_ctrl_c_cancels_the_job_and_the_run_is_killed(config, project, eventually):
    import json

    directory = project({"main.py": "import time\nprint('here', flush=True)\ntime.sleep(300)\n"})
    command = program_command("run", directory, "-b", "ray", "-c", json.dumps(config), "--env-manager", "local")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while "here" not in (line := process.stdout.readline()):
        assert line, "the project did not start"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    process.stdout.close()
    (run,) = current_workspace().runs.search(["0"])
    assert run.info.status == "KILLED"
