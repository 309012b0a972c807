"""A server that keeps equal files once."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.services.workspace import Workspace
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings

FILES = "/api/2.0/mlflow-artifacts/artifacts"
CONTENT = bytes(range(256)) * 8_000


@pytest.fixture
def sharing(tmp_path, plugins, connect):
    """A client of a server with --dedup, and the directory of its files."""
    settings = replace(Settings(home=tmp_path), tracking_uri=f"memory://{uuid.uuid4().hex}")
    settings = server_settings(settings, artifacts_destination=(tmp_path / "files").as_uri(), dedup=True)
    with Workspace.open(settings, plugins) as workspace, BackgroundServer(create_app(settings, workspace)) as server:
        yield connect(server.port), tmp_path / "files"


def test_clients_see_files_and_the_disk_holds_one_content(sharing):
    client, directory = sharing
    runs = [client.run() for _ in range(3)]
    for run_id in runs:
        assert client.send("PUT", f"{FILES}/0/{run_id}/artifacts/weights", CONTENT).status == 200
    stored = sum(one.stat().st_size for one in directory.rglob("*") if one.is_file())
    assert stored == len(CONTENT) + 3 * 128
    for run_id in runs:
        assert client.send("GET", f"{FILES}/0/{run_id}/artifacts/weights").body == CONTENT
        assert client.send("GET", f"/get-artifact?run_id={run_id}&path=weights").body == CONTENT
        listed = client.do("GET", "/artifacts/list", {"run_id": run_id})["files"]
        assert listed == [{"path": "weights", "is_dir": False, "file_size": len(CONTENT)}]
    part = client.send("GET", f"{FILES}/0/{runs[0]}/artifacts/weights", range="bytes=1000-1003")
    assert (part.status, part.body) == (206, CONTENT[1000:1004])


def test_contents_are_for_nobody_by_their_name(sharing):
    client, directory = sharing
    client.send("PUT", f"{FILES}/0/x/artifacts/weights", CONTENT)
    (blob,) = [one for one in (directory / ".windlass-blobs").rglob("*") if one.is_file()]
    path = blob.relative_to(directory).as_posix()
    for method, name in (("GET", path), ("PUT", path), ("DELETE", ".windlass-blobs")):
        assert client.send(method, f"{FILES}/{name}", CONTENT if method == "PUT" else None).status == 400
    assert blob.exists()
    listed = client.ask("GET", "/artifacts", prefix="/api/2.0/mlflow-artifacts").json["files"]
    assert [one["path"] for one in listed] == ["0"]


def test_only_files_that_the_server_serves_can_be_shared(tmp_path):
    with pytest.raises(InvalidValue, match="files that the server serves"):
        server_settings(Settings(home=tmp_path), serve_artifacts=False, dedup=True)
