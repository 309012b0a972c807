"""Environments made by uv: what goes into them, that they are kept, and that one process builds each."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
import uv

import windlass
from windlass.entities import ProjectEnvironment
from windlass_projects.api import ProjectFailed
from windlass_projects.local.contents import key_of

WHEEL = "tiny-1.0-py3-none-any.whl"
TELL = "import json, sys, tiny; json.dump([tiny.VALUE, sys.prefix], open(sys.argv[2], 'w'))"


@pytest.fixture
def wheel():
    """Writes a package without a build, so that nothing has to be downloaded."""

    def write(directory, value="one"):
        directory.mkdir(parents=True, exist_ok=True)
        info = "tiny-1.0.dist-info/"
        with zipfile.ZipFile(directory / WHEEL, "w") as archive:
            archive.writestr("tiny.py", f"VALUE = {value!r}\n")
            archive.writestr(f"{info}METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
            archive.writestr(f"{info}WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}RECORD", "")

    return write


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
