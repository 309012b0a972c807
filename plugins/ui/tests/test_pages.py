from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from windlass.config import Settings
from windlass.entities import Metric
from windlass.services.workspace import Workspace
from windlass_ui.plugin import windlass_routes


@pytest.fixture
def workspace(tmp_path):
    settings = Settings(home=tmp_path, tracking_uri="memory:", artifact_root=(tmp_path / "artifacts").as_uri())
    with Workspace.open(settings) as opened:
        yield opened


@pytest.fixture
def browser(workspace):
    with TestClient(Litestar(windlass_routes(workspace))) as client:
        yield client


def test_the_first_page_lists_experiments_and_models(workspace, browser):
    workspace.experiments.create("wine")
    workspace.registered_models.create("wine-model")
    workspace.model_versions.create("wine-model", "s3://x")
    workspace.registered_models.set_alias("wine-model", "champion", 1)
    page = browser.get("/")
    assert page.status_code == 200
    for text in ("wine", "Default", "wine-model", "@champion = 1"):
        assert text in page.text


def test_runs_are_shown_with_metrics_and_params(workspace, browser):
    run = workspace.runs.create("0", run_name="first")
    workspace.runs.log(run.info.run_id, metrics=[Metric("loss", 0.125, 1)], params={"depth": "3"})
    page = browser.get("/experiments/0").text
    for text in ("first", "loss", "0.125", "depth", f"/runs/{run.info.run_id}"):
        assert text in page


def test_filter_and_order_are_the_query_language(workspace, browser):
    for depth in ("1", "2"):
        run = workspace.runs.create("0", run_name=f"depth-{depth}")
        workspace.runs.log(run.info.run_id, params={"depth": depth})
    page = browser.get("/experiments/0", params={"filter": "not params.depth = '1'"}).text
    assert "depth-2" in page
    assert "depth-1" not in page
    wrong = browser.get("/experiments/0", params={"filter": "metrics.a >"})
    assert wrong.status_code == 400
    assert "expected a number" in wrong.text


def test_more_runs_than_fit_go_on_another_page(workspace, browser):
    for number in range(101):
        workspace.runs.create("0", run_name=f"run-{number}", start_time=number)
    first = browser.get("/experiments/0").text
    assert "run-100<" in first
    assert "run-0<" not in first
    link = first.partition('<a href="?')[2].partition('"')[0].replace("&amp;", "&")
    assert "run-0<" in browser.get(f"/experiments/0?{link}").text


def test_a_run_is_shown_with_its_files(workspace, browser, tmp_path):
    run = workspace.runs.create("0", run_name="first")
    (tmp_path / "a.txt").write_text("hello")
    workspace.artifacts.upload(run.info.artifact_uri, tmp_path / "a.txt", "docs/a.txt")
    assert "docs/" in browser.get(f"/runs/{run.info.run_id}").text
    page = browser.get(f"/runs/{run.info.run_id}", params={"path": "docs"}).text
    assert f"/get-artifact?run_id={run.info.run_id}&amp;path=docs/a.txt" in page
    assert "5 bytes" in page


@pytest.mark.parametrize("path", ["/runs/nope", "/experiments/999"])
def test_what_is_not_there_is_a_page_that_says_so(browser, path):
    page = browser.get(path)
    assert page.status_code == 404
    assert "All experiments" in page.text


def test_what_people_log_is_text_and_never_markup(workspace, browser):
    evil = "<script>alert(1)</script>"
    workspace.experiments.create(evil)
    run = workspace.runs.create("0", run_name=evil, tags={"a": evil})
    for path in ("/", "/experiments/0", f"/runs/{run.info.run_id}"):
        page = browser.get(path)
        assert evil not in page.text
        assert "&lt;script&gt;" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_path_out_of_the_run_is_refused_on_the_page(workspace, browser):
    run = workspace.runs.create("0")
    assert "must be a relative path" in browser.get(f"/runs/{run.info.run_id}", params={"path": "../.."}).text
