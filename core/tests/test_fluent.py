from __future__ import annotations

import threading

import pytest

import windlass
from windlass.entities import Metric, Param, RunStatus, RunTag
from windlass.errors import Conflict, InvalidValue, NotFound
from windlass.fluent import state

pytestmark = pytest.mark.usefixtures("workspace")


def history(run, key):
    return [(one.step, one.value) for one in windlass.MlflowClient().get_metric_history(run.info.run_id, key)]


def test_a_run_ends_finished_with_its_block():
    with windlass.start_run(run_name="first", tags={"a": 1}, description="note") as run:
        windlass.log_param("depth", 3)
        windlass.log_metric("loss", 0.5, step=1)
        windlass.log_metrics({"loss": 0.25, "acc": 1}, step=2)
        windlass.set_tag("b", True)
        assert windlass.active_run().info.run_id == run.info.run_id
    done = windlass.get_run(run.info.run_id)
    assert done.info.status == RunStatus.FINISHED
    assert done.info.end_time >= done.info.start_time
    assert done.data.metrics == {"loss": 0.25, "acc": 1.0}
    assert done.data.params["depth"] == "3"
    assert (done.data.tags["a"], done.data.tags["b"], done.data.tags["mlflow.note.content"]) == ("1", "True", "note")
    assert history(run, "loss") == [(1, 0.5), (2, 0.25)]
    assert windlass.active_run() is None
    assert windlass.last_active_run().info.run_id == run.info.run_id


def test_a_run_fails_with_its_block():
    with pytest.raises(RuntimeError), windlass.start_run() as run:
        raise RuntimeError
    assert windlass.get_run(run.info.run_id).info.status == RunStatus.FAILED


def test_an_interrupted_run_is_killed():
    with pytest.raises(KeyboardInterrupt), windlass.start_run() as run:
        raise KeyboardInterrupt
    assert windlass.get_run(run.info.run_id).info.status == RunStatus.KILLED


def test_a_second_run_must_be_nested():
    with windlass.start_run() as parent:
        with pytest.raises(Conflict, match="nested=True"):
            windlass.start_run()
        with windlass.start_run(nested=True) as child:
            assert windlass.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
        assert windlass.active_run().info.run_id == parent.info.run_id


def test_a_run_left_open_inside_ends_with_the_block():
    with windlass.start_run():
        inner = windlass.start_run(nested=True)
    assert windlass.get_run(inner.info.run_id).info.status == RunStatus.FINISHED


def test_logging_begins_a_run_if_there_is_none():
    windlass.log_metric("a", 1)
    run = windlass.active_run()
    assert run.data.metrics == {"a": 1.0}
    windlass.end_run()


def test_a_run_can_be_resumed():
    with windlass.start_run() as run:
        windlass.log_param("a", 1)
    with windlass.start_run(run_id=run.info.run_id, tags={"again": "yes"}):
        assert windlass.active_run().info.status == RunStatus.RUNNING
        windlass.log_param("b", 2)
    done = windlass.get_run(run.info.run_id)
    assert dict(done.data.params) == {"a": "1", "b": "2"}
    assert done.data.tags["again"] == "yes"


def test_a_deleted_run_cannot_be_resumed():
    with windlass.start_run() as run:
        pass
    windlass.delete_run(run.info.run_id)
    with pytest.raises(Conflict, match="deleted"):
        windlass.start_run(run_id=run.info.run_id)
    windlass.restore_run(run.info.run_id)


def test_every_thread_has_a_run_of_its_own():
    seen = []

    def work():
        with windlass.start_run() as run:
            seen.append(run.info.run_id)

    with windlass.start_run() as mine:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert windlass.active_run().info.run_id == mine.info.run_id
    assert seen != [mine.info.run_id]


def test_a_param_keeps_its_value():
    with windlass.start_run():
        windlass.log_param("a", 1)
        windlass.log_param("a", 1)
        with pytest.raises(Conflict, match="'a'"):
            windlass.log_param("a", 2)


