"""`windlass import` from a SQLite file to databases of every kind."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.entities import Experiment, Run, RunData, RunInfo
from windlass.interfaces import ModelVersionUpdate, RegisteredModelUpdate, RunBatch, RunUpdate
from windlass.search import RUNS
from windlass.testing.samples import metric, new_model, new_version, query
from windlass.uri import Uri
from windlass_sql.records import SqlRecordStore
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.tracking import SqlTrackingStore

_RUNS = 260


def windlass(*arguments: str) -> subprocess.Popen[str]:
    """The program with the arguments, running."""
    command = [sys.executable, "-m", "windlass", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(*arguments: str) -> tuple[int, str, str]:
    """The exit code of the program, and what it wrote."""
    process = windlass(*arguments)
    try:
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode, out, err


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Uri:
    """A SQLite file with something of everything in it."""
    uri = Uri.parse(f"sqlite:///{tmp_path_factory.mktemp('source')}/windlass.db")
    with SqlTrackingStore.open(uri, Settings()) as store, store.write_group():
        store.experiments.create(Experiment("7", "ünï", "s3://bucket/7", "active", 1, 2, {"a": "b"}))
        for number in range(_RUNS):
            info = RunInfo(f"{number:032x}", "7", f"run {number}", "ada", "FINISHED", number, number + 1, "s3://bucket")
            store.runs.create(Run(info, RunData((), {"p": "ä" * 100}, {"t": str(number)})))
            points = [metric(key, float(step), step=step) for key in "ab" for step in range(10)]
            store.runs.log(info.run_id, RunBatch(metrics=points))
        store.runs.update(f"{3:032x}", RunUpdate(lifecycle_stage="deleted"))
    with SqlModelRegistry.open(uri, Settings()) as registry:
        name = new_model(registry, "fraud").name
        for _ in range(3):
            new_version(registry, name, creation_timestamp=5)
        registry.versions.update(name, 2, ModelVersionUpdate(stage="Production", last_updated_timestamp=9))
        registry.versions.delete(name, 3)
        registry.models.update(name, RegisteredModelUpdate(aliases={"champion": 2}, last_updated_timestamp=11))
    with SqlRecordStore.open(uri, Settings()) as records:
        for number in range(30):
            records.put("accounts", f"user {number}", {"n": number})
    return uri


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
def test_everything_moves_to_any_database(source, new_database, backend) -> None:
    target = new_database(backend)
    code, out, err = finished("import", "--from", source.text, "--to", target.text)
    assert (code, err) == (0, "")
    assert out.endswith("everything has arrived\n")
    rows = {line.split("  ")[0]: line.split() for line in out.splitlines()[1:-1]}
    assert rows["runs"][1:3] == [str(_RUNS)] * 2
    assert rows["metric points"][2:4] == [str(20 * _RUNS)] * 2
    with SqlModelRegistry.open(target, Settings()) as registry:
        model = registry.models.get("fraud")
        assert (model.aliases, model.last_updated_timestamp) == ({"champion": 2}, 11)
        assert new_version(registry, "fraud").version == 4
    code, _, err = finished("import", "--from", source.text, "--to", target.text)
    assert code == 4
    assert "version 4 of 'fraud'" in err


def test_a_killed_import_goes_on_where_it_was(source, tmp_path) -> None:
    target = Uri.parse(f"sqlite:///{tmp_path}/target.db")
    process = windlass("import", "--from", source.text, "--to", target.text)
    there = _wait_for_some_runs(target, process)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert 0 < there < _RUNS
    code, out, err = finished("import", "--from", source.text, "--to", target.text)
    assert (code, err) == (0, "")
    assert out.endswith("everything has arrived\n")


def _file(uri: Uri) -> Path:
    return Path("/" + uri.path.lstrip("/"))


def _wait_for_some_runs(target: Uri, process: subprocess.Popen[str]) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "it was over before it could be killed"
        if _file(target).is_file():
            with SqlTrackingStore.open(target, Settings()) as store:
                found = store.runs.search(query(RUNS, experiment_ids=("7",)))
            if found:
                return len(found)
        time.sleep(0.02)
    raise AssertionError("no run has arrived")


def test_what_differs_ends_it_with_its_name(source, tmp_path) -> None:
    target = Uri.parse(f"sqlite:///{tmp_path}/target.db")
    with SqlTrackingStore.open(target, Settings()) as store:
        store.experiments.create(Experiment("7", "another", "s3://bucket/7", "active", 1, 2))
    code, out, err = finished("import", "--from", source.text, "--to", target.text)
    assert (code, out) == (4, "")
    assert "the target has another experiment 7: name 'another' instead of 'ünï'" in err


def test_a_source_that_is_not_there_is_named_and_not_made(tmp_path) -> None:
    there, target = tmp_path / "mistyped.db", tmp_path / "target.db"
    code, _, err = finished("import", "--from", f"sqlite:///{there}", "--to", f"sqlite:///{target}")
    assert code != 0
    assert "there is no store at" in err
    assert not there.exists()
    assert not target.exists()


def test_the_database_of_an_mlflow_server_is_called_that(tmp_path) -> None:
    with sqlite3.connect(tmp_path / "mlflow.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("CREATE TABLE latest_metrics (key VARCHAR(250))")
    code, _, err = finished("import", "--from", f"sqlite:///{tmp_path}/mlflow.db", "--to", f"sqlite:///{tmp_path}/x.db")
    assert code != 0
    assert "the tables of an MLflow server" in err


def test_a_directory_is_the_store_in_it(source, tmp_path) -> None:
    shutil.copytree(Path(str(source.path)).parent, tmp_path / "mlruns")
    code, out, err = finished("import", "--from", str(tmp_path / "mlruns"), "--to", f"sqlite:///{tmp_path}/target.db")
    assert code == 0, err
    assert "everything has arrived" in out


def test_a_dry_run_only_counts(source, tmp_path) -> None:
    target = Uri.parse(f"sqlite:///{tmp_path}/target.db")
    code, out, _ = finished("import", "--from", source.text, "--to", target.text, "--dry-run")
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()] == ["move", "2", "0", str(_RUNS), "1", "2", "30"]
    with SqlTrackingStore.open(target, Settings()) as store:
        assert not store.runs.search(query(RUNS, experiment_ids=("0", "7")))


def test_a_terminal_sees_how_far_it_is(source, tmp_path) -> None:
    ours, theirs = pty.openpty()
    target = f"sqlite:///{tmp_path}/target.db"
    command = [sys.executable, "-m", "windlass", "import", "--from", source.text, "--to", target]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        told = _all_of(ours)
        assert process.wait(timeout=60) == 0
    for what in ("experiments 2", "runs 200", f"runs {_RUNS}", "registered models (2 versions) 1", "comparing runs"):
        assert f"\r\x1b[K{what}" in told
    assert told.endswith("\r\x1b[K")


def _all_of(terminal: int) -> str:
    """What was written to a terminal until its other side was closed."""
    pieces = []
    with contextlib.suppress(OSError):  # which is how it ends
        while piece := os.read(terminal, 4096):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


def test_another_name_of_the_same_store_is_seen_through(source, tmp_path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(_file(source))
    for other in (source.text, f"sqlite:///{link}"):
        code, _, err = finished("import", "--from", source.text, "--to", other)
        assert code == 2
        assert "is the store that is imported from" in err
