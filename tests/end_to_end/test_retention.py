"""Retention on every database: what a policy keeps, throws away and removes for good, with its files."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from windlass.config import Settings
from windlass.entities import Metric, ViewType
from windlass.errors import NotFound
from windlass.services.identity import now_ms
from windlass.services.retention.policy import RetentionPolicy
from windlass.services.workspace import Workspace
from windlass_sql.testing import new_database

DAY = 86_400_000


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def workspace(request, tmp_path):
    """A workspace on a new database."""
    with ExitStack() as stack:
        uri = f"sqlite:///{tmp_path}/runs.db"
        if request.param != "sqlite":
            uri = stack.enter_context(new_database(request.param)).text
        settings = Settings(home=tmp_path / "home", tracking_uri=uri, artifact_root=(tmp_path / "files").as_uri())
        yield stack.enter_context(Workspace.open(settings))


def test_what_a_policy_does_not_keep_goes_with_its_files(workspace, tmp_path):
    experiment_id = workspace.experiments.create("wine").experiment_id
    (tmp_path / "weights").write_bytes(b"x" * 1000)
    runs = {}
    for number, name in enumerate(("worst", "bad", "good", "best", "young")):
        age = 0 if name == "young" else 100
        run = workspace.runs.create(experiment_id, run_name=name, start_time=now_ms() - age * DAY)
        workspace.runs.log(run.info.run_id, metrics=[Metric("acc", float(number % 4), 1)])
        workspace.artifacts.upload(run.info.artifact_uri, tmp_path / "weights")
        workspace.runs.finish(run.info.run_id)
        runs[name] = run.info
    policy = RetentionPolicy(experiment_id=experiment_id, best=2, metric="acc", days=30, grace_days=0)
    workspace.retention.policies.put(policy)
    assert workspace.retention.policies.visible() == [policy]

    plan = workspace.retention.preview(experiment_id)
    assert {one.run.info.run_name for one in plan.going} == {"worst", "bad"}
    assert (plan.count.files, plan.count.size) == (2, 2000)

    workspace.retention.apply(experiment_id)
    workspace.retention.apply(experiment_id)
    left = {one.info.run_name for one in workspace.runs.search([experiment_id], view=ViewType.ALL)}
    assert left == {"good", "best", "young"}
    with pytest.raises(NotFound):
        workspace.runs.get(runs["worst"].run_id)
    assert workspace.artifacts.list(runs["bad"].artifact_uri) == []
    assert [one.file_size for one in workspace.artifacts.list(runs["good"].artifact_uri)] == [1000]