class Tensor:
    """Looks like a number of another library."""

    def __float__(self):
        return 0.125


@pytest.mark.parametrize(("value", "kept"), [(1, 1.0), (True, 1.0), (Tensor(), 0.125), (float("inf"), float("inf"))])
def test_numbers_of_any_library_are_metrics(value, kept):
    with windlass.start_run() as run:
        windlass.log_metric("a", value)
    assert windlass.get_run(run.info.run_id).data.metrics["a"] == kept


@pytest.mark.parametrize("value", ["1.5", None, [1, 2], object()])
def test_other_values_are_no_metrics(value):
    with windlass.start_run(), pytest.raises(InvalidValue, match="must be a number"):
        windlass.log_metric("a", value)


def test_the_experiment_is_made_when_it_is_set():
    experiment = windlass.set_experiment("wine")
    assert windlass.set_experiment("wine") == experiment
    with windlass.start_run() as run:
        pass
    assert run.info.experiment_id == experiment.experiment_id
    assert [one.name for one in windlass.list_experiments()] == ["wine", "Default"]
    assert windlass.get_experiment_by_name("beer") is None


def test_the_experiment_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "from environment")
    with windlass.start_run() as run:
        pass
    assert windlass.get_experiment(run.info.experiment_id).name == "from environment"


def test_a_deleted_experiment_is_not_set_in_silence():
    made = windlass.set_experiment("wine")
    windlass.delete_experiment(made.experiment_id)
    with pytest.raises(Conflict, match="windlass experiments restore"):
        windlass.set_experiment("wine")


def test_runs_are_found_as_a_list():
    for depth in (1, 2, 3):
        with windlass.start_run():
            windlass.log_param("depth", depth)
            windlass.log_metric("acc", depth / 10)
    found = windlass.search_runs(
        filter_string="metrics.acc > 0.1 and not params.depth = '2'",
        output_format="list",
        order_by=["metrics.acc DESC"],
    )
    assert [run.data.params["depth"] for run in found] == ["3"]
    assert len(windlass.list_run_infos("0")) == 3


def test_tags_of_run_contexts_are_on_every_run():
    with windlass.start_run() as run:
        pass
    tags = windlass.get_run(run.info.run_id).data.tags
    assert {"mlflow.user", "mlflow.source.name", "mlflow.source.type"} <= set(tags)
    assert windlass.get_run(run.info.run_id).info.user_id == tags["mlflow.user"]


