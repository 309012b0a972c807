"""Retention policies over HTTP, by the command and in the background."""

from __future__ import annotations

import logging
import os
import time
import uuid
from dataclasses import replace

import pytest

from windlass import MlflowClient
from windlass.cli import main
from windlass.config import Settings
from windlass.entities import ViewType
from windlass.services.lease import Lease
from windlass.services.retention.policy import RetentionPolicy
from windlass.services.workspace import Workspace
from windlass_server.retention import RetentionKeeper

PREFIX = "/api/windlass/v1"


@pytest.fixture
def ask(api):
    """A message about retention that must succeed."""

    def do(method, path, **values):
        answer = api.ask(method, f"/retention/{path}", values, prefix=PREFIX)
        assert answer.status == 200, answer.body
        return answer.json

    return do


@pytest.fixture
def old_run(api, experiment):
    """A finished run of long ago."""

    def make(**values):
        run_id = api.run(experiment, **values)
        api.do("POST", "/runs/update", {"run_id": run_id, "status": "FINISHED"})
        return run_id

    return make


def test_a_policy_is_set_previewed_and_applied(ask, api, experiment, old_run):
    run_id = old_run(run_name="old")
    kept = old_run(start_time=int(time.time() * 1000))
    made = ask("POST", "set", experiment_id=experiment, days=3, keep_tags=["a=b"])["policy"]
    assert made == {
        "experiment_id": experiment, "best": None, "metric": None, "goal": "max", "days": 3, "keep_tags": ["a=b"],
        "grace_days": 0,
    }  # fmt: skip
    assert ask("GET", "get", experiment_id=experiment)["policy"] == made
    assert made in ask("GET", "list")["policies"]
    plan = ask("GET", "preview", experiment_id=experiment)
    assert (plan["total"], plan["kept"]) == (1, {"of the last 3 days": 1})
    assert plan["runs"][0] == {
        "run_id": run_id, "run_name": "old", "start_time": 1, "files": 0, "bytes": 0, "waiting": False,
    }  # fmt: skip
    done = ask("POST", "apply", experiment_id=experiment)
    assert done == {"binned": 1, "freed": 1, "files": 0, "bytes": 0, "left": 0}
    found = api.do("POST", "/runs/search", {"experiment_ids": [experiment], "run_view_type": "ALL"})
    assert [one["info"]["run_id"] for one in found["runs"]] == [kept]
    ask("POST", "remove", experiment_id=experiment)
    assert api.ask("GET", "/retention/get", {"experiment_id": experiment}, prefix=PREFIX).status == 404


@pytest.mark.parametrize("values", [{}, {"best": 3}, {"days": 0}, {"days": 1, "goal": "up"}])
def test_a_policy_that_is_none_is_a_400(api, experiment, values):
    answer = api.ask("POST", "/retention/set", {"experiment_id": experiment, **values}, prefix=PREFIX)
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


@pytest.fixture
def windlass(running, monkeypatch, capsys, request):
    """Runs the program against the server, or on a store of its own; returns what it printed."""
    uri = running.url if request.param == "remote" else f"memory://{uuid.uuid4().hex}"
    monkeypatch.setenv("WINDLASS_TRACKING_URI", uri)

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return out

    return run


@pytest.mark.parametrize("windlass", ["remote", "embedded"], indirect=True)
def test_the_command_does_it_all(windlass, tmp_path, monkeypatch):
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    name = uuid.uuid4().hex
    windlass("experiments", "create", "-n", name)
    client = MlflowClient(os.environ["WINDLASS_TRACKING_URI"])
    for place, run_name in enumerate(("first", "second", "third")):
        run = client.create_run(client.get_experiment_by_name(name).experiment_id, run_name=run_name)
        client.log_metric(run.info.run_id, "acc", place)
        client.set_terminated(run.info.run_id)
    said = windlass("retention", "set", name, "--best", "2", "--metric", "acc", "--goal", "min", "--keep-tag", "x")
    assert "keeps the 2 runs with the lowest acc, those tagged x\n" in said
    assert "lowest acc" in windlass("retention", "list")
    assert "acc" in windlass("retention", "show", name)
    preview = windlass("retention", "preview", name)
    assert ("second" in preview, "third" in preview) == (False, True)
    assert "keeps 2 runs: among the best 2 by acc" in preview
    assert preview.endswith("lets 1 runs go (0 files with 0 bytes)\n")
    assert (
        windlass("retention", "apply", name, "--yes") == "moved 1 runs to the bin, removed 1 (0 files with 0 bytes)\n"
    )
    assert "lets 0 runs go" in windlass("retention", "preview", name)
    assert "keeps all its runs" in windlass("retention", "remove", name)


