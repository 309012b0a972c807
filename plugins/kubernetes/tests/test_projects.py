"""Projects as Jobs: what the cluster sees of them, and how they end."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace

import pytest
import yaml

from windlass.config import Settings
from windlass.entities import Project, ProjectEnvironment, ProjectRun, ProjectSource, RunStatus
from windlass.errors import InvalidValue, NotFound, Unavailable, Unsupported
from windlass.services.workspace import Workspace
from windlass_kubernetes.projects.backend import KubernetesProjectBackend

WAITS = "import time; print('up', flush=True); time.sleep(300)"


class Case:
    """Runs pieces of Python as projects in a namespace of the double."""

    def __init__(self, double, workspace, directory):
        self.double, self.workspace, self.directory = double, workspace, directory
        self.backend = KubernetesProjectBackend.open(workspace.settings)
        self.config = {"kube-context": "double", "namespace": double.place.namespace, "grace": 1}
        self.config |= {"tracking_uri": workspace.settings.tracking_uri}

    def project(self, code="", image="windlass/test:1", **environment):
        (self.directory / "code.py").write_text(code, encoding="utf-8")
        manager = "docker" if image else "local"
        return Project(
            source=ProjectSource(uri=str(self.directory)), directory=self.directory, entry_point="main",
            command=("python", "code.py"),
            environment=ProjectEnvironment(manager=manager, image=image, **environment),
        )  # fmt: skip

    def submit(self, project, **config):
        run = self.workspace.runs.create("0")
        uri = self.workspace.settings.tracking_uri
        told = ProjectRun(
            project=project, run_id=run.info.run_id, experiment_id="0", tracking_uri=uri,
            config={**self.config, **config},
        )  # fmt: skip
        return self.backend.submit(told), run.info.run_id

    def until_printed(self, handle, text):
        seen = ""
        for piece in handle.logs():
            seen += piece
            if text in seen:
                return seen
        raise AssertionError(seen)

    def until_gone(self):
        give_up = time.monotonic() + 30
        while self.double.left() or self.double.objects("pods"):
            assert time.monotonic() < give_up, self.double.left()
            time.sleep(0.1)


@pytest.fixture
def case(double, tmp_path):
    (tmp_path / "code").mkdir()
    settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/runs.db", token="s3cret-token")
    with Workspace.open(settings) as workspace:
        yield Case(double, workspace, tmp_path / "code")


def test_a_template_is_filled_and_no_spec_shows_what_is_secret(case, tmp_path, monkeypatch):
    monkeypatch.setenv("OWN_SECRET", "s3cret-own")
    monkeypatch.setenv("WINDLASS_TOKEN", "s3cret-token")
    template = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "any", "annotations": {"team": "risk"}},
        "spec": {"ttlSecondsAfterFinished": 100, "template": {"spec": {
            "serviceAccountName": "trainer",
            "containers": [{
                "name": "any", "image": "other:1", "command": ["x"], "args": ["y"],
                "env": [{"name": "KEPT", "value": "1"}, {"name": "MLFLOW_RUN_ID", "value": "wrong"}],
                "resources": {"limits": {"memory": "1Gi"}},
            }],
        }}},
    }  # fmt: skip
    file = tmp_path / "job.yaml"
    file.write_text(yaml.safe_dump(template))
    code = "import os, time; print(os.environ['KEPT'], os.environ['OWN_SECRET'], os.environ['NEW'], os.environ['MLFLOW_RUN_ID'], flush=True); time.sleep(300)"  # noqa: E501
    project = case.project(code, image_variables=(("NEW", "2"),))
    handle, run_id = case.submit(project, **{"kube-job-template-path": str(file), "variables": ["OWN_SECRET"], "timeout": 500, "cpus": 1})  # fmt: skip  # noqa: E501
    assert f"1 s3cret-own 2 {run_id}" in case.until_printed(handle, run_id)
    (job,) = case.double.objects("jobs", "/apis/batch/v1")
    pod_spec = job["spec"]["template"]["spec"]
    container = pod_spec["containers"][0]
    assert (job["metadata"]["annotations"], pod_spec["serviceAccountName"]) == ({"team": "risk"}, "trainer")
    assert (job["spec"]["activeDeadlineSeconds"], job["spec"]["ttlSecondsAfterFinished"]) == (500, 100)
    assert container["image"] == "windlass/test:1"
    assert container["resources"] == {"limits": {"memory": "1Gi"}, "requests": {"cpu": "1"}} or container["resources"] == {"requests": {"cpu": "1"}}  # fmt: skip  # noqa: E501
    assert "s3cret" not in json.dumps([job, case.double.objects("pods")])
    owners = [one["metadata"]["ownerReferences"][0]["uid"] for one in case.double.objects("secrets")]
    assert owners
    assert set(owners) == {job["metadata"]["uid"]}
    handle.cancel()
    assert case.workspace.runs.get(run_id).info.status == RunStatus.KILLED
    case.until_gone()


def test_a_pod_that_somebody_kills_fails_the_run_and_none_follows_it(case):
    handle, run_id = case.submit(case.project(WAITS))
    case.until_printed(handle, "up")
    (pod,) = case.double.objects("pods")
    path = f"/api/v1/namespaces/{case.double.place.namespace}/pods/{pod['metadata']['name']}"
    case.double.send("DELETE", path)
    assert handle.wait() == RunStatus.FAILED
    assert "removed the pod" in "".join(handle.logs())
    assert case.workspace.runs.get(run_id).info.status == RunStatus.FAILED
    case.until_gone()


def test_a_command_that_takes_too_long_is_ended_by_the_cluster(case):
    handle, _ = case.submit(case.project(WAITS), timeout=2)
    assert handle.wait() == RunStatus.FAILED
    assert "took longer than its timeout" in "".join(handle.logs())
    case.until_gone()


def test_an_image_that_is_not_there_fails_the_run(case):
    handle, _ = case.submit(case.project(image="nowhere/none:1"))
    assert handle.wait() == RunStatus.FAILED
    assert "ImagePullBackOff: the image nowhere/none:1" in "".join(handle.logs())
    case.until_gone()


def test_a_job_that_is_forbidden_fails_the_run_and_leaves_no_secret(case):
    case.double.fail({"verb": "POST", "plural": "jobs", "status": 403, "message": "jobs.batch is forbidden"})
    handle, _ = case.submit(case.project())
    assert handle.wait() == RunStatus.FAILED
    assert "jobs.batch is forbidden" in "".join(handle.logs())
    case.until_gone()


def test_a_pod_that_waits_says_for_what_and_can_be_cancelled(case):
    handle, _ = case.submit(case.project(), cpus=500)
    assert "Unschedulable" in case.until_printed(handle, "waiting: ")
    handle.cancel()
    assert handle.status() == RunStatus.KILLED
    case.until_gone()


def test_a_log_goes_on_after_a_lost_connection(case):
    case.double.fail({"verb": "GET", "plural": "log", "cut": "before", "times": 3})
    handle, _ = case.submit(case.project("print('one'); print('two')"))
    assert handle.wait() == RunStatus.FINISHED
    assert "one\ntwo\n" in "".join(handle.logs())


def test_what_a_killed_supervisor_leaves_is_removed(case):
    handle, run_id = case.submit(case.project(WAITS))
    case.until_printed(handle, "up")
    os.kill(handle._pid, signal.SIGKILL)
    assert handle.wait() == RunStatus.FAILED
    case.until_gone()
    del run_id


def test_code_of_the_image_is_run_as_it_is(case):
    project = replace(case.project(), command=("python", "-c", "print('of the image')"))
    handle, _ = case.submit(project, skip_image_build=True, **{"repository-uri": "registry.example.org/x"})
    assert handle.wait() == RunStatus.FINISHED
    printed = "".join(handle.logs())
    assert "of the image" in printed
    assert "repository-uri is not needed" in printed


def test_what_cannot_run_is_refused_before_there_is_a_run(case, tmp_path):
    check, config = case.backend.check, case.config
    with pytest.raises(InvalidValue, match="needs one to run on Kubernetes"):
        check(case.project(image=None), config)
    for bad in ({"cpus": "many"}, {"gpus": 0}, {"timeout": -1}, {"namespace": "A/B"}, {"secrets": "x"}, {"grace": -1}):
        with pytest.raises(InvalidValue, match=next(iter(bad))):
            check(case.project(), {**config, **bad})
    with pytest.raises(NotFound, match="no template"):
        check(case.project(), {**config, "kube-job-template-path": str(tmp_path / "none.yaml")})
    (tmp_path / "pod.yaml").write_text("kind: Pod\n")
    with pytest.raises(InvalidValue, match="must hold a Job"):
        check(case.project(), {**config, "kube-job-template-path": str(tmp_path / "pod.yaml")})
    with pytest.raises(Unsupported, match="in a file of this machine"):
        check(case.project(), {key: value for key, value in config.items() if key != "tracking_uri"})
    case.double.file.write_text(case.double.file.read_text().replace(case.double.url, "http://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="cannot be reached"):
        check(case.project(), config)