def test_artifacts_of_several_kinds(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("hello")
    with windlass.start_run() as run:
        windlass.log_artifact(str(file), "docs")
        windlass.log_text("täxt", "text/a.txt")
        windlass.log_dict({"a": [1, 2]}, "config.json")
        with file.open("rb") as stream:
            windlass.log_stream(stream, "stream.bin")
        assert windlass.get_artifact_uri("docs").endswith("/artifacts/docs")
    base = f"runs:/{run.info.run_id}"
    assert windlass.artifacts.load_text(f"{base}/docs/notes.txt") == "hello"
    assert windlass.artifacts.load_text(f"{base}/text/a.txt") == "täxt"
    assert windlass.artifacts.load_dict(f"{base}/config.json") == {"a": [1, 2]}
    client = windlass.MlflowClient()
    assert [one.path for one in client.list_artifacts(run.info.run_id)] == ["config.json", "docs", "stream.bin", "text"]
    assert [one.path for one in client.list_artifacts(run.info.run_id, "docs")] == ["docs/notes.txt"]
    with pytest.raises(NotFound):
        windlass.log_artifact(tmp_path / "missing")


def test_the_client_logs_batches():
    client = windlass.MlflowClient()
    run = client.create_run("0", tags={"x": 1})
    client.log_batch(
        run.info.run_id,
        metrics=[Metric("a", 1, 10, 0), Metric("a", 2.0, 20, 1)],
        params=[Param("p", "1")],
        tags=[RunTag("t", "1")],
    )
    client.set_terminated(run.info.run_id)
    got = client.get_run(run.info.run_id)
    assert (got.data.metrics, dict(got.data.params), got.data.tags["t"]) == ({"a": 2.0}, {"p": "1"}, "1")
    with pytest.raises(InvalidValue, match="stands twice"):
        client.log_batch(run.info.run_id, params=[Param("q", "1"), Param("q", "2")])


def test_the_client_walks_through_the_registry():
    client = windlass.MlflowClient()
    client.create_registered_model("fraud", tags={"team": "x"}, description="d")
    first = client.create_model_version("fraud", "s3://a", tags={"k": "v"})
    second = client.create_model_version("fraud", "s3://b")
    client.transition_model_version_stage("fraud", first.version, "Production")
    client.transition_model_version_stage("fraud", second.version, "Production", archive_existing_versions=True)
    assert [one.version for one in client.get_latest_versions("fraud", stages=["Production"])] == [2]
    client.set_registered_model_alias("fraud", "champion", 2)
    assert client.get_model_version_by_alias("fraud", "champion").aliases == ("champion",)
    assert [one.version for one in client.search_model_versions("name='fraud' and tags.k = 'v'")] == [1]
    client.set_model_version_tag("fraud", stage="Production", key="live", value="yes")
    assert client.get_model_version("fraud", 2).tags == {"live": "yes"}
    copied = client.copy_model_version("models:/fraud@champion", "copy")
    assert client.get_model_version_download_uri("copy", copied.version) == "s3://b"
    client.rename_registered_model("fraud", "fraud2")
    assert [one.name for one in client.list_registered_models()] == ["copy", "fraud2"]
    client.delete_model_version("fraud2", 1)
    client.delete_registered_model("copy")
    with pytest.raises(NotFound):
        client.get_registered_model("copy")


def test_registering_what_is_not_there_is_refused():
    with windlass.start_run() as run:
        pass
    with pytest.raises(NotFound, match="no model at"):
        windlass.register_model(f"runs:/{run.info.run_id}/model", "fraud")
    assert windlass.search_registered_models() == []


def test_two_stores_do_not_mix():
    windlass.set_experiment("here")
    windlass.set_tracking_uri("memory://another-store-of-this-test")
    assert windlass.get_experiment_by_name("here") is None
    assert windlass.get_tracking_uri() == windlass.get_registry_uri() == "memory://another-store-of-this-test"


def test_a_client_may_work_on_another_store():
    other = windlass.MlflowClient("memory://yet-another-store")
    other.create_experiment("there")
    assert windlass.get_experiment_by_name("there") is None
    assert other.get_experiment_by_name("there") is not None
    assert other.tracking_uri == "memory://yet-another-store"
    assert state.current_workspace() is not other._workspace


def test_a_run_stays_in_the_store_in_which_it_began():
    with windlass.start_run() as run:
        windlass.set_tracking_uri("memory://a-store-chosen-in-the-middle")
        windlass.log_metric("a", 1.0)
    client = windlass.MlflowClient()
    with pytest.raises(NotFound):
        client.get_run(run.info.run_id)
    assert client.tracking_uri == "memory://a-store-chosen-in-the-middle"
    finished = windlass.last_active_run()
    assert (finished.info.status, finished.data.metrics) == ("FINISHED", {"a": 1.0})


def test_a_search_goes_on_over_pages_until_it_has_enough(monkeypatch):
    monkeypatch.setattr("windlass.services.paging._PAGE", 2)
    for _ in range(5):
        with windlass.start_run():
            pass
    assert len(windlass.search_runs(output_format="list")) == 5
    assert len(windlass.search_runs(output_format="list", max_results=3)) == 3
    with pytest.raises(InvalidValue, match="max_results"):
        windlass.search_runs(max_results=0)