@pytest.fixture
def own(tmp_path, plugins):
    """A workspace with an experiment that has a policy and an old run."""
    settings = replace(Settings(home=tmp_path), tracking_uri=f"memory://{uuid.uuid4().hex}")
    with Workspace.open(settings, plugins) as workspace:
        run = workspace.runs.create("0", start_time=1)
        workspace.runs.finish(run.info.run_id)
        workspace.retention.policies.put(RetentionPolicy(experiment_id="0", days=1))
        yield workspace


@pytest.fixture
def keeper(own):
    """Keepers of that workspace, which wait to be asked unless they are told to hurry."""
    opened = []

    def make(**more):
        opened.append(RetentionKeeper(own, **{"poll": 3600, **more}))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def runs(workspace):
    return workspace.runs.search(["0"], view=ViewType.ALL)


def test_the_server_applies_policies_by_itself_and_says_so(own, keeper, caplog):
    with caplog.at_level(logging.INFO, "windlass_server.retention"):
        keeper(poll=0.01)
        for _ in range(500):
            if not runs(own):
                break
            time.sleep(0.01)
        time.sleep(0.05)
    assert runs(own) == []
    assert "retention of experiment 0: 1 runs moved to the bin, 1 freed (0 files with 0 bytes)" in caplog.text


def test_of_several_servers_one_does_it_once_an_hour(own, keeper):
    first, second = keeper(), keeper()
    assert (first.sweep(), second.sweep(), first.sweep()) == (True, False, False)
    later = keeper(every=0)
    assert later.sweep()


def test_a_server_that_died_in_the_middle_is_replaced(own, keeper, monkeypatch):
    held = Lease(own.records, "retention", seconds=300)
    assert held.take()
    assert not keeper().sweep()
    assert len(runs(own)) == 1
    held.release()
    assert keeper().sweep()
    assert runs(own) == []


def test_a_server_that_stops_leaves_the_rest_to_others(own, keeper):
    stopped, other = keeper(), keeper()
    stopped.close()
    assert not stopped.sweep()
    assert len(runs(own)) == 1
    assert other.sweep()


def test_a_policy_goes_with_its_experiment_and_the_others_are_applied(own, keeper):
    gone = own.experiments.create("gone").experiment_id
    binned = own.experiments.create("binned").experiment_id
    for one in (gone, binned):
        own.retention.policies.put(RetentionPolicy(experiment_id=one, days=1))
        own.experiments.delete(one)
    own.tracking.experiments.purge(gone)
    assert keeper().sweep()
    assert sorted(one.experiment_id for one in own.retention.policies.visible()) == sorted(["0", binned])
    assert runs(own) == []


def test_without_a_policy_nothing_is_written(own, keeper):
    own.retention.policies.remove("0")
    assert not keeper().sweep()
    assert own.records.list("leases") == []


def test_what_equal_files_shared_is_freed_with_the_runs(tmp_path, plugins, caplog):
    settings = replace(Settings(home=tmp_path), tracking_uri=f"memory://{uuid.uuid4().hex}", artifacts_dedup=True)
    (tmp_path / "weights").write_bytes(b"w" * 10_000)
    with Workspace.open(settings, plugins) as workspace:
        for _ in range(2):
            run = workspace.runs.create("0", start_time=1)
            workspace.artifacts.upload(run.info.artifact_uri, tmp_path / "weights")
            workspace.runs.finish(run.info.run_id)
        workspace.retention.policies.put(RetentionPolicy(experiment_id="0", days=1))
        keeper = RetentionKeeper(workspace, poll=3600)
        with caplog.at_level(logging.INFO, "windlass_server.retention"):
            assert keeper.sweep()
        keeper.close()
    assert "retention freed shared contents: 1 files with 10.0 kB" in caplog.text
    assert [one for one in (tmp_path / "artifacts").rglob("*") if one.is_file()] == []
