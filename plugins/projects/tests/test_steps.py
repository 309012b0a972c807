"""Steps of a project as it declares them, and what makes one run again."""

from __future__ import annotations

import pytest

import windlass
from windlass.entities import ProjectEnvironment, ProjectSource
from windlass.errors import InvalidValue, NotFound
from windlass.fluent import state
from windlass_projects.declaration import Declaration
from windlass_projects.fetching import Scratch
from windlass_projects.steps.pipeline import Pipeline
from windlass_projects.steps.plan import Plan
from windlass_projects.steps.result import StepResult
from windlass_projects.steps.step_work import Bench

ML = """
entry_points:
  main:
    parameters: {data: path, rate: {type: float, default: 0.5}}
    steps:
      prepare:
        command: "python prepare.py {data}"
        outputs: [work]
        code: [prepare.py]
      train:
        needs: [prepare]
        entry_point: train
        parameters: {rate: "{rate}", source: "{steps.prepare.run_id}"}
        inputs: [work/clean.txt]
  train:
    parameters: {rate: float, source: string}
    command: "python train.py {rate} {source}"
"""
FILES = {"prepare.py": "1", "train.py": "2", "data.txt": "3", "work__clean.txt": "4"}


@pytest.fixture
def bench():
    """Prepares one step of the project in a directory."""

    def make(root, step, *, manager="local", backend="local", outputs=None, prepared="a" * 32, **values):
        workspace = state.current_workspace()
        declared = Declaration.read(root)
        pipeline = Pipeline.of(declared, declared.entry_point("main"))
        plan = Plan(
            directory=str(root), source=ProjectSource(uri=str(root)), entry_point="main",
            values=pipeline.whole.values({"data": "data.txt"} | values), manager=manager, storage=None,
            backend=backend, config={}, tags={},
        )  # fmt: skip
        done = StepResult(run_id=prepared, artifact_uri="file:///x", reused=False, outputs=outputs or {})
        results = {"prepare": done} if step == "train" else {}
        return Bench.of(plan, pipeline, workspace).ready(
            pipeline.whole.steps[step], results, Scratch(workspace.settings.home)
        )

    return make


def test_a_step_gets_values_of_the_whole_and_results_of_the_steps_before(project, bench):
    root = project(MLproject=ML, **FILES)
    assert bench(root, "prepare").project.command == ("python", "prepare.py", str(root / "data.txt"))
    train = bench(root, "train", rate="0.25").project
    assert train.command == ("python", "train.py", "0.25", "a" * 32)
    assert train.parameters == {"rate": "0.25", "source": "a" * 32}


def test_a_value_is_never_read_again(project, bench):
    files = {"main.py": "", "data.txt": ""}
    ml = (
        "entry_points: {main: {parameters: {data: path, text: string}, "
        "steps: {one: {command: 'python main.py {a}', parameters: {a: 'x {text}'}}}}}"
    )
    root = project(MLproject=ml, **files)
    hard = "{steps.one.run_id} $(touch trap); {text} {{"
    assert bench(root, "one", text=hard).project.command == ("python", "main.py", f"x {hard}")


@pytest.mark.parametrize(
    ("change", "step", "reason"),
    [
        ({"prepare.py": "new"}, "prepare", "the code"),
        ({"train.py": "new"}, "prepare", None),
        ({"more.py": "new"}, "prepare", None),
        ({"more.py": "new"}, "train", "the code"),
        ({"data.txt": "new"}, "prepare", "the inputs"),
        ({"data.txt": "new"}, "train", None),
        ({"work__clean.txt": "new"}, "train", "the inputs"),
        ({"work__other.txt": "new"}, "train", None),
        ({"__pycache____x.pyc": "new"}, "train", None),
        ({"MLproject": ML.replace("train.py {rate}", "train.py --rate {rate}")}, "train", "the parameters"),
        ({"MLproject": ML.replace("train.py {rate}", "train.py --rate {rate}")}, "prepare", None),
    ],
)
def test_a_file_that_changes_is_a_reason_for_the_steps_that_depend_on_it(project, bench, change, step, reason):
    root = project(MLproject=ML, **FILES)
    before = bench(root, step).fingerprint
    project(**{name.replace("__pycache____", "__pycache__/"): text for name, text in change.items()})
    after = bench(root, step).fingerprint
    assert after.difference(before.text) == (reason or "")
    assert (after.key == before.key) is (reason is None)


@pytest.mark.parametrize(
    ("step", "options", "reason"),
    [
        ("train", {"rate": "0.75"}, "the parameters"),
        ("prepare", {"rate": "0.75"}, ""),
        ("train", {"prepared": "b" * 32}, "the parameters and the steps before"),
        ("train", {"outputs": {"work": "other"}}, "the steps before"),
        ("prepare", {"manager": "uv"}, "the environment"),
        ("prepare", {"backend": "elsewhere"}, "the environment"),
    ],
)
def test_what_else_changes_is_a_reason_for_the_steps_that_depend_on_it(project, bench, step, options, reason):
    root = project(MLproject=ML, **FILES)
    assert bench(root, step, **options).fingerprint.difference(bench(root, step).fingerprint.text) == reason


def test_equal_outputs_of_another_run_are_no_reason_where_the_run_is_not_named(project, bench):
    root = project(MLproject=ML.replace('"{steps.prepare.run_id}"', "x"), **FILES)
    first = bench(root, "train", outputs={"work": "same"}, prepared="a" * 32).fingerprint
    assert bench(root, "train", outputs={"work": "same"}, prepared="b" * 32).fingerprint.key == first.key


