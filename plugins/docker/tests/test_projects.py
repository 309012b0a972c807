"""Projects in real containers: what they see, what is recorded, and that nothing is left of them."""

from __future__ import annotations

import gc
import os
import re
import signal
import sqlite3

import pytest
from windlass.projects import ProjectFailed

import windlass
from windlass.errors import InvalidValue, Unavailable
from windlass_docker.code import WORKDIR
from windlass_docker.conformance import IMAGE
from windlass_docker.container import RUN_LABEL


def _printed(submitted):
    return "".join(submitted.logs())


def _containers(engine, run_id):
    return engine.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run_id}"})


def _only_run():
    (run,) = windlass.search_runs(output_format="list")
    return run


def test_a_project_runs_in_its_image_with_its_files_and_values(engine, project, monkeypatch, tmp_path):
    monkeypatch.setenv("COPIED", "from here")
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "x").write_text("a file of this machine")
    (tmp_path / "elsewhere.csv").write_text("given by its path")
    code = """
import os, pathlib, sys
print("in", os.getcwd(), os.environ["COPIED"], os.environ["NEW"], "ABSENT" in os.environ)
print(open("/mounted/x").read(), pathlib.Path("sub.txt").read_text())
print(sys.argv[1:], [open(one).read() for one in sys.argv[1:3]])
"""
    more = "  other:\n    parameters: {data: path, far: path, text: string}\n"
    more += "    command: python main.py {data} {far} {text}\n"
    environment = f'  volumes: ["{tmp_path}/mounted:/mounted:ro"]\n  environment: [COPIED, [NEW, value], ABSENT]\n'
    root = project(code, more, environment, **{"sub.txt": "beside it"})
    hard = "a 'b'; $(touch x)"
    parameters = {"data": "sub.txt", "far": tmp_path / "elsewhere.csv", "text": hard}
    submitted = windlass.projects.run(str(root), "other", parameters=parameters)
    printed = _printed(submitted)
    assert f"in {WORKDIR.rstrip('/')} from here value False" in printed
    assert "a file of this machine beside it" in printed
    arguments = [f"{WORKDIR}sub.txt", str(tmp_path / "elsewhere.csv"), hard]
    assert f"{arguments} ['beside it', 'given by its path']" in printed
    run = _only_run()
    tags = run.data.tags
    assert (tags["mlflow.project.env"], tags["mlflow.project.backend"]) == ("docker", "docker")
    assert (tags["mlflow.docker.image.uri"], tags["mlflow.docker.image.id"]) == (IMAGE, engine.images.get(IMAGE).id)
    assert run.data.params == {name: str(value) for name, value in parameters.items()}
    assert (run.info.status, _containers(engine, run.info.run_id)) == ("FINISHED", [])


def test_the_store_and_the_artifacts_of_this_machine_can_be_written(engine, project):
    code = """
import os, pathlib, sqlite3
store = os.environ["MLFLOW_TRACKING_URI"].removeprefix("sqlite:///")
connection = sqlite3.connect(store)
print("tables", connection.execute("SELECT count(*) > 5 FROM sqlite_master").fetchone())
connection.execute("CREATE TABLE from_the_container (x)")
connection.commit()
"""
    submitted = windlass.projects.run(str(project(code)))
    assert "tables (1,)" in _printed(submitted)
    store = windlass.get_tracking_uri().removeprefix("sqlite:///")
    assert sqlite3.connect(store).execute("SELECT count(*) FROM from_the_container").fetchone() == (0,)


def test_a_tracking_server_of_this_machine_is_reached(engine, project, program, tmp_path):
    server = program("server", "--port", "0", "--backend-store-uri", f"sqlite:///{tmp_path}/server.db")
    address = None
    while address is None:
        line = server.stdout.readline()
        assert line
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
    windlass.set_tracking_uri(address[0])
    code = """
import json, os, urllib.request
body = {"run_id": os.environ["MLFLOW_RUN_ID"], "key": "m", "value": 3.0, "timestamp": 1, "step": 0}
url = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/log-metric"
headers = {"Content-Type": "application/json"}
urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=30).close()
"""
    made = windlass.projects.run(str(project(code)))
    assert "this machine's network" in _printed(made)
    assert windlass.get_run(made.run_id).data.metrics == {"m": 3.0}


