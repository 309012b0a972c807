"""Projects on the backend as users run them, with a program in the place of spark-submit."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from windlass.projects import ProjectFailed

import windlass
from windlass.errors import InvalidValue, MissingDependency, Unsupported

SLEEP = "import time; print('it sleeps', flush=True); time.sleep(300)"


@pytest.fixture
def project(tmp_path):
    """Writes a project with one entry point."""
    root = tmp_path / "project"
    root.mkdir()

    def write(code, command="python main.py --rate {rate}"):
        (root / "main.py").write_text(code)
        (root / "MLproject").write_text(
            f"entry_points:\n  main:\n    parameters: {{rate: {{type: float, default: 0.1}}}}\n    command: {command}\n"
        )
        return str(root)

    return write


def _run(uri, spark, **options):
    config = {"spark_home": str(spark), "grace": 1, **options.pop("config", {})}
    return windlass.projects.run(uri, backend="spark", backend_config=config, env_manager="local", **options)


def _only_run():
    (run,) = windlass.search_runs(output_format="list")
    return run


def _eventually(look):
    give_up = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.1)
    return found


def test_a_script_runs_with_its_values_and_the_run(project, spark, asked):
    code = "import os, sys; print('seen', sys.argv[1:], os.environ['MLFLOW_RUN_ID'])"
    done = _run(project(code), spark, parameters={"rate": "0.5"}, config={"master": "local[3]", "queue": "q"})
    assert f"seen ['--rate', '0.5'] {done.run_id}" in "".join(done.logs())
    assert asked() == [
        "--name", f"windlass {done.run_id}", "--master", "local[3]", "--queue", "q", "main.py", "--rate", "0.5",
    ]  # fmt: skip
    run = _only_run()
    assert (run.info.status, run.data.tags["mlflow.project.backend"]) == ("FINISHED", "spark")


def test_a_script_that_fails_is_recorded_so(project, spark):
    with pytest.raises(ProjectFailed, match=r"the reason(.|\n)*spark-submit ended with exit code 7"):
        _run(project("print('the reason', flush=True); raise SystemExit(7)"), spark)
    assert _only_run().info.status == "FAILED"


def test_what_takes_too_long_fails(project, spark):
    with pytest.raises(ProjectFailed, match="took longer than 1 seconds"):
        _run(project(SLEEP), spark, config={"timeout": 1})
    assert _only_run().info.status == "FAILED"


@pytest.mark.parametrize(
    ("command", "config", "error"),
    [
        ("python main.py | cat", {}, Unsupported),
        ("echo {rate}", {}, Unsupported),
        ("python gone.py", {}, InvalidValue),
        ("python main.py", {"jars": ["gone.jar"]}, InvalidValue),
        ("python main.py", {"no_such_option": 1}, InvalidValue),
    ],
)
def test_what_cannot_run_is_refused_before_there_is_a_run(project, spark, command, config, error):
    with pytest.raises(error):
        _run(project("", command), spark, config=config)
    assert windlass.search_runs(output_format="list") == []


def test_without_a_spark_there_is_no_run(project, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin-that-is-not-there")
    with pytest.raises(MissingDependency, match="pip install pyspark"):
        windlass.projects.run(project(""), backend="spark", env_manager="local")
    assert windlass.search_runs(output_format="list") == []


def test_environments_are_refused(project, spark):
    with pytest.raises(Unsupported, match="--env-manager local"):
        windlass.projects.run(project(""), backend="spark", backend_config={"spark_home": str(spark)}, env_manager="uv")


def test_a_cancelled_application_ends_on_the_cluster_too(project, spark, asked, monkeypatch):
    monkeypatch.setenv("SAYS", "submission ID default:windlass-driver")
    config = {"master": "k8s://https://host", "deploy_mode": "cluster"}
    made = _run(project(SLEEP), spark, config=config, synchronous=False)
    _eventually(lambda: "it sleeps" in (spark.parent / "here" / ".windlass").joinpath(
        "projects", "runs", made.run_id, "output.log").read_text())  # fmt: skip
    made.cancel()
    assert asked()[-4:] == ["--master", "k8s://https://host", "--kill", "default:windlass-driver"]
    assert windlass.get_run(made.run_id).info.status == "KILLED"


def test_an_application_on_yarn_is_killed_by_its_id(project, spark, monkeypatch, tmp_path):
    yarn = tmp_path / "hadoop" / "bin" / "yarn"
    yarn.parent.mkdir(parents=True)
    yarn.write_text('#!/bin/sh\necho "$@" >"$(dirname "$0")/asked"\n')
    yarn.chmod(0o755)
    monkeypatch.setenv("HADOOP_HOME", str(yarn.parents[1]))
    monkeypatch.setenv("SAYS", "INFO Client: Submitted application application_1700_0042")
    made = _run(project(SLEEP), spark, config={"master": "yarn", "deploy_mode": "cluster"}, synchronous=False)
    next(piece for piece in made.logs() if "it sleeps" in piece)
    made.cancel()
    assert (yarn.parent / "asked").read_text() == "application -kill application_1700_0042\n"


def test_a_supervisor_that_is_killed_takes_the_processes_along(project, spark, tmp_path):
    pid = tmp_path / "pid"
    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(300)"
    made = _run(project(code), spark, synchronous=False)
    _eventually(lambda: pid.exists() and pid.read_text())
    os.kill(made._handle._pid, signal.SIGKILL)
    assert made.wait() is False
    assert windlass.get_run(made.run_id).info.status == "FAILED"
    _eventually(lambda: _gone(int(pid.read_text())))


def _gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
