"""The command line of spark-submit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from windlass.errors import InvalidValue, MissingDependency, NotFound, Unsupported
from windlass_spark.options import OPTIONS, SparkOptions
from windlass_spark.program import spark_submit
from windlass_spark.submission import check_files, check_variables, script_of, submission

SCRIPT = ("python", "train.py", "--rate", "0.1")


def words(config, variables=None):
    options = SparkOptions.parse(config)
    return submission(Path("spark-submit"), options, SCRIPT, run_id="r1", variables=variables or {})[1:]


def test_without_options_there_is_a_name_and_the_script():
    assert words({}) == ["--name", "windlass r1", "train.py", "--rate", "0.1"]


def test_every_option_has_its_place():
    config = {
        "master": "yarn",
        "deploy_mode": "client",
        "name": "fraud",
        "conf": {"spark.ui.enabled": False, "spark.x": "a b=c"},
        "packages": ["a:b:1"],
        "repositories": "https://one,https://two",
        "jars": ["x.jar", "y.jar"],
        "py_files": ["lib.zip"],
        "files": ["s3://b/f"],
        "archives": ["env.tar.gz#env"],
        "driver_memory": "2g",
        "driver_cores": 2,
        "executor_memory": "512m",
        "executor_cores": "3",
        "num_executors": 4,
        "queue": "q",
        "principal": "me@REALM",
        "keytab": "k",
        "properties_file": "p",
    }
    assert set(OPTIONS) - set(config) == {"spark_home", "timeout"}
    made = words(config)
    assert made[-3:] == ["train.py", "--rate", "0.1"]
    pairs = list(zip(made[:-3:2], made[1:-3:2], strict=True))
    assert {("--conf", "spark.ui.enabled=false"), ("--conf", "spark.x=a b=c")} <= set(pairs)
    named = dict(pairs)
    assert named["--repositories"] == "https://one,https://two"
    assert named["--jars"] == "x.jar,y.jar"
    assert (named["--num-executors"], named["--executor-cores"], named["--name"]) == ("4", "3", "fraud")
    assert (named["--principal"], named["--keytab"], named["--archives"]) == ("me@REALM", "k", "env.tar.gz#env")


@pytest.mark.parametrize(("master", "prefix"), [("yarn", "yarn.appMasterEnv"), ("k8s://h", "kubernetes.driverEnv")])
def test_a_driver_on_the_cluster_is_told_of_its_run(master, prefix):
    made = words({"master": master, "deploy_mode": "cluster"}, {"WINDLASS_RUN_ID": "r1", "not a name": "x"})
    assert f"spark.{prefix}.WINDLASS_RUN_ID=r1" in made
    assert any("waitAppCompletion=true" in word for word in made)
    assert "not a name" not in " ".join(made)


def test_no_password_is_shown_by_a_cluster():
    options = SparkOptions.parse({"master": "yarn", "deploy_mode": "cluster"})
    with pytest.raises(Unsupported) as caught:
        check_variables(options, {"WINDLASS_TRACKING_URI": "https://me:secret@host"})
    assert "secret" not in str(caught.value)
    check_variables(options, {"WINDLASS_TRACKING_URI": "https://host"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("master", "local[x]"),
        ("master", "http://host"),
        ("master", ["yarn"]),
        ("deploy_mode", "client-ish"),
        ("deploy_mode", "cluster"),
        ("driver_memory", "2 gigabytes"),
        ("executor_memory", "0g"),
        ("num_executors", 0),
        ("executor_cores", True),
        ("driver_cores", "1.5"),
        ("jars", {"a": 1}),
        ("jars", ["a,b"]),
        ("py_files", ["--evil"]),
        ("name", "--conf"),
        ("conf", ["a=b"]),
        ("conf", {"a b": "c"}),
        ("conf", {"a": {"b": 1}}),
        ("timeout", 0),
        ("timeout", "soon"),
        ("principal", "me"),
    ],
)
def test_a_bad_option_is_refused_by_its_name(name, value):
    with pytest.raises(InvalidValue, match=f"backend-config {name}"):
        SparkOptions.parse({name: value})


def test_python_in_cluster_mode_needs_a_cluster_that_has_it():
    with pytest.raises(InvalidValue, match="needs yarn or k8s"):
        SparkOptions.parse({"master": "spark://h:7077", "deploy_mode": "cluster"})


def test_a_value_of_a_property_is_not_told():
    with pytest.raises(InvalidValue) as caught:
        SparkOptions.parse({"conf": {"spark.key": ["secret"]}})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("spark-submit", "x.py"), "of its own"),
        (("bash", "-c", "python x.py | tee y"), "needs a shell"),
        (("Rscript", "x.R"), "cannot run 'Rscript'"),
        (("python",), "without a script"),
        (("python", "-m", "x"), "cannot run 'python -m'"),
        (("python", "-c", "x"), "cannot run 'python -c'"),
        (("python3", "notes.txt"), "cannot run"),
    ],
)
def test_what_spark_cannot_run_is_refused_with_what_it_can(command, reason):
    with pytest.raises(Unsupported, match=reason) as caught:
        script_of(command)
    assert caught.value.hint


@pytest.mark.parametrize("program", ["python", "python3", "python3.11", sys.executable])
def test_any_python_is_left_to_spark(program):
    assert script_of((program, "-u", "x.py", "-u")) == ("x.py", "-u")


def test_files_that_are_not_there_are_found_before(tmp_path):
    (tmp_path / "train.py").touch()
    (tmp_path / "lib.zip").touch()
    good = SparkOptions.parse({"py_files": ["lib.zip", "s3://b/x.zip", "*.egg"], "jars": [str(tmp_path / "lib.zip#a")]})
    check_files(good, "train.py", tmp_path)
    with pytest.raises(InvalidValue, match=r"gone\.jar"):
        check_files(SparkOptions.parse({"jars": ["gone.jar"]}), "train.py", tmp_path)
    with pytest.raises(InvalidValue, match=r"no\.py"):
        check_files(good, "no.py", tmp_path)


def test_the_program_is_found_in_the_named_places_one_after_the_other(spark, monkeypatch, tmp_path):
    program = spark / "bin" / "spark-submit"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingDependency, match="no spark-submit"):
        spark_submit()
    monkeypatch.setenv("PATH", str(program.parent))
    assert spark_submit() == program
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(NotFound, match="SPARK_HOME"):
        spark_submit()
    assert spark_submit(str(spark)) == program


def test_the_program_that_came_with_pyspark_is_the_last_resort(spark, monkeypatch, tmp_path):
    package = tmp_path / "site" / "pyspark"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (spark / "bin").rename(package / "bin")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.syspath_prepend(package.parent)
    assert spark_submit() == package / "bin" / "spark-submit"