def test_an_image_is_built_with_the_project_in_it_and_equal_projects_share_it(engine, project):
    root = project("print('built in')", **{".dockerignore": "secret.txt\n", "secret.txt": "x"})
    first = windlass.projects.run(str(root), build_image=True)
    assert "building the image windlass-projects/a-project:" in _printed(first)
    tags = windlass.get_run(first.run_id).data.tags
    image = engine.images.get(tags["mlflow.docker.image.uri"])
    assert (image.id, tags["mlflow.docker.image.uri"].startswith("windlass-projects/")) == (
        tags["mlflow.docker.image.id"],
        True,
    )
    listed = engine.containers.run(image.id, ["ls", "-a", WORKDIR], remove=True).decode()
    assert "main.py" in listed
    assert "secret.txt" not in listed
    second = windlass.projects.run(str(root), build_image=True)
    assert windlass.get_run(second.run_id).data.tags["mlflow.docker.image.id"] == image.id
    bare = {"image": image.id}
    (root / "MLproject").write_text("entry_points: {main: {command: python main.py}}")
    config = {**bare, "skip_image_build": True}
    third = windlass.projects.run(str(root), backend="docker", env_manager="local", backend_config=config)
    assert "built in" in _printed(third)
    engine.images.remove(image.id, force=True)


def test_arguments_of_docker_run_reach_the_container(engine, project):
    code = "import os, socket; print(socket.gethostname(), os.environ['OWN'], os.path.ismount('/scratch'))"
    arguments = {"hostname": "elsewhere", "e": ["OWN=given"], "tmpfs": "/scratch:size=1m", "uts": "x"}
    with pytest.raises(InvalidValue, match=r"docker_args: is not known, got 'uts' \(limit: add-host, "):
        windlass.projects.run(str(project(code)), docker_args=arguments)
    assert windlass.search_runs(output_format="list") == []
    del arguments["uts"]
    assert "elsewhere given True" in _printed(windlass.projects.run(str(project(code)), docker_args=arguments))


def test_the_program_takes_the_options_that_mlflow_has(engine, project, program):
    root = project("import sys; print('seen', sys.stdout.isatty())")
    good = program("run", root, "-A", "t", "-A", "memory=200m", "--run-name", "one")
    printed = good.communicate(timeout=100)[0]
    assert (good.returncode, "seen True" in printed) == (0, True), printed
    assert _only_run().info.run_name == "one"


def test_a_command_that_fails_is_recorded_so(engine, project):
    with pytest.raises(ProjectFailed, match=r"the reason(.|\n)*exit code 7"):
        windlass.projects.run(str(project("print('the reason'); raise SystemExit(7)")))
    run = _only_run()
    assert (run.info.status, _containers(engine, run.info.run_id)) == ("FAILED", [])


def test_an_image_that_is_nowhere_fails_the_run_and_leaves_nothing(engine, project):
    root = project("")
    (root / "MLproject").write_text("docker_env: {image: 'localhost/no-such-image:1'}\n")
    with pytest.raises(ProjectFailed, match="no-such-image"):
        windlass.projects.run(str(root))
    assert (_only_run().info.status, _containers(engine, _only_run().info.run_id)) == ("FAILED", [])


# Docker's client leaves the socket open that did not connect; it is to be found here, not in the next test.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_docker_that_does_not_answer_is_told_before_there_is_a_run(project, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(Unavailable, match=r"Docker could not be reached(.|\n)*DOCKER_HOST"):
        windlass.projects.run(str(project("")))
    gc.collect()
    assert windlass.search_runs(output_format="list") == []


SLEEP = "import time; print('it sleeps', flush=True); time.sleep(300)"


def test_ctrl_c_cancels_and_removes_the_container(engine, project, program, eventually):
    submitter = program("run", project(SLEEP), "-c", '{"grace": 1}')
    while "it sleeps" not in (line := submitter.stdout.readline()):
        assert line
    submitter.send_signal(signal.SIGINT)
    assert submitter.wait(60) == 130
    run = _only_run()
    assert (run.info.status, _containers(engine, run.info.run_id)) == ("KILLED", [])


def test_the_end_is_recorded_when_the_submitter_is_killed(engine, project, program, eventually):
    submitter = program("run", project(SLEEP.replace("300", "3")))
    while "it sleeps" not in (line := submitter.stdout.readline()):
        assert line
    os.killpg(submitter.pid, signal.SIGKILL)
    submitter.wait(20)
    run_id = _only_run().info.run_id
    assert eventually(lambda: (now := windlass.get_run(run_id).info.status) != "RUNNING" and now) == "FINISHED"
    assert eventually(lambda: not _containers(engine, run_id))


def test_a_supervisor_that_is_killed_takes_the_container_along(engine, project, eventually):
    made = windlass.projects.run(str(project(SLEEP)), synchronous=False)
    eventually(lambda: [one for one in _containers(engine, made.run_id) if one.status == "running"])
    os.kill(made._handle._pid, signal.SIGKILL)
    assert made.wait() is False
    assert _containers(engine, made.run_id) == []
    assert windlass.get_run(made.run_id).info.status == "FAILED"


def test_a_container_that_somebody_removes_fails_the_run(engine, project, eventually):
    made = windlass.projects.run(str(project(SLEEP)), synchronous=False)
    (container,) = eventually(lambda: [one for one in _containers(engine, made.run_id) if one.status == "running"])
    container.remove(force=True)
    assert made.wait() is False
    assert windlass.get_run(made.run_id).info.status == "FAILED"
