"""A project on a real Spark."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from windlass.projects import ProjectFailed

import windlass
from windlass.testing.services import big_service_url
from windlass.uri import Uri

pytestmark = pytest.mark.timeout(600)
COUNT = """
import sys
from pyspark.sql import SparkSession
import helper
spark = SparkSession.builder.getOrCreate()
print("cores", spark.sparkContext.defaultParallelism, "name", spark.sparkContext.appName, flush=True)
print("sum", spark.sparkContext.parallelize(range(int(sys.argv[1]))).map(helper.twice).sum(), flush=True)
if sys.argv[2] == "wait":
    spark.sparkContext.parallelize(range(2), 2).foreach(helper.wait)
assert sys.argv[2] != "fail", "as it was asked to"
"""
HELPER = """
import os, time
def twice(number): return 2 * number
def wait(_number):
    with open(os.environ["PIDS"], "a") as stream:
        stream.write(f"{os.getpid()}\\n")
    time.sleep(300)
"""


@pytest.fixture
def run(tmp_path):
    root = tmp_path / "a project"
    root.mkdir()
    (root / "count.py").write_text(COUNT)
    (root / "helper.py").write_text(HELPER)
    (root / "MLproject").write_text(
        "entry_points:\n  main:\n    parameters: {n: float, how: string}\n    command: python count.py {n} {how}\n"
    )
    home = str(Uri.parse(big_service_url("spark")).local_path())
    config = {"spark_home": home, "master": "local[2]", "py_files": ["helper.py"], "driver_memory": "1g", "grace": 5}
    config["conf"] = {"spark.ui.enabled": False, "spark.driver.host": "127.0.0.1"}

    def start(how, **options):
        return windlass.projects.run(
            str(root), parameters={"n": "1000", "how": how}, backend="spark", env_manager="local",
            backend_config=config, **options,
        )  # fmt: skip

    return start


def test_a_script_computes_on_spark(run):
    done = run("finish")
    printed = "".join(done.logs())
    assert f"cores 2 name windlass {done.run_id}" in printed
    assert "sum 999000" in printed
    assert windlass.get_run(done.run_id).info.status == "FINISHED"


def test_a_script_that_fails_fails_the_run(run):
    with pytest.raises(ProjectFailed, match="as it was asked to"):
        run("fail")
    (only,) = windlass.search_runs(output_format="list")
    assert only.info.status == "FAILED"


def test_a_cancellation_ends_the_driver_and_its_workers(run, monkeypatch, tmp_path):
    pids = tmp_path / "pids"
    monkeypatch.setenv("PIDS", str(pids))
    made = run("wait", synchronous=False)
    waiting = threading.Event()
    for _ in range(1200):
        if made.get_status() != "RUNNING" or (pids.exists() and len(pids.read_text().split()) == 2):
            break
        waiting.wait(0.1)
    workers = pids.read_text().split()
    made.cancel()
    assert windlass.get_run(made.run_id).info.status == "KILLED"
    for _ in range(100):
        left = [one for one in (*workers, *_of_run(made.run_id)) if Path("/proc", one).exists()]
        if not left:
            break
        waiting.wait(0.1)
    assert left == []


def _of_run(run_id):
    """The processes that were started for a run."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "environ").read_bytes()
        except OSError:
            continue
        if f"MLFLOW_RUN_ID={run_id}".encode() in words and int(place.name) != os.getpid():
            found.append(place.name)
    return found
