"""Files over HTTP: the proxy, and files of runs, versions and logged models."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import socket
import time
import uuid
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from windlass.config import Settings
from windlass.errors import InvalidValue, PermissionDenied
from windlass.services.workspace import Workspace
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings

PROXY = "/api/2.0/mlflow-artifacts"


@pytest.fixture
def directory(api):
    """A fresh directory of the proxy."""
    return f"dir-{uuid.uuid4().hex}"


def put(api, path, content):
    answer = api.send("PUT", f"{PROXY}/artifacts/{quote(path)}", content)
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("name", ["plain.txt", "with space & ü.txt", "a+b#c?d.txt", "100%.txt"])
def test_a_file_goes_in_and_comes_back(api, directory, name):
    put(api, f"{directory}/sub/{name}", b"\x00\xffcontent")
    back = api.send("GET", f"{PROXY}/artifacts/{quote(f'{directory}/sub/{name}')}")
    assert (back.status, back.body) == (200, b"\x00\xffcontent")
    assert back.headers["content-disposition"].startswith("attachment; filename")
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["content-length"] == "9"
    listed = api.ask("GET", "/artifacts", {"path": f"{directory}/sub"}, prefix=PROXY).json["files"]
    assert listed == [{"path": name, "is_dir": False, "file_size": 9}]


def test_an_empty_file_is_a_file(api, directory):
    put(api, f"{directory}/empty", b"")
    back = api.send("GET", f"{PROXY}/artifacts/{directory}/empty")
    assert (back.status, back.body, back.headers["content-length"]) == (200, b"", "0")


def test_deleting_is_idempotent(api, directory):
    put(api, f"{directory}/a/b", b"x")
    for _ in range(2):
        assert api.send("DELETE", f"{PROXY}/artifacts/{directory}").json == {}
    assert api.ask("GET", "/artifacts", {"path": directory}, prefix=PROXY).json == {}
    assert api.send("GET", f"{PROXY}/artifacts/{directory}/a/b").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        ".windlass-0123456789abcdef.part/1",
        ".windlass-blobs/x",
        "a/../../x",
        "%2e%2e/x",
        "%252e%252e/x",
        "a/%2e%2e/%2e%2e/x",
        "..%2fx",
        "%2Fetc/..",
        "a%5cb",
        "a%00b",
    ],
)
def test_nothing_outside_is_reachable(api, path):
    for method, body in (("GET", None), ("PUT", b"x"), ("DELETE", None)):
        answer = api.send(method, f"{PROXY}/artifacts/{path}", body)
        assert answer.status == 400, (method, answer.body)
        assert answer.json["error_code"] == "INVALID_PARAMETER_VALUE"
    assert api.send("GET", f"{PROXY}/artifacts?path={path}").status == 400


def test_active_content_is_sent_as_text(api, directory):
    put(api, f"{directory}/page.html", b"<script>alert(1)</script>")
    answer = api.send("GET", f"{PROXY}/artifacts/{directory}/page.html")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"] == 'attachment; filename="page.html"'


def test_a_directory_cannot_be_fetched(api, directory):
    put(api, f"{directory}/file", b"x")
    assert api.send("GET", f"{PROXY}/artifacts/{directory}").status == 404


def test_a_part_of_a_file_is_sent_as_such(api):
    content = bytes(range(256)) * 10
    assert api.send("PUT", f"{PROXY}/artifacts/parts/of", content).status == 200
    url = f"{PROXY}/artifacts/parts/of"
    whole = api.send("GET", url)
    assert (whole.headers["accept-ranges"], whole.headers["content-length"]) == ("bytes", "2560")
    digest = hashlib.sha256(content)
    assert whole.headers["etag"] == f'"{digest.hexdigest()}"'
    assert whole.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    for asked, found in {"0-9": (0, 10), "100-": (100, 2560), "-60": (2500, 2560), "2000-9999": (2000, 2560)}.items():
        part = api.send("GET", url, range=f"bytes={asked}")
        assert (part.status, part.body) == (206, content[slice(*found)])
        assert part.headers["content-range"] == f"bytes {found[0]}-{found[1] - 1}/2560"
    for asked in ("2560-", "-0", "9-8"):
        beyond = api.send("GET", url, range=f"bytes={asked}")
        assert (beyond.status, beyond.headers["content-range"], beyond.body) == (416, "bytes */2560", b"")
    for odd in ("bytes=-", "bytes=a-b", "pages=1-2", "bytes=0-1,5-6"):
        assert api.send("GET", url, range=odd).status == 200
    assert api.send("GET", url, range="bytes=0-9", if_range='"another"').status == 200
    assert api.send("GET", url, range="bytes=0-9", if_range=whole.headers["etag"]).status == 206


def test_what_was_stored_is_answered_with_its_digest(api):
    for content in (b"", b"small", b"large" * 600_000):
        answer = api.send("PUT", f"{PROXY}/artifacts/digests/of", content)
        expected = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{expected}:"
        assert api.send("GET", f"{PROXY}/artifacts/digests/of").body == content


def begin(api, count, name="weights"):
    made = api.send("POST", f"{PROXY}/mpu/create/multi/part", json.dumps({"path": name, "num_parts": count}))
    assert made.status == 200, made.body
    return made.json["upload_id"], made.json["credentials"]


def test_a_file_comes_in_parts(api):
    upload_id, parts = begin(api, 3)
    assert [one["part_number"] for one in parts] == [1, 2, 3]
    contents = [b"a" * 1000, b"b" * 1000, b"c" * 10]
    marks = []
    for part, content in reversed(list(zip(parts, contents, strict=True))):
        place = urlsplit(part["url"])
        assert place.netloc == f"127.0.0.1:{api.port}"
        answer = api.send("PUT", f"{place.path}?{place.query}", content, **part["headers"])
        marks.append({"part_number": part["part_number"], "etag": answer.headers["etag"], "url": part["url"]})
    assert api.send("GET", f"{PROXY}/artifacts?path=multi/part").json == {}
    values = {"path": "weights", "upload_id": upload_id, "parts": marks}
    short = api.send("POST", f"{PROXY}/mpu/complete/multi/part", json.dumps({**values, "parts": marks[:2]}))
    assert (short.status, short.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert api.send("POST", f"{PROXY}/mpu/complete/multi/part", json.dumps(values)).body == b"{}"
    assert api.send("GET", f"{PROXY}/artifacts/multi/part/weights").body == b"".join(contents)


def test_an_upload_that_is_aborted_is_gone(api):
    upload_id, parts = begin(api, 2)
    values = json.dumps({"path": "weights", "upload_id": upload_id})
    for _ in range(2):
        assert api.send("POST", f"{PROXY}/mpu/abort/multi/part", values).status == 200
    place = urlsplit(parts[0]["url"])
    assert api.send("PUT", f"{place.path}?{place.query}", b"late").status == 404


@pytest.mark.parametrize(
    "values",
    [{"path": "../x", "num_parts": 1}, {"path": "x", "num_parts": 0}, {"path": "x"}, {"path": "", "num_parts": 1}],
)
def test_an_upload_that_cannot_be_is_refused(api, values):
    assert api.send("POST", f"{PROXY}/mpu/create/multi/part", json.dumps(values)).status == 400


def test_a_storage_that_signs_nothing_says_so(api):
    answer = api.send("GET", f"{PROXY}/presigned/some/path")
    assert (answer.status, answer.json["error_code"]) == (501, "NOT_IMPLEMENTED")
    run_id = api.run()
    for kind in ("upload", "download"):
        answer = api.ask("POST", f"/artifacts/presigned-{kind}-url", {"run_id": run_id, "path": "x"})
        assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def resident(pid="self"):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_large_file_passes_through_in_bounded_memory(api, running, directory, tmp_path):
    size = 192 * 1024 * 1024
    source = tmp_path / "large"
    with source.open("wb") as target:
        target.truncate(size)
    before = resident()
    with source.open("rb") as stream:
        api.connection.request("PUT", f"{PROXY}/artifacts/{directory}/large", stream, {"content-length": str(size)})
        assert api.connection.getresponse().read() == b"{}"
    api.connection.request("GET", f"{PROXY}/artifacts/{directory}/large")
    answer = api.connection.getresponse()
    received = 0
    while piece := answer.read(1 << 20):
        received += len(piece)
    assert received == size
    assert resident() - before < size // 3
    api.send("DELETE", f"{PROXY}/artifacts/{directory}")


def test_an_upload_that_breaks_off_leaves_nothing(api, running, directory):
    with socket.create_connection(("127.0.0.1", running.port)) as half:
        head = f"PUT {PROXY}/artifacts/{directory}/half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
        half.sendall(head.encode() + b"x" * 500)
    for _ in range(20):
        assert api.ask("GET", "/artifacts", {"path": directory}, prefix=PROXY).json == {}
        time.sleep(0.01)


def test_files_of_a_run_a_version_and_a_logged_model(api, experiment):
    run_id = api.run(experiment)
    put(api, f"{experiment}/{run_id}/artifacts/model/MLmodel", b"flavors: {}")
    listed = api.do("GET", "/artifacts/list", {"run_id": run_id, "path": "model"})
    assert listed["root_uri"] == f"mlflow-artifacts:/{experiment}/{run_id}/artifacts"
    assert listed["files"] == [{"path": "model/MLmodel", "is_dir": False, "file_size": 11}]
    assert api.send("GET", f"/get-artifact?run_uuid={run_id}&path=model/MLmodel").body == b"flavors: {}"
    assert api.send("GET", f"/get-artifact?run_id={run_id}&path=../x").status == 400
    assert api.send("GET", f"/get-artifact?run_id={run_id}&path=none").status == 404
    assert api.send("GET", "/get-artifact?path=none").status == 400

    name = uuid.uuid4().hex
    api.do("POST", "/registered-models/create", {"name": name})
    api.do("POST", "/model-versions/create", {"name": name, "source": f"runs:/{run_id}/model", "run_id": run_id})
    found = api.send("GET", f"/model-versions/get-artifact?name={name}&version=1&path=MLmodel")
    assert found.body == b"flavors: {}"

    made = api.do("POST", "/logged-models", {"experiment_id": experiment, "name": "m", "source_run_id": run_id})
    model_id = made["model"]["info"]["model_id"]
    put(api, f"{experiment}/models/{model_id}/artifacts/weights", b"w")
    listed = api.do("GET", f"/logged-models/{model_id}/artifacts/directories")
    assert listed["files"] == [{"path": "weights", "is_dir": False, "file_size": 1}]
    path = f"/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files?artifact_file_path=weights"
    assert api.send("GET", path).body == b"w"


def test_a_small_file_can_be_uploaded_to_a_run(api, experiment):
    run_id = api.run(experiment)
    path = f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run_id}&path=notes/a.txt"
    assert api.send("POST", path, b"note").status == 200
    assert api.send("GET", f"/get-artifact?run_id={run_id}&path=notes/a.txt").body == b"note"
    answer = api.send("POST", path, bytes(10 * 1024 * 1024 + 1))
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_a_server_without_artifacts_says_so(tmp_path, plugins, connect):
    memory = replace(Settings(home=tmp_path), tracking_uri=f"memory://{uuid.uuid4().hex}")
    settings = server_settings(memory, serve_artifacts=False)
    with Workspace.open(settings, plugins) as workspace, BackgroundServer(create_app(settings, workspace)) as started:
        api = connect(started.port)
        made = api.do("POST", "/experiments/create", {"name": "direct"})
        location = api.do("GET", "/experiments/get", made)["experiment"]["artifact_location"]
        assert location == (tmp_path / "artifacts" / made["experiment_id"]).as_uri()
        for method, path in (("GET", "artifacts"), ("PUT", "artifacts/x"), ("POST", "mpu/create/x")):
            answer = api.send(method, f"{PROXY}/{path}", b"" if method != "GET" else None)
            assert (answer.status, answer.json["error_code"]) == (501, "NOT_IMPLEMENTED")


def test_files_land_where_the_destination_says(tmp_path, plugins, connect):
    memory = replace(Settings(home=tmp_path), tracking_uri=f"memory://{uuid.uuid4().hex}")
    settings = server_settings(memory, artifacts_destination=str(tmp_path / "else where"))
    with Workspace.open(settings, plugins) as workspace, BackgroundServer(create_app(settings, workspace)) as started:
        put(connect(started.port), "a/b.txt", b"x")
    assert (tmp_path / "else where" / "a" / "b.txt").read_bytes() == b"x"
    assert os.listdir(tmp_path / "else where" / "a") == ["b.txt"]  # noqa: PTH208  hidden names count


@pytest.mark.parametrize("scheme", ["http", "webhdfs"])
def test_a_location_of_a_client_leads_to_no_other_hosts(api, scheme):
    location = f"{scheme}://127.0.0.1:{api.port}"
    experiment = api.do("POST", "/experiments/create", {"name": uuid.uuid4().hex, "artifact_location": location})
    run_id = api.do("POST", "/runs/create", experiment)["run"]["info"]["run_id"]
    for answer in (
        api.ask("GET", "/artifacts/list", {"run_id": run_id}),
        api.ask("GET", "/get-artifact", {"run_id": run_id, "path": "health"}, prefix=""),
        api.send("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_id={run_id}&path=x", b"new"),
    ):
        assert answer.status == 403, answer.body
        assert b"--allowed-artifact-locations" in answer.body


def test_a_server_touches_the_places_that_it_was_told_to(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "note").write_text("for all")
    place = (tmp_path / "shared").as_uri()
    settings = server_settings(
        Settings(home=tmp_path, allowed_artifact_locations=(place,)), backend_store_uri=f"sqlite:///{tmp_path}/x.db"
    )
    with Workspace.open(settings) as workspace:
        create_app(settings, workspace)
        assert workspace.experiments.create("shared", artifact_location=place).artifact_location == place
        with pytest.raises(InvalidValue, match="no local paths"):
            workspace.experiments.create("elsewhere", artifact_location=tmp_path.as_uri())
        assert [one.path for one in workspace.artifacts.list(place)] == ["note"]
        with pytest.raises(PermissionDenied):
            workspace.artifacts.list(tmp_path.as_uri())