def test_requirements_are_part_of_the_environment(project, bench):
    root = project(MLproject=ML, **FILES, **{"requirements.txt": "numpy==1\n"})
    before = bench(root, "prepare", manager="uv").fingerprint
    (root / "requirements.txt").write_text("numpy==2\n")
    assert bench(root, "prepare", manager="uv").fingerprint.difference(before.text) == "the environment"


def test_what_git_ignores_is_no_code(project, bench, git):
    root = project(MLproject=ML, **FILES, **{".gitignore": "*.tmp\n"})
    git(root, "init", "--quiet")
    before = bench(root, "train").fingerprint
    (root / "x.tmp").write_text("ignored")
    assert bench(root, "train").fingerprint.key == before.key
    (root / "x.py").write_text("new")
    assert bench(root, "train").fingerprint.difference(before.text) == "the code"


def test_a_store_in_the_project_is_no_code(project, bench):
    root = project(MLproject=ML, **FILES)
    windlass.set_tracking_uri(f"sqlite:///{root}/own.db")
    before = bench(root, "train").fingerprint
    (root / "own.db").write_text("x")
    (root / "own.db-wal").write_text("x")
    assert bench(root, "train").fingerprint.key == before.key


def test_a_missing_input_is_named(project, bench):
    root = project(MLproject=ML, **FILES)
    (root / "work" / "clean.txt").unlink()
    with pytest.raises(NotFound, match=r"step train: there is no input 'work/clean\.txt'"):
        bench(root, "train")


def pipeline(root):
    declared = Declaration.read(root)
    return Pipeline.of(declared, declared.entry_point("main"))


def steps(**given):
    return "entry_points: {main: {steps: {" + ", ".join(f"{name}: {text}" for name, text in given.items()) + "}}}"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"a": "{command: x, needs: [b]}", "b": "{command: x, needs: [a]}"}, "a → b → a|b → a → b"),
        ({"a": "{command: x, needs: [a]}"}, "a → a"),
        ({"a": "{command: x, needs: [zz]}"}, r"step a: needs: is no step, got 'zz' \(limit: a\)"),
        ({"a": "{command: x, entry_point: y}"}, "either an entry_point or a command"),
        ({"a": "{}"}, "either an entry_point or a command"),
        ({"a": "{command: x, need: [b]}"}, r"is not known, got 'need' \(limit: entry_point, command"),
        ({"a": "{command: x, outputs: [../y]}"}, "inside of the project"),
        ({"a": "{command: x, outputs: [/y]}"}, "inside of the project"),
        ({"a": "{command: x, needs: b}"}, "must be a list of texts"),
        ({"a b": "{command: x}"}, "must be a name of letters"),
        ({"a": "{command: x, parameters: {p: [1]}}"}, "must be a text or a number"),
        ({"a": "{command: x, parameters: {p: '{zz}'}}"}, r"step a: is not known, got '\{zz\}'"),
        ({"a": "{command: x, parameters: {p: '{steps.no.run_id}'}}"}, "is not known"),
        ({"a": "{command: x}", "b": "{command: x, parameters: {p: '{steps.a.run_id}'}}"}, "hint: add a to its needs"),
        ({"a": "{command: x}", "b": "{command: x, needs: [a], parameters: {p: '{steps.a.x}'}}"}, "is not known"),
        ({"a": "{command: x, parameters: {p: '{b!r}'}}"}, "may only have names in braces"),
        ({"a": "{command: x, outputs: [o]}", "b": "{command: x, inputs: [o/f]}"}, "is an output of a"),
        ({"a": "{command: x, outputs: [o]}", "b": "{command: x, outputs: [o]}"}, "is an output of a, too"),
    ],
)
def test_a_mistake_in_the_steps_is_named(project, given, problem):
    with pytest.raises(InvalidValue, match=problem):
        pipeline(project(MLproject=steps(**given)))


@pytest.mark.parametrize("content", ["{steps: {}}", "{steps: [a]}", "{command: x, steps: {a: {command: x}}}", "{}"])
def test_an_entry_point_has_a_command_or_steps(project, content):
    with pytest.raises(InvalidValue, match="steps"):
        Declaration.read(project(MLproject=f"entry_points: {{main: {content}}}"))


@pytest.mark.parametrize("parallel", ["0", "65", "two", "true"])
def test_how_many_steps_run_at_once_is_bounded(project, parallel):
    with pytest.raises(InvalidValue, match="parallel: must be a number of steps"):
        Declaration.read(
            project(MLproject=f"entry_points: {{main: {{parallel: {parallel}, steps: {{a: {{command: x}}}}}}}}")
        )


def test_a_pyproject_declares_steps_in_the_same_way(project):
    text = """
    [tool.windlass.entry_points.main]
    parallel = 2
    parameters = {rate = "float"}
    [tool.windlass.entry_points.main.steps.train]
    command = "python train.py {rate}"
    outputs = ["model.bin"]
    """
    whole = pipeline(project(**{"pyproject.toml": text})).whole
    assert (list(whole.steps), whole.parallel, whole.steps["train"].outputs) == (["train"], 2, ("model.bin",))


def test_a_plan_is_read_as_it_was_written_and_by_nobody_else(tmp_path):
    plan = Plan(
        directory="/x", source=ProjectSource(uri="x", commit="c"), entry_point="main", values={"a": "b"}, manager=None,
        storage=None, backend="local", config={"grace": 1}, tags={"t": "u"}, force=("a",),
        environments={"a": ProjectEnvironment(manager="uv", requirements=("x",), image_variables=(("a", None),))},
    )  # fmt: skip
    file = tmp_path / "plan.json"
    plan.write(file)
    assert Plan.read(file) == plan
    assert file.stat().st_mode & 0o777 == 0o600
