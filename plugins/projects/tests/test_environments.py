"""Environments made by uv: what goes into them, that they are kept, and that one process builds each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import uv

import windlass
from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue, MissingDependency
from windlass.testing.environment_manager import WHEEL
from windlass_projects.api import ProjectFailed
from windlass_projects.environments.cache import EnvironmentCache
from windlass_projects.local.contents import key_of

TELL = "import json, sys, tiny; json.dump([tiny.VALUE, sys.prefix], open(sys.argv[2], 'w'))"


@pytest.fixture
def told(tmp_path):
    """Runs a project's main.py and returns what it saw: the package's value and the environment."""

    def run(root, **options):
        out = tmp_path / "told.json"
        windlass.projects.run(str(root), parameters={"out": out}, **options)
        return json.loads(out.read_text())

    return run


PYTHON_ENV = f"python: '3.11'\nbuild_dependencies: []\ndependencies: ['./wheels/{WHEEL}']\n"
PYPROJECT = f"""
[project]
name = "x"
version = "1"
requires-python = ">=3.11"
dependencies = ["tiny"]
[tool.uv.sources]
tiny = {{ path = "wheels/{WHEEL}" }}
"""


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": f"./wheels/{WHEEL}\n"},
        {"requirements.txt": "-r more/all.txt\n", "more/all.txt": f"./wheels/{WHEEL}\n"},
        {"MLproject": "python_env: env.yaml", "env.yaml": PYTHON_ENV.replace("3.11", "3")},
        {"conda.yaml": f"dependencies: [python, {{pip: ['./wheels/{WHEEL}']}}]"},
        {"pyproject.toml": PYPROJECT},
    ],
    ids=["requirements", "nested", "python_env", "conda", "pyproject"],
)
def test_what_a_project_requires_is_installed_in_an_environment_of_its_own(project, wheel, told, workspace, files):
    root = project(**{"main.py": TELL, **files})
    wheel(root / "wheels")
    value, prefix = told(root)
    assert value == "one"
    assert prefix.startswith(str(workspace.settings.home / "environments"))


def test_a_lock_is_followed_exactly(project, wheel, told):
    root = project(**{"main.py": TELL, "pyproject.toml": PYPROJECT})
    wheel(root / "wheels")
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet", "--offline"], cwd=root, check=True, timeout=60)
    assert told(root)[0] == "one"
    (root / "uv.lock").write_text((root / "uv.lock").read_text().replace('hash = "sha256:', 'hash = "sha256:00'))
    with pytest.raises(ProjectFailed, match="environment could not be built"):
        told(root)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"requirements.txt": "-r more/all.txt\n", "more/all.txt": f"./wheels/{WHEEL}\n"}),
        pytest.param({"MLproject": "python_env: env.yaml", "env.yaml": PYTHON_ENV}, marks=pytest.mark.slow),
        pytest.param({"pyproject.toml": PYPROJECT, "uv.lock": None}, marks=pytest.mark.slow),
    ],
    ids=["requirements", "python_env", "lock"],
)
def test_virtualenv_installs_the_same_with_pip(project, wheel, told, workspace, monkeypatch, files):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    root = project(**{"main.py": TELL, **{name: text for name, text in files.items() if text}})
    wheel(root / "wheels")
    if "uv.lock" in files:
        subprocess.run([uv.find_uv_bin(), "lock", "--quiet", "--offline"], cwd=root, check=True, timeout=60)
    value, prefix = told(root, env_manager="virtualenv")
    assert value == "one"
    assert prefix.startswith(str(workspace.settings.home / "environments"))
    (run,) = windlass.search_runs(output_format="list")
    assert run.data.tags["mlflow.project.env"] == "virtualenv"


def test_a_python_that_is_nowhere_is_named_before_there_is_a_run(project):
    root = project(**{"main.py": "", "python_env.yaml": "python: '3.99'\n"})
    with pytest.raises(MissingDependency, match=r"no Python 3\.99(.|\n)*--env-manager uv"):
        windlass.projects.run(str(root), env_manager="virtualenv")
    assert windlass.search_runs(output_format="list") == []


def test_an_unknown_manager_is_an_error_that_lists_those_that_are_known(project):
    with pytest.raises(InvalidValue, match="conda, docker, local, mamba, micromamba, uv, virtualenv"):
        windlass.projects.run(str(project(**{"main.py": ""})), env_manager="poetry")


def test_a_build_that_was_killed_is_begun_anew(project, wheel, told, workspace):
    root = project(**{"main.py": TELL, "requirements.txt": f"./wheels/{WHEEL}\n"})
    wheel(root / "wheels")
    _, prefix = told(root)
    (Path(prefix) / ".windlass-ready").unlink()
    (Path(prefix) / "bin" / "python").unlink()
    assert told(root) == ["one", prefix]


def _age(workspace, days):
    for one in EnvironmentCache(workspace.settings.home).all():
        moment = time.time() - days * 86_400
        os.utime(one.place / ".windlass-ready", (moment, moment))


def test_environments_are_shown_and_old_ones_removed(project, wheel, told, workspace, program):
    root = project(**{"main.py": TELL, "requirements.txt": f"./wheels/{WHEEL}\n"})
    wheel(root / "wheels")
    old, _ = told(root)[1], _age(workspace, 40)
    (root / "requirements.txt").write_text(f"# more\n./wheels/{WHEEL}\n")
    new = told(root)[1]
    listed = json.loads(program("projects", "environments", "list", "--output", "json").communicate(timeout=60)[0])
    assert [(one["key"], one["manager"], one["state"]) for one in listed] == [
        (Path(place).name, "uv", "ready") for place in (new, old)
    ]
    assert all(one["size"] > 1000 for one in listed)
    clean = ("projects", "environments", "clean", "--older-than", "30d")
    assert "would remove 1 environments (" in program(*clean, "--dry-run").communicate(timeout=60)[0]
    assert Path(old).is_dir()
    assert program(*clean, "--yes").communicate(timeout=60)[0] == "removed 1 environments\n"
    assert (Path(old).exists(), Path(new).is_dir()) == (False, True)
    assert program(*clean).communicate(timeout=60)[0] == "nothing to remove\n"


def test_an_environment_that_is_used_is_not_removed(project, workspace, program, eventually, tmp_path):
    code = "import sys, time; open(sys.argv[2], 'w').write('x'); time.sleep(300)"
    root = project(**{"main.py": code, "requirements.txt": ""})
    submitted = windlass.projects.run(str(root), parameters={"out": tmp_path / "out"}, synchronous=False)
    eventually((tmp_path / "out").is_file)
    _age(workspace, 40)
    assert program("projects", "environments", "clean").communicate(timeout=60)[0] == "nothing to remove\n"
    assert "in use" in program("projects", "environments", "list").communicate(timeout=60)[0]
    submitted.cancel()
    assert "removed 1" in program("projects", "environments", "clean").communicate(timeout=60)[0]


def test_equal_contents_share_an_environment_and_others_do_not(project, wheel, told):
    root = project(**{"main.py": TELL, "requirements.txt": f"./wheels/{WHEEL}\n"})
    wheel(root / "wheels")
    first = told(root)
    assert told(root) == first
    wheel(root / "wheels", "two")
    second = told(root)
    assert second[0] == "two"
    assert second[1] != first[1]


def test_one_process_builds_and_the_others_wait(project, wheel, workspace, tmp_path):
    root = project(**{"main.py": TELL, "requirements.txt": f"./wheels/{WHEEL}\n"})
    wheel(root / "wheels")
    submitted = [
        windlass.projects.run(str(root), parameters={"out": tmp_path / f"{n}.json"}, synchronous=False)
        for n in range(4)
    ]
    assert [one.wait() for one in submitted] == [True] * 4
    printed = ["".join(one.logs()) for one in submitted]
    assert sum("building the environment" in text for text in printed) == 1
    assert sum("using the environment" in text for text in printed) == 3
    made = [one for one in (workspace.settings.home / "environments").iterdir() if one.is_dir()]
    assert len(made) == 1


def test_a_build_that_fails_leaves_nothing_and_says_why(project, workspace):
    root = project(**{"main.py": "", "requirements.txt": "./no-such-wheel-1.0-py3-none-any.whl\n"})
    with pytest.raises(ProjectFailed, match="no-such-wheel"):
        windlass.projects.run(str(root))
    assert [one for one in (workspace.settings.home / "environments").iterdir() if one.is_dir()] == []
    (run,) = windlass.search_runs(output_format="list")
    assert run.info.status == "FAILED"
    assert run.data.tags["mlflow.project.env"] == "uv"


def test_local_takes_what_is_installed_here(project, tmp_path):
    root = project(**{"main.py": "import sys; open(sys.argv[2], 'w').write(sys.prefix)"})
    windlass.run(str(root), parameters={"out": tmp_path / "out"}, env_manager="local")
    assert (tmp_path / "out").read_text() == sys.prefix
    (run,) = windlass.search_runs(output_format="list")
    assert "mlflow.project.env" not in run.data.tags


def test_an_editable_requirement_belongs_to_its_directory(tmp_path):
    wanted = ProjectEnvironment(manager="uv", requirements=("-e .",))
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert key_of(wanted, one) != key_of(wanted, two)
    assert key_of(replace(wanted, requirements=("numpy",)), one) == key_of(
        replace(wanted, requirements=("numpy",)), two
    )
