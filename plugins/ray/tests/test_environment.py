from __future__ import annotations

import pytest

from windlass.entities import ProjectEnvironment
from windlass.errors import NotFound, Unsupported
from windlass_ray.jobs.environment import check, runtime_environment

_HERE = "file://${RAY_RUNTIME_ENV_CREATE_WORKING_DIR}/a%20project"


_LOCK = f"""
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "p"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "six" }}]

[package.metadata]
requires-dist = [{{ name = "six" }}]

[[package]]
name = "six"
version = "1.16.0"
source = {{ registry = "https://pypi.org/simple" }}
wheels = [{{ url = "https://files.example/six-1.16.0-py2.py3-none-any.whl", hash = "sha256:{"0" * 64}", size = 1 }}]
"""


@pytest.fixture
def directory(tmp_path):
    root = tmp_path / "a project"
    root.mkdir()
    return root


def packages(directory, **fields):
    return runtime_environment(ProjectEnvironment(manager="uv", **fields), directory)["uv"]["packages"]


def test_requirements_are_named_one_by_one_with_the_files_that_they_name(directory):
    (directory / "requirements.txt").write_text("numpy==2.0  # for arrays\n-r more.txt\n\n# nothing\n")
    (directory / "more.txt").write_text(
        "pandas>=2; python_version > '3'\n-r requirements.txt\nsix @ https://x/six.whl\n"
    )
    found = packages(directory, requirements=("-r requirements.txt",), build_requirements=("setuptools",))
    assert found == ["setuptools", "numpy==2.0", "pandas>=2; python_version > '3'", "six @ https://x/six.whl"]


def test_packages_of_the_project_are_named_where_they_are_on_the_cluster(directory):
    assert packages(directory, requirements=("-e ./lib", ".")) == [f"{_HERE}/lib", _HERE]


def test_a_package_outside_of_the_project_is_refused(directory):
    with pytest.raises(Unsupported, match="outside of it"):
        packages(directory, requirements=("../elsewhere",))


def test_a_pyproject_gives_its_dependencies_and_itself_if_it_is_a_package(directory):
    (directory / "pyproject.toml").write_text('[project]\nname = "p"\ndependencies = ["six>=1"]\n')
    assert packages(directory, pyproject=True) == ["six>=1"]
    (directory / "pyproject.toml").write_text(
        '[project]\nname = "p"\ndependencies = []\n[build-system]\nrequires = ["hatchling"]\n'
    )
    assert packages(directory, pyproject=True) == [_HERE]


def test_a_lock_is_followed_exactly(directory):
    (directory / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["six"]\n'
    )
    (directory / "uv.lock").write_text(_LOCK)
    assert packages(directory, pyproject=True, lock=True) == ["six==1.16.0"]


def test_the_other_installer_is_rays_pip(directory):
    wanted = ProjectEnvironment(manager="virtualenv", requirements=("six",))
    assert runtime_environment(wanted, directory) == {"pip": {"packages": ["six"]}}


def test_what_the_cluster_has_needs_no_environment(directory):
    assert runtime_environment(ProjectEnvironment(manager="local", requirements=("six",)), directory) == {}
    assert runtime_environment(ProjectEnvironment(manager="uv"), directory) == {}


def test_a_file_that_is_missing_and_a_constraint_are_said(directory):
    with pytest.raises(NotFound, match=r"none\.txt"):
        packages(directory, requirements=("-r none.txt",))
    with pytest.raises(Unsupported, match="constraint"):
        packages(directory, requirements=("--constraint=limits.txt",))


@pytest.mark.parametrize(
    "wanted", [ProjectEnvironment(manager="uv", image="busybox"), ProjectEnvironment(manager="conda")]
)
def test_containers_and_other_managers_are_refused(wanted):
    with pytest.raises(Unsupported):
        check(wanted)
