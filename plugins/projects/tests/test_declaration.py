"""Reading MLproject and pyproject.toml, and checking values against what they declare."""

from __future__ import annotations

import pytest

from windlass.errors import InvalidValue, NotFound
from windlass_projects.declaration import Declaration
from windlass_projects.environment import environment_of
from windlass_projects.environments.conda_packages import refuse_conda_packages

ML = """
name: fraud
python_env: env.yaml
entry_points:
  main:
    parameters:
      data: path
      rate: {type: float, default: 0.1}
      source: {type: uri, default: "s3://bucket/x"}
      note: {default: none}
    command: "python train.py {data} {rate} {source} {note}"
  bare:
    command: python bare.py
"""


@pytest.fixture
def main(project):
    return Declaration.read(project(mlPROJECT=ML)).entry_point("main")


def test_defaults_fill_what_is_not_given(main):
    values = main.values({"data": "x.csv"})
    assert values == {"data": "x.csv", "rate": "0.1", "source": "s3://bucket/x", "note": "none"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "parameters: of entry point main must be given, got 'data'"),
        ({"data": "x", "rate": "fast"}, "parameter rate: must be a number, got 'fast'"),
        ({"data": "x", "source": "here"}, "parameter source: must be a URI"),
        ({"data": "x", "rat": "1"}, "unknown to entry point main, got 'rat' .limit: data, note, rate, source"),
        ({"data": "a\x00b"}, "must not contain NUL"),
    ],
)
def test_values_that_do_not_fit_are_refused(main, given, problem):
    with pytest.raises(InvalidValue, match=problem):
        main.values(given)


def test_an_entry_point_without_parameters_takes_any(project):
    assert Declaration.read(project(MLproject=ML)).entry_point("bare").values({"x": "1"}) == {"x": "1"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("entry_points: {main: {command: a, parameters: {x: integer}}}", "type of parameter x: is not known"),
        ("entry_points: {main: {command: a, parameters: {x: {default: [1]}}}}", "must be a text or a number"),
        ("entry_points: {main: {}}", "must have a command"),
        ("entry_points: [main]", "must map names to commands"),
        ("conda_env: a\npython_env: b", "more than one environment"),
        ("[", "is no YAML"),
        ("- a", "must be a mapping"),
    ],
)
def test_a_file_that_means_nothing_is_refused(project, text, problem):
    with pytest.raises(InvalidValue, match=problem):
        Declaration.read(project(MLproject=text))


def test_files_are_entry_points_and_nothing_outside_is(project, tmp_path):
    (tmp_path / "out.py").touch()
    declared = Declaration.read(project(**{"a.py": "", "b.sh": "", "main.py": ""}))
    found = [declared.entry_point(name).words for name in ("a.py", "b.sh", "main")]
    assert found == [("python", "a.py"), ("bash", "b.sh"), ("python", "main.py")]
    for name in ("../out.py", "c.py", "train"):
        with pytest.raises(NotFound, match="no entry point"):
            declared.entry_point(name)


def test_a_pyproject_has_its_scripts_and_its_own_entry_points(project):
    text = """
[project]
name = "x"
requires-python = ">=3.11"
[project.scripts]
train = "x:main"
[tool.windlass.entry_points.main]
command = "python a.py {rate}"
parameters = {rate = {type = "float", default = 0.5}}
"""
    declared = Declaration.read(project(**{"pyproject.toml": text}))
    assert declared.entry_point("train").words == ("train",)
    assert declared.entry_point("main").values({}) == {"rate": "0.5"}
    environment = environment_of(declared)
    assert (environment.python, environment.pyproject, environment.lock) == (">=3.11", True, False)


def test_the_environment_is_the_declared_one(project):
    env = "python: 3.11.4\nbuild_dependencies: [pip]\ndependencies: ['-r requirements.txt', numpy]\n"
    found = environment_of(Declaration.read(project(MLproject=ML, **{"env.yaml": env, "requirements.txt": "x"})))
    assert (found.manager, found.python) == ("uv", "3.11.4")
    assert (found.build_requirements, found.requirements) == (("pip",), ("-r requirements.txt", "numpy"))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ()),
        ({"requirements.txt": "numpy"}, ("-r requirements.txt",)),
        ({"requirements.txt": "", "python_env.yaml": "dependencies: [a]"}, ("a",)),
        ({"conda.yaml": "dependencies: [python=3.11, pip, {pip: [a, b]}]"}, ("a", "b")),
    ],
)
def test_without_one_it_is_found_in_a_file(project, files, expected):
    assert environment_of(Declaration.read(project(**files))).requirements == expected


@pytest.mark.parametrize(
    ("line", "python"),
    [("python=3.11", "3.11"), ("conda-forge::python==3.11.2", "3.11.2"), ("python>=3.11", ">=3.11"), ("python", None)],
)
def test_conda_says_which_python(project, line, python):
    assert environment_of(Declaration.read(project(**{"conda.yaml": f"dependencies: ['{line}']"}))).python == python


def test_what_only_conda_can_install_is_read_and_named_by_those_who_cannot(project):
    text = "channels: [conda-forge]\ndependencies: [python=3.12, cudatoolkit=11]"
    found = environment_of(Declaration.read(project(**{"conda.yaml": text})))
    assert (found.python, found.packages, found.channels) == (
        "3.12",
        ("python=3.12", "cudatoolkit=11"),
        ("conda-forge",),
    )
    with pytest.raises(InvalidValue, match="is a package of conda, which uv cannot install, got 'cudatoolkit=11'"):
        refuse_conda_packages(found, "uv")


def test_a_container_is_read_and_local_leaves_it_out(project):
    docker = "docker_env: {image: x:1, volumes: ['/a:/b'], environment: [HOME, [A, 1]]}"
    declared = Declaration.read(project(MLproject=docker))
    found = environment_of(declared)
    assert (found.image, found.volumes) == ("x:1", ("/a:/b",))
    assert found.image_variables == (("HOME", None), ("A", "1"))
    assert environment_of(declared, "local").image is None


def test_a_manager_for_containers_needs_one_and_a_missing_file_is_named(project):
    declared = Declaration.read(project(MLproject="python_env: gone.yaml"))
    with pytest.raises(InvalidValue, match="needs a docker_env"):
        environment_of(declared, "docker")
    with pytest.raises(NotFound, match=r"gone\.yaml"):
        environment_of(declared)
